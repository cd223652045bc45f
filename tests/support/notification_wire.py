"""How the notification-controller v1.9.3 speaks to each forge (``internal/notifier/*.go``).

GitHub and Gitea are as its recorded calls show them, the others as its source has them. Each asks
once, compares with what the forge shows, and writes once if that is not the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Said:
    """What it has to say of a commit. ``context`` is Flux's own, ``title`` is ``kind/name``."""

    commit: str
    context: str
    title: str
    words: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """A path and its query."""

    path: str
    query: Mapping[str, str]


class Wire(Protocol):
    """One forge's API. ``at`` are the segments of the Provider's address behind the host."""

    agent: str
    nothing: tuple[int, ...]  # the answers that mean that there is no status yet

    def read(self, at: Sequence[str], said: Said) -> Ask:
        """The one GET."""

    def shows(self, answer: Any, said: Said) -> bool:
        """Whether the JSON of a 200 shows it already."""

    def write(self, at: Sequence[str], said: Said) -> Ask:
        """Where to POST."""

    def body(self, at: Sequence[str], said: Said, address: str) -> dict[str, Any]:
        """What to POST."""


class GitHub:
    """An Enterprise Server, since no embedded forge is github.com."""

    agent = "go-github/v64.0.0"
    nothing: tuple[int, ...] = ()

    def read(self, at: Sequence[str], said: Said) -> Ask:
        return Ask(
            f"/api/v3/repos/{'/'.join(at)}/commits/{said.commit}/statuses", {"per_page": "50"}
        )

    def shows(self, answer: Any, said: Said) -> bool:
        mine = [row for row in answer if row["context"] == said.context and row["description"]]
        return bool(mine) and (mine[0]["state"], mine[0]["description"]) == _usual(said)

    def write(self, at: Sequence[str], said: Said) -> Ask:
        return Ask(f"/api/v3/repos/{'/'.join(at)}/statuses/{said.commit}", {})

    def body(self, at: Sequence[str], said: Said, address: str) -> dict[str, Any]:
        state, words = _usual(said)
        return {"state": state, "description": words, "context": said.context}


class Gitea:
    """As GitHub, but for the words of the API."""

    agent = "Go-http-client/1.1"
    nothing: tuple[int, ...] = ()

    def read(self, at: Sequence[str], said: Said) -> Ask:
        path = f"/api/v1/repos/{'/'.join(at)}/commits/{said.commit}/statuses"
        return Ask(path, {"limit": "50", "page": "1"})

    def shows(self, answer: Any, said: Said) -> bool:
        mine = [row for row in answer if row["context"] == said.context and row["description"]]
        return bool(mine) and (mine[0]["status"], mine[0]["description"]) == _usual(said)

    def write(self, at: Sequence[str], said: Said) -> Ask:
        return Ask(f"/api/v1/repos/{'/'.join(at)}/statuses/{said.commit}", {})

    def body(self, at: Sequence[str], said: Said, address: str) -> dict[str, Any]:
        state, words = _usual(said)
        return {"state": state, "target_url": "", "description": words, "context": said.context}


class GitLab:
    """Any row of the name that says the same is enough."""

    agent = "go-gitlab"
    nothing: tuple[int, ...] = ()

    def read(self, at: Sequence[str], said: Said) -> Ask:
        path = f"/api/v4/projects/{_project(at)}/repository/commits/{said.commit}/statuses"
        return Ask(path, {"name": said.context})

    def shows(self, answer: Any, said: Said) -> bool:
        same = (self._state(said), said.words, said.context)
        return same in [(row["status"], row["description"], row["name"]) for row in answer]

    def write(self, at: Sequence[str], said: Said) -> Ask:
        return Ask(f"/api/v4/projects/{_project(at)}/statuses/{said.commit}", {})

    def body(self, at: Sequence[str], said: Said, address: str) -> dict[str, Any]:
        return {"state": self._state(said), "name": said.context, "description": said.words}

    def _state(self, said: Said) -> str:
        return "failed" if said.failed else "success"


class Bitbucket:
    """A status is known by the SHA-1 of its context.

    It reads the one status by its key, which the embedded forge does not serve: the list has it.
    """

    agent = "Go-http-client/1.1"
    nothing: tuple[int, ...] = ()

    def read(self, at: Sequence[str], said: Said) -> Ask:
        path = f"/2.0/repositories/{'/'.join(at)}/commit/{said.commit}/statuses"
        return Ask(path, {"pagelen": "100"})

    def shows(self, answer: Any, said: Said) -> bool:
        found = [row for row in answer["values"] if row["key"] == _key(said)]
        return bool(found) and (found[0]["state"], found[0]["description"]) == _shouted(said)

    def write(self, at: Sequence[str], said: Said) -> Ask:
        return Ask(f"/2.0/repositories/{'/'.join(at)}/commit/{said.commit}/statuses/build", {})

    def body(self, at: Sequence[str], said: Said, address: str) -> dict[str, Any]:
        state, words = _shouted(said)
        return {
            "key": _key(said),
            "state": state,
            "name": said.title,
            "description": words,
            "url": "https://bitbucket.org",
        }


class BitbucketServer:
    """The title has to be the same, too."""

    agent = "Go-http-client/1.1"
    nothing: tuple[int, ...] = (404,)

    def read(self, at: Sequence[str], said: Said) -> Ask:
        return Ask(self.write(at, said).path, {"key": _key(said)})

    def shows(self, answer: Any, said: Said) -> bool:
        shown = (answer["state"], answer.get("description"), answer.get("name"))
        return shown == (*_shouted(said), self._title(said))

    def write(self, at: Sequence[str], said: Said) -> Ask:
        *_, key, slug = at
        root = f"/rest/api/latest/projects/{key}/repos/{slug}"
        return Ask(f"{root}/commits/{said.commit}/builds", {})

    def body(self, at: Sequence[str], said: Said, address: str) -> dict[str, Any]:
        state, words = _shouted(said)
        return {
            "description": words,
            "key": _key(said),
            "name": self._title(said),
            "state": state,
            "url": address,
        }

    def _title(self, said: Said) -> str:
        return f"{said.title} [{said.words}]"


class AzureDevOps:
    """The first row of its genre and name decides.

    In which order Azure gives them is not documented. Here it is the newest first: otherwise a
    status of Flux's own could not change more than once.
    """

    agent = "Go-http-client/1.1"
    nothing: tuple[int, ...] = ()

    def read(self, at: Sequence[str], said: Said) -> Ask:
        return Ask(self.write(at, said).path, {"api-version": "5.1"})

    def shows(self, answer: Any, said: Said) -> bool:
        rows = sorted(answer["value"], key=lambda row: -int(row["id"]))
        mine = [row for row in rows if row["context"] == self._context(said)]
        state = "error" if said.failed else "succeeded"
        return bool(mine) and (mine[0]["state"], mine[0]["description"]) == (state, said.words)

    def write(self, at: Sequence[str], said: Said) -> Ask:
        organisation, project, _, repo = at
        root = f"/{organisation}/{project}/_apis/git/repositories/{repo}"
        return Ask(f"{root}/commits/{said.commit}/statuses", {"api-version": "5.1"})

    def body(self, at: Sequence[str], said: Said, address: str) -> dict[str, Any]:
        return {
            "state": "error" if said.failed else "succeeded",
            "description": said.words,
            "context": self._context(said),
        }

    def _context(self, said: Said) -> dict[str, str]:
        return {"genre": "fluxcd", "name": said.context}


WIRES: dict[str, Wire] = {
    "azuredevops": AzureDevOps(),
    "bitbucket": Bitbucket(),
    "bitbucketserver": BitbucketServer(),
    "gitea": Gitea(),
    "github": GitHub(),
    "gitlab": GitLab(),
}


def _usual(said: Said) -> tuple[str, str]:
    return ("failure" if said.failed else "success", said.words)


def _shouted(said: Said) -> tuple[str, str]:
    return ("FAILED" if said.failed else "SUCCESSFUL", said.words)


def _key(said: Said) -> str:
    return hashlib.sha1(said.context.encode(), usedforsecurity=False).hexdigest()


def _project(at: Sequence[str]) -> str:
    return quote("/".join(at), safe="")
