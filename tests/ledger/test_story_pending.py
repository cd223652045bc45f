"""The same days where commits are shown that wait: that hides no end, and ends itself."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from statusbot.results.state import State
from tests.ledger.test_story import Days, quick
from tests.support.story import Story, Truth

__all__ = ["quick"]


class PendingDays(Days):
    """Every other rule is that of the days without."""

    @initialize(
        forge=st.sampled_from(["gitea", "github"]),
        perils=st.booleans(),
        waits=st.sampled_from([True, True, False]),
        superseded=st.sampled_from([None, State.SUCCESS, State.ERROR]),
    )
    def begin(self, forge: str, perils: bool, waits: bool, superseded: State | None) -> None:
        self.story = Story(forge, waits=waits, superseded=superseded)
        self.perils = perils
        self.owed: dict[tuple[str, str], Truth] = {}
        self.spoiled: set[tuple[str, str]] = set()
        self.weak: set[tuple[str, str]] = set()
        self.stale = False

    def teardown(self) -> None:
        if not hasattr(self, "story"):
            return
        super().teardown()
        if not (self.stale or self.story.lost_count):
            assert self.story.left_pending() == []


PendingDays.TestCase.settings = settings(
    Days.TestCase.settings, max_examples=100, stateful_step_count=30
)


class TestPendingDays(PendingDays.TestCase):  # type: ignore[misc, valid-type]
    """The machine, as a test."""
