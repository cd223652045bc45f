"""What ``status.history`` still knows of commits that came and went between two polls."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from statusbot.results.commits import FAILED_AT_ATTEMPTED, SUCCEEDED, LookUp, commit_in
from statusbot.results.observation import Entry, Observation
from statusbot.results.result import Result
from statusbot.results.state import State


def earlier(
    seen: Observation,
    look_up: LookUp,
    *,
    since: float,
    claimed: str | None,
    awaited: Collection[str] = (),
) -> Iterator[Result]:
    """The results of commits other than ``claimed``, the one that the object speaks of itself.

    The oldest come first. Flux keeps at most five entries, one for each pair of manifests and
    status, so one commit can have a red and a green one: the later ``lastReconciled`` is what
    happened to it in the end. Entries before ``since`` are left out, but for the
    commits and revisions of ``awaited``. An object that is being deleted, or suspended, says
    nothing of now, but its past stays true.
    """
    latest, ahead = _latest(seen, look_up), _ahead(seen)
    for commit, (entry, state) in latest.items():
        when = entry.last - ahead
        told = when >= since or commit in awaited or entry.revision in awaited
        if told and commit != claimed:
            yield _result(seen, commit, entry, state, when)
    yield from _applied(seen, look_up, {claimed, *latest}, awaited)


def _latest(seen: Observation, look_up: LookUp) -> dict[str, tuple[Entry, State]]:
    """The last entry of each commit, in the order in which they came."""
    latest: dict[str, tuple[Entry, State]] = {}
    # Flux has the newest first and writes whole seconds: of two in one second the first is newer.
    oldest_first = list(reversed(seen.history))
    oldest_first.sort(key=lambda entry: entry.last)
    for entry in oldest_first:
        state = _state(entry)
        commit = commit_in(seen, look_up, entry.revision) if entry.revision else None
        if state is not None and commit is not None:
            # Taken out first, so that the order is that of the last entry of each commit.
            latest.pop(commit, None)
            latest[commit] = (entry, state)
    return latest


def _applied(
    seen: Observation, look_up: LookUp, others: set[str | None], awaited: Collection[str]
) -> Iterator[Result]:
    """Without a history, as of an older Flux: what was applied last was green, whatever came then."""
    commit = commit_in(seen, look_up, seen.applied) if awaited and seen.applied else None
    if commit is None or commit in others or not {commit, seen.applied} & set(awaited):
        return
    entry = Entry(SUCCEEDED, seen.applied, seen.applied_origin, seen.created, seen.created)
    yield _result(seen, commit, entry, State.SUCCESS, seen.created)


def _ahead(seen: Observation) -> float:
    """Seconds that Flux's clock is surely ahead of the cluster's: it wrote what is yet to come."""
    written = [condition.changed for condition in seen.conditions.values()]
    written += [entry.last for entry in seen.history]
    return max([0.0, *(instant - seen.now for instant in written)])


def _state(entry: Entry) -> State | None:
    if entry.status == SUCCEEDED:
        return State.SUCCESS
    return State.FAILURE if entry.status in FAILED_AT_ATTEMPTED else None


def _result(seen: Observation, commit: str, entry: Entry, state: State, when: float) -> Result:
    # Success always has this text (kustomization_controller.go:545); the text of a failure is
    # gone from the object.
    message = f"Applied revision: {entry.revision}" if state is State.SUCCESS else ""
    return Result(
        object=seen.object,
        commit=commit,
        state=state,
        reason=entry.status,
        message=message,
        when=when,
        arrived=entry.first,
        current=False,
        event=seen.event(entry.revision, entry.took),
        reconciled=entry.last,
    )
