"""One face for the real Gitea and the embedded one, so that one suite can hold both."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from statusbot.demo.forge import EmbeddedForge, Rights
from tests.real.gitea import Gitea

_NUMBERS = itertools.count(1)


def _sha() -> str:
    return hashlib.sha1(str(next(_NUMBERS)).encode()).hexdigest()


class Setup(Protocol):
    """What a test may prepare behind the API's back."""

    def new_commit(self) -> str: ...

    def new_repository(self, name: str, *, private: bool = False) -> tuple[str, str]: ...

    def change(self, repository: str, **settings: object) -> None: ...


@dataclass
class Embedded:
    """The embedded forge prepared as ``tests.real.gitea`` prepares the real one."""

    forge: EmbeddedForge
    repository: str = "acme/fleet"

    def new_commit(self) -> str:
        sha = _sha()
        self.forge.add_repository(self.repository, {sha})
        return sha

    def new_repository(self, name: str, *, private: bool = False) -> tuple[str, str]:
        sha = _sha()
        self.forge.add_repository(f"acme/{name}", {sha}, private=private)
        return f"acme/{name}", sha

    def change(self, repository: str, **settings: object) -> None:
        if "name" in settings:
            self.forge.rename(repository, f"acme/{settings['name']}")
        if "archived" in settings:
            self.forge.add_repository(repository, (), archived=bool(settings["archived"]))


@dataclass(frozen=True)
class Subject:
    """One of the two, called as any client would: raw HTTP, no redirects followed."""

    url: str
    repository: str
    tokens: dict[str, str] = field(repr=False)
    setup: Setup

    @property
    def commit(self) -> str:
        """A commit without statuses, a new one at each access."""
        return self.setup.new_commit()

    def send(
        self,
        method: str,
        path: str,
        *,
        login: str | None = "writer",
        repository: str | None = None,
        **options: Any,
    ) -> requests.Response:
        """``path`` below the repository; ``login`` names a token, None sends none."""
        headers = dict(options.pop("headers", {}))
        if login is not None:
            headers["Authorization"] = f"token {self.tokens[login]}"
        url = f"{self.url}/api/v1/repos/{repository or self.repository}/{path}"
        return requests.request(
            method, url, headers=headers, timeout=30, allow_redirects=False, **options
        )

    def write(self, sha: str, **body: Any) -> requests.Response:
        """Store a status; what is not said is success of the context "c"."""
        known = {key: body.pop(key) for key in ("login", "repository") if key in body}
        body = {"state": "success", "context": "c", **body}
        return self.send("POST", f"statuses/{sha}", json=body, **known)

    def rows(self, sha: str, **query: str | int) -> list[dict[str, Any]]:
        """One page of a commit's rows."""
        answer = self.send("GET", f"commits/{sha}/statuses", params=query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def combined(self, sha: str, **query: str | int) -> dict[str, Any]:
        """One page of the newest row of each context, with what is around it."""
        answer = self.send("GET", f"commits/{sha}/status", params=query)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()
        return value


def of_gitea(gitea: Gitea) -> Subject:
    """The real one."""
    tokens = {
        "writer": gitea.token,
        "reader": gitea.read_token,
        "visitor": gitea.visitor_token,
        "nobody": "0" * 40,
    }
    return Subject(gitea.url, gitea.repository, tokens, gitea)


def of_embedded(forge: EmbeddedForge) -> Subject:
    """The embedded one, with the same four logins and the same repository."""
    rights = {"writer": Rights.WRITE, "reader": Rights.READ, "visitor": Rights.VISITOR}
    for login, right in rights.items():
        forge.add_token(f"token-of-the-{login}", right)
    setup = Embedded(forge)
    forge.add_repository(setup.repository, ())
    tokens = {login: f"token-of-the-{login}" for login in (*rights, "nobody")}
    return Subject(forge.url, setup.repository, tokens, setup)
