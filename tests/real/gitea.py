"""A real Gitea on a free port of loopback: users, tokens, and a repository with commits.

Every pytest session gets a new one with an empty database; it starts in some five seconds.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.real.gitea_commits import push
from tests.real.gitea_part import gitea_folder
from tests.real.gitea_process import Process, process

OWNER = "acme"
NAME = "fleet"
# More are made one by one when they do not suffice.
_COMMITS = 300
PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class Gitea:
    """A running Gitea; ``url`` has no trailing slash, ``repository`` is ``owner/name``.

    ``commits`` are the full SHAs of the first three on the default branch. ``token`` may write
    statuses, ``read_token`` belongs to the same user without the scope to write, ``visitor_token``
    has every scope and belongs to a user who may only read the repository.
    """

    url: str
    repository: str
    commits: tuple[str, ...]
    token: str = field(repr=False)
    read_token: str = field(repr=False)
    visitor_token: str = field(repr=False)
    api: Api = field(repr=False)
    fresh: list[str] = field(repr=False)

    def new_commit(self) -> str:
        """The SHA of one more commit, for a test that wants one without statuses."""
        return self.fresh.pop() if self.fresh else self.api.commit(self.repository)

    def new_repository(self, name: str, *, private: bool = False) -> tuple[str, str]:
        """One more repository of the same owner, as ``owner/name``, and its only commit."""
        self.api.call("POST", "/user/repos", {"name": name, "private": private})
        return f"{OWNER}/{name}", self.api.commit(f"{OWNER}/{name}")

    def change(self, repository: str, **settings: object) -> None:
        """Change a repository's settings: its ``name``, or whether it is ``archived``."""
        self.api.call("PATCH", f"/repos/{repository}", settings)


@contextmanager
def started() -> Iterator[Gitea]:
    """A new Gitea; NoGoError when it cannot be built."""
    with process(gitea_folder()) as running:
        yield _furnished(running)


@dataclass(frozen=True)
class Api:
    """Gitea's API as one of its users."""

    root: str
    authorization: dict[str, str] = field(repr=False)

    def call(self, method: str, path: str, body: dict[str, object]) -> dict[str, Any]:
        """The answer as JSON; RuntimeError when it was refused."""
        headers = self.authorization
        answer = requests.request(
            method, f"{self.root}{path}", json=body, headers=headers, timeout=60
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        value: dict[str, Any] = answer.json()
        return value

    def commit(self, repository: str) -> str:
        """Add a file to the default branch and give the SHA of that commit."""
        name = f"file-{time.monotonic_ns()}.txt"
        path = f"/repos/{repository}/contents/{name}"
        return str(self.call("POST", path, {"content": "dGVzdAo="})["commit"]["sha"])


def _furnished(running: Process) -> Gitea:
    flags = ["--admin", "--username", "administrator", "--email", "admin@example.com"]
    running.run("admin", "user", "create", *flags, "--password", PASSWORD)
    root = f"{running.url}/api/v1"
    admin = Api(root, _basic("administrator"))
    for user in (OWNER, "visitor"):
        body = {"username": user, "email": f"{user}@example.com", "password": PASSWORD}
        admin.call("POST", "/admin/users", {**body, "must_change_password": False})
    token = _token(root, OWNER, "all")
    owner = Api(root, {"Authorization": f"token {token}"})
    owner.call("POST", "/user/repos", {"name": NAME})
    repository = f"{OWNER}/{NAME}"
    commits = push(f"{running.url}/{repository}.git", login(OWNER), _COMMITS)
    return Gitea(
        url=running.url,
        repository=repository,
        commits=tuple(commits[:3]),
        token=token,
        read_token=_token(root, OWNER, "read:repository"),
        visitor_token=_token(root, "visitor", "all"),
        api=owner,
        fresh=commits[3:],
    )


def _token(root: str, user: str, scope: str) -> str:
    # Only a login by password may make tokens.
    body: dict[str, object] = {"name": f"{scope} for tests", "scopes": [scope]}
    return str(Api(root, _basic(user)).call("POST", f"/users/{user}/tokens", body)["sha1"])


def login(user: str) -> str:
    """The header ``Authorization`` of one of its users."""
    return "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()


def _basic(user: str) -> dict[str, str]:
    return {"Authorization": login(user)}
