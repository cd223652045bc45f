"""The adapters through the real transport: on the embedded forge and on a real Gitea."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.forges import forge_of
from statusbot.forges.base import (
    Answer,
    Credential,
    Forge,
    Meaning,
    ReadMeaning,
    Repository,
    Row,
    Shown,
)
from statusbot.transport import Transport
from tests.support.forge_contract import Subject, of_embedded, of_gitea

# The first test on the real one waits for its build, which takes minutes.
_REAL = pytest.param("gitea on gitea", marks=pytest.mark.timeout(1800))


@dataclass(frozen=True)
class Talk:
    """One adapter, one forge, and the transport between them."""

    forge: Forge
    subject: Subject
    transport: Transport

    def repository(self, name: str | None = None) -> Repository:
        return self.forge.repository(f"{self.subject.url}/{name or self.subject.repository}")

    def login(self, name: str) -> Credential:
        secret = {"token": self.subject.tokens[name]}
        return self.forge.authorization(secret, "", self.repository().api)

    def write(
        self, commit: str, row: Row, *, login: str = "writer", repository: str | None = None
    ) -> Meaning:
        request = self.forge.write(self.repository(repository), commit, row)
        answer = self.transport.send(request, self.login(login), timeout=30)
        return self.forge.meaning(answer)

    def answers(
        self, commit: str, *, login: str = "writer", repository: str | None = None
    ) -> Iterator[Answer]:
        (request,) = self.forge.reads(self.repository(repository), commit, ())
        secret = self.login(login)
        while True:
            answer = self.transport.send(request, secret, timeout=30)
            yield answer
            assert self.forge.read_meaning(answer) == Shown()
            url = self.forge.next_page(answer)
            if url is None:
                return
            request = type(request)("GET", url, None, request.headers)

    def read_meaning(self, commit: str, **options: str) -> ReadMeaning:
        return self.forge.read_meaning(next(self.answers(commit, **options)))

    def newest(self, commit: str) -> dict[str, Row]:
        pages = self.answers(commit)
        return self.forge.newest([row for page in pages for row in self.forge.rows(page)])


@pytest.fixture(scope="session")
def embedded() -> Iterator[Subject]:
    with EmbeddedForge() as forge:
        yield of_embedded(forge)


@pytest.fixture(scope="session", params=["github on embedded", "gitea on embedded", _REAL])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    adapter, _, server = request.param.partition(" on ")
    if server == "gitea":
        subject = of_gitea(request.getfixturevalue("gitea"))
    else:
        subject = request.getfixturevalue("embedded")
    with Transport() as transport:
        yield Talk(forge_of(adapter), subject, transport)
