"""The same days (test_model.py) of a bot in shards, with selectors and ledgers in ConfigMaps.

Others meddle with the ConfigMaps, runs are killed at any call and leave their Lease behind, and API
servers and forges are away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from statusbot.ledger import buckets
from tests.support.fleet_days import SELECTORS, FleetDays
from tests.support.model import CREW, TEAM
from tests.support.objects import NAMESPACE
from tests.support.wire import TROUBLE
from tests.truth.test_model import (
    FAULTS,
    IN_CI,
    LAGS,
    NUMBERS,
    OBJECTS,
    ONCE,
    TORN,
    Counted,
    GoesOn,
    Model,
    so_many,
)
from tests.truth.test_model import quick as quick  # a fixture

EXAMPLES, STEPS, LEAST = (40, 40, 1000) if IN_CI else (10, 40, 0)
LEASE = 16.0  # seconds after which that of a dead run is free

SHARDS = st.sampled_from([1, 2, 3])
SELECTOR = st.sampled_from(["", "", *SELECTORS])
NAMESPACES = st.sampled_from([NAMESPACE, TEAM, CREW])
CALLS = st.integers(1, 14)


class FleetModel(Model):
    """More steps."""

    taken: ClassVar[int] = 0
    stories: ClassVar[int] = 0
    told: ClassVar[int] = 0
    days: FleetDays

    @initialize(
        forge=st.sampled_from(["gitea", "github"]),
        objects=OBJECTS,
        shards=SHARDS,
        goes_on=st.lists(ONCE, min_size=15, max_size=40),
    )
    def begin(
        self,
        forge: str,
        objects: list[tuple[str, str]],
        shards: int,
        goes_on: GoesOn,
    ) -> None:
        self._begin(FleetDays(forge, shards=shards), objects, goes_on)

    # -- the bot is another one -----------------------------------------------------------------

    @rule(shards=SHARDS, clean=st.booleans())
    def there_is_another_number_of_shards(self, shards: int, clean: bool) -> None:
        self.lost = True
        self.days.reshard(shards, self.days.selector, clean=clean)

    @rule(selector=SELECTOR)
    def it_is_asked_for_others(self, selector: str) -> None:
        self.days.reshard(self.days.shards, selector, clean=False)

    @rule(which=NUMBERS, tier=st.sampled_from(["", "web", "db"]))
    def an_object_is_labelled(self, which: int, tier: str) -> None:
        self.days.label(which, tier)

    @rule(namespace=NAMESPACES, name=st.sampled_from(["apps", "infra"]))
    def an_object_comes(self, namespace: str, name: str) -> None:
        if f"{namespace}/{name}" not in {app.path for app in self.days.apps}:
            self.days.apps.append(self.days.make(namespace, name))

    @precondition(lambda self: len(self.days.apps) > 1)
    @rule(which=NUMBERS)
    def an_object_goes(self, which: int) -> None:
        app = self._app(which)
        app.delete()
        self.days.apps.remove(app)

    # -- the ledgers ----------------------------------------------------------------------------

    @rule(which=NUMBERS, how=st.sampled_from(["deleted", "emptied", "garbled", "swapped", "old"]))
    def somebody_edits_a_config_map(self, which: int, how: str) -> None:
        self.lost = True
        self.days.meddle(which, how)

    @rule()
    def a_backup_is_made(self) -> None:
        self.days.snapshot()

    @precondition(lambda self: self.days.snapshots)
    @rule(which=NUMBERS)
    def an_old_copy_of_the_ledger_comes_back(self, which: int) -> None:
        self.lost = True
        self.days.put_ledger_back(which)

    # -- runs -----------------------------------------------------------------------------------

    @rule(call=CALLS, trouble=st.sampled_from(TROUBLE), hit=NUMBERS, lag=LAGS)
    def a_call_of_the_ledger_goes_wrong(self, call: int, trouble: str, hit: int, lag: int) -> None:
        self._poll(lag=lag, trouble={call: trouble}, hit=hit)

    @rule(trouble=st.sampled_from(["lost before", "unreachable", "500"]), hit=NUMBERS)
    def no_call_of_the_ledger_is_answered(self, trouble: str, hit: int) -> None:
        self._poll(trouble={0: trouble}, hit=hit)

    @rule(
        call=CALLS,
        hit=NUMBERS,
        which=NUMBERS,
        how=st.sampled_from(["deleted", "emptied", "garbled", "swapped", "old"]),
        lag=LAGS,
    )
    def somebody_edits_a_config_map_while_a_run_has_it(
        self, call: int, hit: int, which: int, how: str, lag: int
    ) -> None:
        self.lost = True
        self._poll(lag=lag, meanwhile={call: lambda: self.days.meddle(which, how)}, hit=hit)

    @rule(
        kind=st.sampled_from(["Kustomization", "GitRepository", "Alert", "Provider"]), hit=NUMBERS
    )
    def a_kind_cannot_be_read(self, kind: str, hit: int) -> None:
        self._poll(reads=kind, hit=hit)

    @rule(fault=st.sampled_from(sorted(FAULTS)), call=st.integers(1, 4), hit=NUMBERS, torn=TORN)
    def the_run_of_a_shard_goes_wrong(self, fault: str, call: int, hit: int, torn: str) -> None:
        self._poll(torn=torn, faults={call: FAULTS[fault]}, hit=hit)

    @rule(only=NUMBERS, lag=LAGS)
    def only_one_shard_runs(self, only: int, lag: int) -> None:
        self._poll(lag=lag, only=only)

    def _two_polls(self) -> None:
        self.days.reshard(self.days.shards, "", clean=False)
        self.flux.wait(LEASE)
        super()._two_polls()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bucket for each object or two."""
    monkeypatch.setattr(buckets, "EACH", 1)
    yield


class TestFleetModel(Counted, FleetModel.TestCase):  # type: ignore[misc, valid-type]
    """All of it on a fleet."""

    machine, least = FleetModel, LEAST
    settings = so_many(EXAMPLES, STEPS)
