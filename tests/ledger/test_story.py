"""Days of a Kustomization, a forge that fails and a ledger that gets lost: what must hold always."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from statusbot.forges.base import Answer, Request
from statusbot.posting import desk, post
from statusbot.posting.outcome import Did
from statusbot.routing.texts import words
from tests.support.chaos import Act, FakeForge, Kept, cut, lost, says, unreachable, work
from tests.support.story import COMMITS, GREEN, RECHECK, Killed, Story, Truth, killed

REASONS = [GREEN, GREEN, "BuildFailed", "HealthCheckFailed"]
MESSAGES = ["", "one is broken", "two are broken", "three are broken"]
SECONDS = [0, 1, 60, 400, 3700]
FAULTS: dict[str, Act] = {
    "lost": lost,
    "cut": cut,
    "unreachable": unreachable,
    "500": says(500),
    "401": says(401),
    "403": says(403),
    "429": says(429, headers={"Retry-After": "3600"}),
    "killed": killed(stored=False),
    "killed when stored": killed(stored=True),
}
CHANGES = ["green", "red", "red for another reason", "another message", "at work", "in vain"]
FAULT = st.sampled_from([*FAULTS, "lost", "killed when stored", "slow", "very slow"])
CALL = st.sampled_from([1, 2, 2, 2, 3, 4])


class Days(RuleBasedStateMachine):
    """``owed`` is what stood at a poll and must be shown in the end, by commit and context.

    A story without ``perils`` has no strangers and loses no ledger, so that more must hold in it.
    """

    @initialize(
        forge=st.sampled_from(["gitea", "github"]),
        keeps=st.sampled_from([True, True, False]),
        perils=st.booleans(),
    )
    def begin(self, forge: str, keeps: bool, perils: bool) -> None:
        self.story = Story(forge, keeps)
        self.perils = perils
        self.owed: dict[tuple[str, str], Truth] = {}
        self.spoiled: set[tuple[str, str]] = set()
        self.weak: set[tuple[str, str]] = set()
        self.stale = False

    # -- the world ----------------------------------------------------------------------------

    @rule(
        change=st.sampled_from(CHANGES),
        seconds=st.sampled_from(SECONDS),
        fault=FAULT,
        call=CALL,
    )
    def something_happens_and_a_poll_goes_wrong(
        self, change: str, seconds: float, fault: str, call: int
    ) -> None:
        self.story.passed(seconds)
        self._change(change)
        self._poll({call: self._act(fault)})

    @rule(change=st.sampled_from(CHANGES), seconds=st.sampled_from(SECONDS))
    def something_happens_and_two_polls_go_well(self, change: str, seconds: float) -> None:
        self.story.passed(seconds)
        self._change(change)
        self.two_polls_go_well()

    def _change(self, change: str) -> None:
        truth = self.story.truths.get(self.story.commit)
        reason = truth.reason if truth and truth.state == "failure" else "BuildFailed"
        match change:
            case "green":
                self.story.reconciled(GREEN, "")
            case "red":
                self.story.reconciled("BuildFailed", MESSAGES[1])
            case "red for another reason":
                self.story.reconciled("HealthCheckFailed", MESSAGES[1])
            case "another message":
                self.story.reconciled(reason, f"it is {int(self.story.now)}")
            case "at work":
                self.story.progressing()
            case "in vain":
                self.story.stuck()

    @rule(
        commit=st.sampled_from(COMMITS),
        reason=st.sampled_from([*REASONS, None]),
        message=st.sampled_from(MESSAGES),
    )
    def a_commit_arrives(self, commit: str, reason: str | None, message: str) -> None:
        self.story.passed(1)  # within one second nobody could tell which result came later
        self.story.pushed(commit)
        if reason:
            self.story.reconciled(reason, message)

    @rule(seconds=st.sampled_from([31, 90, 3500, 30000, 90000]))
    def time_passes(self, seconds: float) -> None:
        self.story.passed(seconds)

    @precondition(lambda self: self.story.alerts == 1)
    @rule()
    def another_alert_is_made(self) -> None:
        self.story.alerts = 2

    @precondition(lambda self: self.perils)
    @rule(state=st.sampled_from(["success", "failure", "pending"]))
    def a_stranger_writes(self, state: str) -> None:
        commit = self.story.commit
        for context in self.story.contexts():
            self.story.forge.put(commit, context, state, "by hand")
            self.spoiled.add((commit, context))

    @rule()
    def the_notification_controller_writes(self) -> None:
        truth = self.story.truths.get(self.story.commit)
        if truth is not None:
            context = self.story.contexts()[0]
            if not self._shown_as((self.story.commit, context), truth):
                self.spoiled.add((self.story.commit, context))  # written over what we showed
            self.story.forge.put(self.story.commit, context, truth.state, words(truth.reason))

    # -- the ledger ---------------------------------------------------------------------------

    @precondition(lambda self: self.perils and self.story.saved)
    @rule(left=st.integers(0, 10**6))
    def the_ledger_is_lost_or_damaged(self, left: int) -> None:
        self.story.saved = self.story.saved[: left % len(self.story.saved)]
        self._forgotten()

    @precondition(lambda self: self.perils and self.story.copies)
    @rule(which=st.integers(0, 10**6))
    def an_old_copy_of_the_ledger_comes_back(self, which: int) -> None:
        copies = self.story.copies
        self.story.saved = copies[which % len(copies)]
        self._forgotten()
        self.stale = True

    def _forgotten(self) -> None:
        """What is not on the forge now, and not in the cluster, nobody knows any more."""
        self.story.lost_count = True
        for place in [place for place in self.owed if not self._shown(place)]:
            del self.owed[place]

    # -- polls --------------------------------------------------------------------------------

    @rule(save=st.sampled_from([1, 2]))
    def a_poll_is_killed_at_a_save(self, save: int) -> None:
        self._poll(save=save)

    @rule()
    def two_polls_go_well(self) -> None:
        """The second has nothing to do: no write, and with a ledger no call at all."""
        self._poll()
        if not self.stale:
            assert self._wrong_now() == []
        calls, writes = len(self.story.forge.calls), len(self.story.forge.of("POST"))
        self._poll()
        assert len(self.story.forge.of("POST")) == writes
        if self.story.keeps:
            assert len(self.story.forge.calls) == calls

    def _poll(self, faults: dict[int, Act] | None = None, save: int = 0) -> None:
        if not self.story.keeps:
            self._forgotten()
        known = dict(self.story.observed)
        rows = list(self.story.forge.rows)
        report = self.story.poll(faults, save)
        saved = self.story.keeps and save != 1
        for commit, truth in self._told():
            for context in self.story.contexts():
                place = (commit, context)
                if known.get(commit, truth) != truth and not _last_said(rows, place, truth):
                    self.spoiled.discard(place)
                if saved or self._shown_as(place, truth):
                    self.owed[place] = truth
                if self.stale:
                    self.weak.add(place)
                if self._shown_as(place, truth):
                    # An object that was read again told more than at the start of the poll.
                    self.story.observed[commit] = truth
        if report is not None:
            assert not (faults is None and report.counts[Did.ERROR]), report.lines

    def _told(self) -> list[tuple[str, Truth]]:
        """What the object says of its commit now, if that is final."""
        commit = self.story.commit
        return [(commit, self.story.truths[commit])] if self.story.final() else []

    def _wrong_now(self) -> list[tuple[str, str]]:
        """Where the current commit does not show what the poll that just went well has read."""
        places = [
            ((commit, context), truth)
            for commit, truth in self._told()
            for context in self.story.contexts()
        ]
        return [
            place
            for place, truth in places
            if place not in self.spoiled and not self._shown_as(place, truth)
        ]

    def _act(self, name: str) -> Act:
        seconds = {"slow": 20.0, "very slow": 60.0}.get(name)
        return FAULTS[name] if seconds is None else self._slow(seconds)

    def _slow(self, seconds: float) -> Act:
        """The forge takes its time, and meanwhile the object changes."""

        def act(forge: FakeForge, request: Request) -> Answer:
            answer = work(forge, request)
            self.story.passed(seconds)
            truth = self.story.truths.get(self.story.commit)
            self.story.reconciled(
                "BuildFailed" if truth and truth.state == "success" else GREEN, ""
            )
            return answer

        return act

    # -- what must hold -----------------------------------------------------------------------

    def _shown(self, place: tuple[str, str]) -> bool:
        return self._shown_as(place, self.owed[place])

    def _shown_as(self, place: tuple[str, str], truth: Truth) -> bool:
        row = self.story.newest(*place)
        return row is not None and row.state == truth.state

    @invariant()
    def every_row_was_true_when_it_was_written_and_none_is_doubled(self) -> None:
        assert self.story.wrong == []

    def teardown(self) -> None:
        if not hasattr(self, "story"):
            return
        self._poll()
        self.story.passed(RECHECK + 60)
        self._poll()
        assert self.story.wrong == []
        missing = {
            place: (truth, self.story.newest(*place))
            for place, truth in self.owed.items()
            if place not in self.spoiled
            and not self._shown(place)
            and not self._shown_as(place, self.story.observed[place[0]])  # its history told more
            and (place not in self.weak or place[0] == self.story.commit)
        }
        assert missing == {}


def _last_said(rows: list[Kept], place: tuple[str, str], truth: Truth) -> bool:
    """Whether this was the last that we wrote there: what came and went between was never ours."""
    ours = [row for row in rows if (row.commit, row.context) == place and row.ours]
    begins = words(truth.reason)
    return bool(ours) and ours[-1].state == truth.state and ours[-1].description.startswith(begins)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One connection, so that a story can be told twice; no pauses; a kill leaves no trace."""
    monkeypatch.setattr(post, "CONNECTIONS", 1)
    monkeypatch.setattr(desk, "BACK_OFF", 0.0)
    before = threading.excepthook
    monkeypatch.setattr(
        threading,
        "excepthook",
        lambda raised: None if raised.exc_type is Killed else before(raised),
    )
    yield


Days.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class TestDays(Days.TestCase):  # type: ignore[misc, valid-type]
    """The machine, as a test."""
