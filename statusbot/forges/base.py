"""What the forge adapters hand on: repositories, statuses, requests, and what answers mean.

Nothing here does I/O. An adapter makes a ``Request``, the transport turns it into an ``Answer``, and
the adapter says what that means.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from statusbot.forges.headers import Headers
from statusbot.results.state import State

if TYPE_CHECKING:
    from statusbot.forges.address import Place

Scope = Literal["status", "commit", "repository", "login"]


@dataclass(frozen=True)
class Repository:
    """One repository of one forge.

    ``api`` is the root of the forge's API without a trailing slash (``https://api.github.com``,
    ``https://ghe.example/api/v3``, ``http://127.0.0.1:3000/git/api/v1``), ``path`` is
    ``owner/repo`` as it was written, ``host`` is where people see it: ``host[:port][/sub/path]``.
    ``pages`` is the address of its commits' pages, to which the SHA is added. ``named`` is false
    where only a number is known (GitLab), which no other address can be compared with.
    """

    type: str
    api: str
    path: str
    host: str
    pages: str = ""
    named: bool = True

    @property
    def key(self) -> str:
        """``host[:port][/sub/path]/owner/repo`` in lower case: one name for one repository."""
        return f"{self.host}/{self.path}".lower()

    def web(self, commit: str) -> str:
        """The page of a commit, for people."""
        scheme = self.api.partition("://")[0]
        return (self.pages or f"{scheme}://{self.host}/{self.path}/commit/") + commit


@dataclass(frozen=True)
class Row:
    """One commit status: as a forge shows it, or as it should be shown.

    ``description`` and ``url`` are empty when there is none. What we want shown has no ``created``
    and the ``id`` 0. ``state`` is None for a word that is not one of our four (Gitea's
    ``warning``): such a row is somebody else's, and equals nothing that we write.
    A forge that identifies rows by a key (Bitbucket) shows that in place of the ``context``.
    ``genre`` is Azure's name space of contexts, ``name`` the title that Bitbucket wants, ``words``
    the reason as Flux words it, which that title ends with on Data Center.
    """

    context: str
    state: State | None
    description: str = ""
    url: str = ""
    created: datetime | None = None
    id: int = 0
    genre: str = ""
    name: str = ""
    words: str = ""


@dataclass(frozen=True)
class Request:
    """One call of a forge's API, without its login. ``body`` goes out as JSON."""

    method: str
    url: str
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a forge answered, whatever its status code. ``url`` is the address that answered.

    ``secrets`` are what its words must not show, should it repeat them.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=Headers)
    body: bytes = field(default=b"", repr=False)
    url: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        """Let header names compare without case, whoever made the answer."""
        if not isinstance(self.headers, Headers):
            object.__setattr__(self, "headers", Headers(self.headers))

    def json(self) -> Any:
        """The body's JSON value, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Login:
    """The headers that show who we are. Two logins with equal headers are one.

    ``secrets`` are the strings of it that must never be shown, with which texts are redacted.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class App:
    """An installation of a GitHub App, whose tokens last an hour.

    ``installation`` is its number; where that is empty, ``owner`` names whose it is. ``api`` is the
    root of the API that gives the tokens, ``key`` the App's private key as PEM.
    """

    id: str
    installation: str
    owner: str
    api: str
    key: str = field(repr=False)


Credential = Login | App


@dataclass(frozen=True)
class Stored:
    """The status is there: the forge said so."""


@dataclass(frozen=True)
class Shown:
    """A read gave what it should: ask the adapter for ``rows`` and ``next_page``."""


@dataclass(frozen=True)
class Missing:
    """A read's 404 that may mean the commit or the repository; only a write's answer can tell."""

    why: str


@dataclass(frozen=True)
class Limited:
    """Too many calls. Nothing was stored; ``seconds`` to wait, None where the forge names none.

    ``alone``: no other call is concerned, so this one comes back at a moment of its own.
    """

    seconds: float | None
    why: str
    alone: bool = False


@dataclass(frozen=True)
class Refused:
    """The forge will not have it.

    ``final``: the same request will be refused again until the request itself differs, so it is
    settled; otherwise somebody may mend it, and the next run tries again. ``scope`` is what else
    is hopeless in this run: this status only, all of this commit, all of this repository, or
    everything with this login.
    """

    why: str
    final: bool
    scope: Scope


@dataclass(frozen=True)
class Unclear:
    """The status may or may not be stored: read before writing again.

    Of a read: the forge could not answer now. ``seconds`` is how long it asked to be left alone.
    """

    why: str
    seconds: float | None = None


Meaning = Stored | Limited | Refused | Unclear
ReadMeaning = Shown | Missing | Limited | Refused | Unclear


class Forge(Protocol):
    """What an adapter knows about its kind of forge; no I/O, no state."""

    @property
    def type(self) -> str:
        """The Provider's ``spec.type``."""

    @property
    def description_limit(self) -> int:
        """The longest description, by ``length``."""

    @property
    def context_limit(self) -> int:
        """The longest context, by ``length``."""

    @property
    def by_key(self) -> bool:
        """Whether a write replaces the row of its key, so that repeating it doubles nothing."""

    @property
    def reads_by_key(self) -> bool:
        """Whether a read is of one context alone, so that 404 says no more than that it has no row."""

    @property
    def patience(self) -> float:
        """Seconds that a good answer may take, where the Provider does not say."""

    def length(self, text: str) -> int:
        """How long the forge counts a text to be, in the unit of its limits."""

    def canonical(self, place: Place) -> Place:
        """The place that all addresses of one repository have in common, for comparing them."""

    def repository(self, address: str, api_url: str | None = None) -> Repository:
        """The repository of a Provider's address; StatusbotError names the form that works."""

    def authorization(self, secret: Mapping[str, str], username: str, api: str) -> Credential:
        """The login of a Provider's Secret; StatusbotError names the keys that are wanted.

        ``username`` is the Provider's ``spec.username``, ``api`` its repository's.
        """

    def write(self, repository: Repository, commit: str, row: Row) -> Request:
        """The request that stores ``row`` on ``commit``."""

    def reads(
        self, repository: Repository, commit: str, keys: Collection[str]
    ) -> Sequence[Request]:
        """The requests that show the rows of ``commit`` with these keys, the first page of each.

        A forge whose list holds all of them needs one, whatever the number of keys.
        """

    def next_page(self, answer: Answer) -> str | None:
        """The address of the page after ``answer``, always on the forge that answered."""

    def rows(self, answer: Answer) -> list[Row]:
        """The statuses on the page ``answer``; no context's newest is missing from all pages."""

    def meaning(self, answer: Answer) -> Meaning:
        """What the answer to a write means."""

    def read_meaning(self, answer: Answer) -> ReadMeaning:
        """What the answer to a read means."""

    def genre(self, summary: str) -> str:
        """The genre of contexts under an Alert's ``summary``; empty where the forge has none."""

    def context_key(self, context: str, genre: str = "") -> str:
        """Contexts with equal keys are one context to the forge."""

    def row_key(self, row: Row) -> str:
        """The ``context_key`` of a row that the forge showed."""

    def newest(self, rows: Sequence[Row]) -> dict[str, Row]:
        """Context key to the row that the forge shows for it."""

    def write_limits(self, repository: Repository) -> tuple[tuple[int, float], ...]:
        """The forge's published limits of one login's writes: (how many, in how many seconds)."""
