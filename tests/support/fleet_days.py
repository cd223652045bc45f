"""Days of a bot in shards, or with a selector, whose ledgers are in ConfigMaps."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from statusbot.cluster.clock import Deadline
from statusbot.cluster.selector import Selector
from statusbot.errors import ClusterError, StatusbotError
from statusbot.ledger.busy import Busy
from statusbot.ledger.configmap import ConfigMapLedger
from statusbot.ledger.place import Place as Home
from statusbot.poll import Poll
from statusbot.report.report import Report
from statusbot.results.result import ObjectRef
from statusbot.selection import Shard
from tests.support.chaos import Act, Call
from tests.support.extras import Extras
from tests.support.fleet_judge import FleetJudge, Known
from tests.support.kube import Object, core
from tests.support.leave import FAILURE_AGE
from tests.support.model import CREW, RECHECK, TEAM, Days
from tests.support.objects import NAMESPACE, alert
from tests.support.story import Killed
from tests.support.tape import View
from tests.support.wire import BOTS, Server, Wire

# What -l may be, and what the story knows of it.
SELECTORS: dict[str, Callable[[str], bool]] = {
    "": lambda tier: True,
    "tier=web": lambda tier: tier == "web",
    "tier!=web": lambda tier: tier != "web",
}


class Counted(ConfigMapLedger):
    """A ledger that counts its saves, and a kill before one of them."""

    saves = 0
    dies_at = 0

    def save(self) -> None:
        """As ever."""
        if self.saves + 1 == self.dies_at:
            self._maps._api.die()  # type: ignore[attr-defined]
        super().save()
        self.saves += 1


@dataclass
class FleetDays(Days):
    """``shards``: how many, 1 for none. ``selector`` is one of SELECTORS."""

    shards: int = 1
    selector: str = ""
    judge: FleetJudge = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.server = Server(self.tape.now)
        self.judge = FleetJudge(self.tape, self.flux.ends, self.judge.repositories, True)
        self.judge.extras = Extras.of(self.settings)
        self.tape.on_read = self._look
        self.forge.judge = self.judge
        self.trouble_with_reads: str = ""
        self.looked = False
        self.busy = 0
        self.failed: list[str] = []
        self.snapshots: list[tuple[dict[str, Object], dict[str, Known]]] = []
        for number in range(2):
            sources = [
                {"kind": "Kustomization", "name": "*", "namespace": namespace}
                for namespace in (NAMESPACE, TEAM, CREW)
            ]
            there = {"name": f"forge-{number}"}
            self.tape.apply(alert(f"to-{number}", eventSources=sources, providerRef=there))

    def label(self, which: int, tier: str) -> None:
        """Somebody labels an object."""
        app = self.apps[which % len(self.apps)]
        app.object["metadata"]["labels"] = {"tier": tier} if tier else {}
        app.patch()

    # -- the bot ------------------------------------------------------------------------------

    def poll(
        self,
        *,
        lag: int = 0,
        torn: str = "",
        faults: Mapping[int, Act] | None = None,
        dies_at_save: int = 0,
        **how: Any,
    ) -> Report | None:
        """One run of each shard, or of ``only`` one; in that of ``hit`` goes wrong what does.

        ``trouble`` and ``meanwhile`` are the Wire's; ``reads``: a kind that cannot be read.
        """
        report = None
        hit = how.pop("hit", 0) % self.shards
        only = how.pop("only", None)
        for index in range(self.shards):
            if only is not None and index != only % self.shards:
                continue
            self.tape.play(len(self.tape.changes) - lag)
            mine = index == hit or only is not None
            report = self._run(
                index,
                torn=torn if mine else "",
                faults=faults if mine else None,
                dies_at_save=dies_at_save if mine else 0,
                **(how if mine else {}),
            )
        return report

    def ledger_name(self, index: int) -> str:
        """Of a shard."""
        return "statusbot" if self.shards == 1 else f"statusbot-shard-{index}-of-{self.shards}"

    def _run(
        self,
        index: int,
        *,
        torn: str = "",
        faults: Mapping[int, Act] | None = None,
        dies_at_save: int = 0,
        trouble: Mapping[int, str] | None = None,
        meanwhile: Mapping[int, Callable[[], None]] | None = None,
        reads: str = "",
    ) -> Report | None:
        shard = Shard(index, self.shards) if self.shards > 1 else None
        name = self.ledger_name(index)
        wire = Wire(self.server, dict(trouble or {}), dict(meanwhile or {}))
        store = Counted(wire, Home(BOTS, name))
        store.dies_at = dies_at_save
        self.judge.take_up(name, self.selector)
        self.judge.takes = lambda view: self._takes(view, shard)
        before = dict(self.judge.urls), dict(self.judge.moved)
        self.looked, self.trouble_with_reads = False, reads
        began, first = self.tape.at, len(self.forge.calls)
        self._tear(torn)
        self.forge.act = self._acts_of(wire, dict(faults or {}), first, torn)
        settings = replace(
            self.settings,
            recheck=RECHECK,
            failure_age=FAILURE_AGE,
            shard=shard,
            selector=Selector.parse(self.selector) if self.selector else None,
        )
        report = self._reported(store, settings)
        if self.looked:
            saved = store.saves > 0 or name in wire.written
            well = report is not None and report.unsaved is None
            well = well and not (faults or wire.met or reads or self.down)
            since = self.judge.since
            self.judge.settle(began, complete=well, saved=saved)
            if not saved:
                self.judge.urls, self.judge.moved = before
            if reads or self.trouble_with_reads:
                self.judge.since = since
        self.judge.lay_down(self.selector)
        self.saved = b"kept"
        return report

    def _reported(self, store: Counted, settings: Any) -> Report | None:
        try:
            with store:
                return Poll(self.tape, store, self.forge, Deadline(600.0), settings)()
        except Killed:
            return None
        except Busy:
            self.busy += 1
            return None
        except StatusbotError as error:
            self.failed.append(str(error))
            return None
        finally:
            store._lease._over.set()
            if store._lease._thread.ident is not None:
                store._lease._thread.join()

    def _acts_of(
        self, wire: Wire, faults: dict[int, Act], first: int, torn: str
    ) -> Callable[[Call], Act | None]:
        class Process:
            """What ``dying`` tells of a kill."""

            @property
            def dead(self) -> bool:
                return wire.dead

            @dead.setter
            def dead(self, value: bool) -> None:
                wire.dead = value

        return self._acts(Process(), faults, first, torn)  # type: ignore[arg-type]

    def _takes(self, view: View, shard: Shard | None) -> bool:
        namespace, name = view.path.split("/")
        labels = self.tape.shown["Kustomization", namespace, name]["metadata"].get("labels", {})
        ref = ObjectRef("Kustomization", namespace, name, view.uid)
        return SELECTORS[self.selector](labels.get("tier", "")) and (
            shard is None or shard.has(ref)
        )

    def _look(self, kind: str) -> None:
        if kind == self.trouble_with_reads:
            raise ClusterError("the API server answered 503", where=kind)
        if kind == "Kustomization":
            self.looked = True
        self.judge.look(kind)

    # -- what others do to the ledgers ----------------------------------------------------------

    def reshard(self, shards: int, selector: str, *, clean: bool) -> None:
        """Another number of shards, or another selector; ``clean``: the old ledgers are deleted."""
        if shards != self.shards:
            self.judge.other_ledgers()
            if clean:
                self.lose_ledger()
        self.judge.leave.restored = True
        self.shards, self.selector = shards, selector

    def lose_ledger(self) -> None:
        """All of them are gone."""
        self.server.put_back({})
        for name in list(self.judge.ledgers):
            self.judge.damaged(name)
        self.judge.ledgers.clear()

    def meddle(self, which: int, how: str) -> None:
        """Somebody edits one ConfigMap."""
        maps = self.server.maps()
        if not maps:
            return
        name = sorted(maps)[which % len(maps)]
        path, item = core("configmaps", BOTS, name), maps[name]
        if how == "deleted":
            self.server.ask("DELETE", path)
        elif how == "emptied":
            self.server.ask("PUT", path, {k: v for k, v in item.items() if k != "binaryData"})
        elif how == "garbled":
            self.server.ask("PUT", path, item | {"binaryData": {"ledger": "bm8gbGVkZ2Vy"}})
        elif how == "swapped":
            other = maps[sorted(maps)[(which + 1) % len(maps)]]
            self.server.ask("PUT", path, item | {"binaryData": other.get("binaryData", {})})
        elif how == "old" and self.snapshots:
            old = self.snapshots[which % len(self.snapshots)][0].get(name)
            if old:
                self.server.ask("PUT", path, item | {"binaryData": old.get("binaryData", {})})
        self.judge.damaged(str(item["metadata"]["labels"]["statusbot/ledger"]))

    def snapshot(self) -> None:
        """A backup of all ConfigMaps."""
        known = copy.deepcopy(self.judge.ledgers)
        self.snapshots.append((self.server.maps(), known))

    def put_ledger_back(self, which: int) -> None:
        """All ConfigMaps are as they were in a backup."""
        maps, known = self.snapshots[which % len(self.snapshots)]
        self.server.put_back(maps)
        self.judge.ledgers = copy.deepcopy(known)
        for one in self.judge.ledgers.values():
            one.copied = True
        self.judge.other_ledgers()
