"""A forge of each kind that a Flux may have, with two repositories, which has each row judged."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from statusbot.forges.base import Answer, Credential, Request
from statusbot.transport import DIRECT, Way
from tests.support.chaos import FakeForge, Kept, says
from tests.support.judge import Judge

FORGES = ("gitea", "github", "bitbucket", "bitbucketserver")
BY_KEY = FORGES[2:]
FLEET, OTHER = "https://forge.example/acme/fleet", "https://forge.example/acme/other"
# What each repository has: two commits are in both, as after a move or in a fork.
COMMITS = {
    "fleet": [digit * 40 for digit in "123478"],
    "other": [digit * 40 for digit in "5678"],
}
_PATH = re.compile(
    r"/(?:repos|repositories|projects)/acme/(?:repos/)?(?P<name>\w+)"
    r"/(?:statuses|commits?)/(?P<sha>\w{40})"
)
_STATES = {"SUCCESSFUL": "success", "FAILED": "failure", "INPROGRESS": "pending"}
_WORDS = {state: word for word, state in _STATES.items()}


def address(forge: str, name: str) -> str:
    """Of a repository, as a clone's URL has it."""
    folder = "scm/acme" if forge == "bitbucketserver" else "acme"
    return f"https://forge.example/{folder}/{name}"


@dataclass
class TwoRepositories(FakeForge):
    """A forge that knows which commits a repository has, and has each row judged at once.

    ``contexts`` are all that the story may come to: a forge by key gets their SHA-1 only.
    """

    type: str = "gitea"
    judge: Judge | None = None
    contexts: Iterable[str] = ()
    keys: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.keys = {
            hashlib.sha1(context.encode(), usedforsecurity=False).hexdigest(): context
            for context in self.contexts
        }

    def send(
        self, request: Request, credential: Credential, *, timeout: float, way: Way = DIRECT
    ) -> Answer:
        match = _PATH.search(request.url)
        assert match is not None, request.url
        if match["sha"] not in COMMITS[match["name"]]:
            return says(*self._unknown(match["sha"]))(self, request)
        # Rows are kept by repository and commit.
        place = f"{match['name']}_{match['sha']}"
        if self.type not in BY_KEY:
            moved = replace(request, url=request.url.replace(match["sha"], place))
            return super().send(moved, credential, timeout=timeout, way=way)
        url = f"https://forge.example/api/v3/repos/acme/{match['name']}/statuses/{place}"
        body = self._by_context(request.body) if request.body else None
        moved = replace(request, url=url, body=body)
        answer = super().send(moved, credential, timeout=timeout, way=way)
        return self._by_key(request, answer) if answer.status < 300 else answer

    def _unknown(self, sha: str) -> tuple[int, object]:
        words = f"No commit found for SHA: {sha}"
        name = "com.atlassian.bitbucket.commit.NoSuchCommitException"
        answers: dict[str, tuple[int, object]] = {
            "gitea": (404, {"message": "object does not exist"}),
            "github": (422, {"message": words}),
            "bitbucket": (404, {"type": "error", "error": {"message": "Commit not found"}}),
            "bitbucketserver": (404, {"errors": [{"message": words, "exceptionName": name}]}),
        }
        return answers[self.type]

    def _by_context(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is written, in GitHub's words."""
        state, text = _STATES[body["state"]], body.get("description", "")
        return {"context": self.keys[body["key"]], "state": state, "description": text}

    def _by_key(self, request: Request, answer: Answer) -> Answer:
        """GitHub's answer in the words of the forge."""
        value = json.loads(answer.body)
        if request.method == "POST":
            made = (201, _shown(value)) if self.type == "bitbucket" else (204, None)
            return says(*made)(self, request)
        shown = [_shown(row) for row in value["statuses"]]
        if self.type == "bitbucket":
            return says(200, {"values": shown})(self, request)
        (key,) = parse_qs(urlsplit(request.url).query)["key"]
        found = [row for row in shown if row["key"] == key]
        missing = {"errors": [{"message": f"There is no build '{key}'"}]}
        return says(200, found[0])(self, request) if found else says(404, missing)(self, request)

    def put(
        self, commit: str, context: str, state: str, description: str = "", *, ours: bool = False
    ) -> Kept:
        row = super().put(commit, context, state, description, ours=ours)
        if self.judge is not None:
            name, sha = commit.split("_")
            self.judge.put(address(self.type, name), replace(row, commit=sha))
        return row


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as both Bitbuckets show it, each with its own word for when."""
    at = datetime.fromisoformat(row["created_at"]).astimezone(UTC)
    return {
        "key": hashlib.sha1(row["context"].encode(), usedforsecurity=False).hexdigest(),
        "state": _WORDS[row["state"]],
        "description": row["description"],
        "updated_on": row["created_at"],
        "updatedDate": int(at.timestamp() * 1000),
    }
