"""A gate's way to the embedded forge, whichever dialect it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from statusbot.demo.forge import EmbeddedForge, Kind
from statusbot.forges.base import Request, Row
from statusbot.results.state import State
from statusbot.transport import Transport
from statusbot.wait.lineage import ForgeLineage
from statusbot.wait.via_forge import ViaForge
from statusbot.wait.via_forge_calls import ForgeCalls, access_of
from tests.support.forge import TOKEN, Clock
from tests.support.forge_history import History, pushed_to_embedded

FORGES = ("github", "gitlab", "gitea", "bitbucket", "bitbucketserver", "azuredevops")
# How the embedded forge is addressed so that it speaks each dialect.
_ADDRESSES = {
    "bitbucketserver": "{url}/scm/{name}.git",
    "azuredevops": "{url}/collection/{project}/_git/{repo}",
}


@dataclass
class Ticks:
    """Seconds that pass only when somebody waits."""

    now: float = 0.0
    waited: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@dataclass
class Site:
    """An embedded forge with one history, and a gate's objects towards it."""

    forge: EmbeddedForge
    type: str
    history: History
    calls: ForgeCalls
    lineage: ForgeLineage
    ticks: Ticks
    transport: Transport

    def post(
        self, sha: str, context: str, state: State, description: str = "", **more: Any
    ) -> None:
        """Store a row as a run does."""
        access = self.calls.access
        row = Row(context, state, description, genre="fluxcd", name=_title(context), **more)
        if self.type != "azuredevops":
            row = Row(context, state, description, name=_title(context), **more)
        self.send(access.forge.write(access.repository, sha, row))

    def send(self, request: Request) -> None:
        """As whoever asks; it must go well."""
        answer = self.transport.send(request, self.calls.access.credential, timeout=5)
        assert answer.status < 300, answer

    def gate(self, sha: str, *contexts: str, **options: Any) -> ViaForge:
        return ViaForge(
            self.calls,
            self.lineage,
            sha,
            contexts or ("kustomization/*",),
            clock=self.ticks,
            pause=self.ticks.wait,
            **options,
        )

    def reads(self) -> list[str]:
        """The paths of all reads so far."""
        return [call.path for call in self.forge.calls if call.kind is Kind.READ]


def _title(context: str) -> str:
    return "/".join(context.split("/")[:2])


def address_of(forge_type: str, url: str, name: str) -> str:
    """The address by which the embedded forge is taken for one of that type."""
    project, _, repo = name.partition("/")
    words = {"url": url, "name": name, "project": project, "repo": repo}
    return _ADDRESSES.get(forge_type, "{url}/{name}").format(**words)


@contextmanager
def site(forge_type: str, token: str = TOKEN) -> Iterator[Site]:
    """A forge with a history that one token may read and write."""
    with EmbeddedForge(clock=Clock(), token=TOKEN) as forge, Transport() as transport:
        history, ticks = pushed_to_embedded(forge), Ticks()
        api = f"{forge.url}/2.0" if forge_type == "bitbucket" else None
        address = address_of(forge_type, forge.url, history.repository)

        access = access_of(address, forge_type, api, token)
        calls = ForgeCalls(transport, access, clock=ticks)
        lineage = ForgeLineage(calls, clock=ticks)
        yield Site(forge, forge_type, history, calls, lineage, ticks, transport)
