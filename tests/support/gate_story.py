"""Days of one repository, one Kustomization and a bot, and what a gate may say of a commit.

What is true is told by the story alone: which commit contains which, and how each of them ended.
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import floor

from statusbot.cluster.base import SECONDS
from statusbot.cluster.clock import Deadline
from statusbot.cluster.kinds import Kind
from statusbot.demo.forge import EmbeddedForge
from statusbot.interrupt import Interrupt
from statusbot.ledger.memory import Ledger
from statusbot.poll import Poll
from statusbot.settings import Settings
from statusbot.transport import Transport
from statusbot.wait.chosen import Chosen
from statusbot.wait.judge import Asked
from statusbot.wait.lineage import ForgeLineage
from statusbot.wait.on_cluster import OnCluster
from statusbot.wait.verdict import Standing
from statusbot.wait.via_forge import ViaForge
from statusbot.wait.via_forge_calls import ForgeCalls, access_of
from tests.support.asked_forge import Ticks
from tests.support.ends import End
from tests.support.forge import TOKEN
from tests.support.gate import QUICK
from tests.support.objects import FakeCluster, Object, git
from tests.support.story import StoryStore
from tests.support.timeline import Flux

CONTEXT = "kustomization/apps/0c9c2e41"


class Feed:
    """What is there; nothing changes while a gate looks."""

    def __init__(self, objects: Iterator[Object]) -> None:
        self._objects = list(objects)
        self._closed = threading.Event()

    def initial(self) -> Iterator[Object]:
        return iter(self._objects)

    def changes(self) -> Iterator[Object]:
        self._closed.wait()
        return iter(())

    def close(self) -> None:
        self._closed.set()


class Shown(FakeCluster):
    """A cluster to which a story writes."""

    flux: Flux

    def apply(self, object_: Object) -> None:
        metadata = object_["metadata"]
        self.delete(object_["kind"], metadata["namespace"], metadata["name"])
        self.objects.append(copy.deepcopy(object_))

    def delete(self, kind: str, namespace: str, name: str) -> None:
        place = kind, namespace, name
        self.objects = [o for o in self.objects if place != _place(o)]

    def now(self) -> datetime:
        return datetime.fromtimestamp(floor(self.flux.now), UTC)

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes]:
        return {"token": TOKEN.encode()}

    def feeds(
        self, kind: Kind, namespaces: Sequence[str] = (), seconds: float = SECONDS
    ) -> Sequence[Feed]:
        return [Feed(self.list(kind, namespaces))]

    def afresh(self) -> None: ...


@dataclass
class Repository:
    """``Lineage``, on a forge too. The source follows ``head``, that of main."""

    forge: EmbeddedForge
    name: str
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    head: str = ""
    side: str = ""

    def commit(self, *parents: str, branch: str = "main") -> str:
        sha = hashlib.sha1(f"{self.name} {len(self.parents)}".encode()).hexdigest()
        self.parents[sha] = parents
        self.forge.push(self.name, sha, after=parents, branch=branch)
        if branch == "main":
            self.head = sha
        else:
            self.side = sha
        return sha

    def resolve(self, sha: str) -> str:
        return sha

    def contains(self, commit: str, ancestor: str) -> bool:
        before = (self.contains(each, ancestor) for each in self.parents[commit])
        return commit == ancestor or any(before)


class Story:
    """``name`` is the repository's, new on the forge."""

    def __init__(self, forge: EmbeddedForge, transport: Transport, name: str) -> None:
        self.cluster = Shown()
        self.flux = self.cluster.flux = Flux(self.cluster, f"{forge.url}/{name}")
        forge.add_repository(name, ())
        self.repository = Repository(forge, name)
        self.transport = transport
        self._store = StoryStore(Ledger())
        self.flux.route(type="github")
        self.flux.push(self.repository.commit())
        self.repository.side = self.repository.head
        self.app = self.flux.app()

    def poll(self) -> None:
        """`statusbot run`, once."""
        Poll(self.cluster, self._store, self.transport, Deadline(60.0), Settings())()

    def on_cluster(self, sha: str) -> Standing:
        """What `wait` says at its first look."""
        chosen, asked = Chosen(frozenset({self.app.path})), Asked(sha, self.repository)
        looker = OnCluster(self.cluster, chosen, asked, Interrupt(), times=QUICK)
        try:
            (found,) = looker.look(0.0)
        finally:
            looker.close()
        return found.standing

    def via_forge(self, sha: str) -> Standing:
        """What `wait --via forge` ends with, or is at when all was read."""
        ticks = Ticks()
        access = access_of(self.flux.url, "github", None, TOKEN)
        calls = ForgeCalls(self.transport, access, clock=ticks)
        lineage = ForgeLineage(calls, clock=ticks)
        gate = ViaForge(calls, lineage, sha, [CONTEXT], clock=ticks, pause=ticks.wait)
        for _ in range(5):
            (found,) = gate.look(60.0)
            if found.standing is not Standing.WAITING:
                break
            ticks.wait(60.0)
        return found.standing

    def visible(self) -> list[End]:
        """What the object tells; of what it applied last not when, so that comes first."""
        applied = self.app.status.get("lastAppliedRevision", "")
        greens = [e for e in self.flux.ends if (git(e.commit), e.state) == (applied, "success")]
        told = [*self.app.past(), *([self.app.standing] if self.app.standing else [])]
        return [*told, *(replace(end, number=0) for end in greens[-1:])]

    def on_main(self, sha: str) -> list[End]:
        """The ends of a commit, and of those of main as it is."""
        here = self.repository
        return [e for e in self.flux.ends if e.commit == sha or here.contains(here.head, e.commit)]

    def truth(self, sha: str, ends: Iterable[End]) -> Standing:
        """By the last end of each commit, in the words of docs/waiting.md."""
        last = {end.commit: end for end in sorted(ends, key=lambda end: end.number)}
        own = last.pop(sha, None)
        others = [end for end in last.values() if self.repository.contains(end.commit, sha)]
        if own is not None and own.state == "success":
            return Standing.GREEN
        since = own.number if own is not None else 0
        if any(end.state == "success" and end.number >= since for end in others):
            return Standing.GREEN
        return Standing.RED if own is not None or others else Standing.WAITING

    @property
    def settled(self) -> bool:
        """Whether Flux came to the spec as it is."""
        status, metadata = self.app.status, self.app.object["metadata"]
        return bool(status.get("observedGeneration") == metadata["generation"])


def _place(object_: Object) -> tuple[str, str, str]:
    metadata = object_["metadata"]
    return object_["kind"], metadata["namespace"], metadata["name"]
