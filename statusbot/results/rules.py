"""The claims: an ordered table of rules, of which the first that holds decides.

Each rule is a pure function of one observation and of a way to look at the object's source. What
Flux writes when is in kustomize-controller's ``internal/controller/kustomization_controller.go``;
the line numbers here are those of v1.9.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from statusbot.results import saw
from statusbot.results.observation import Condition, Observation
from statusbot.results.result import Claim, Result, Skipped, Waiting
from statusbot.results.source import Source
from statusbot.results.state import State
from statusbot.revision import commit_of

# These are set after lastAttemptedRevision was written (:384), so that names the commit.
FAILED_AT_ATTEMPTED = frozenset(
    {"BuildFailed", "ReconciliationFailed", "PruneFailed", "HealthCheckFailed"}
)
SUCCEEDED = "ReconciliationSucceeded"
# These stop Flux until somebody changes the object (:191-209, :248-254).
STALLED = frozenset({"InvalidCELExpression", "FeatureGateDisabled"})
PATH_NOT_FOUND = "kustomization path not found"

_FOR_REVISION = re.compile(r"for revision (\S+)")


class LookUp(Protocol):
    """The sources as a rule may ask for them."""

    def __call__(self, observation: Observation, *, fresh: bool) -> Source | None:
        """The observation's source; ``fresh``: read after the observation. None: not there."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table: ``test`` gives None where the rule does not apply.

    ``saw`` is what the test looked at, in a few words of the object's own.
    """

    name: str
    test: Callable[[Observation, LookUp], Claim | None]
    saw: Callable[[Observation], str] = saw.ready


def claim(observation: Observation, look_up: LookUp) -> Claim:
    """What the object says of its commit now: the verdict of the first rule that holds."""
    for _, verdict in asked(observation, look_up):
        if verdict is not None:
            return verdict
    raise AssertionError("the last rule takes everything")


def asked(observation: Observation, look_up: LookUp) -> Iterator[tuple[Rule, Claim | None]]:
    """The rules in their order with what each says, up to the first that holds."""
    for rule in RULES:
        verdict = rule.test(observation, look_up)
        yield rule, verdict
        if verdict is not None:
            return


def _deleting(seen: Observation, look_up: LookUp) -> Claim | None:
    if not seen.deleting:
        return None
    return Skipped(seen.object, "it is being deleted; what was posted stays")


def _no_status(seen: Observation, look_up: LookUp) -> Claim | None:
    if "Ready" in seen.conditions:
        return None
    return Skipped(seen.object, "Flux has not written a Ready condition yet")


def _succeeded(seen: Observation, look_up: LookUp) -> Claim | None:
    """Flux writes success in two patches: only the second makes these three agree (:534-546)."""
    ready = seen.conditions["Ready"]
    settled = seen.applied == seen.attempted and seen.observed_generation == seen.generation
    if ready.status != "True" or not settled or not seen.applied:
        return None
    return _result(seen, look_up, seen.applied, State.SUCCESS, ready)


def _between_two_writes(seen: Observation, look_up: LookUp) -> Claim | None:
    if seen.conditions["Ready"].status != "True":
        return None
    return Skipped(seen.object, "Flux is about to write which revision it applied")


def _failed(seen: Observation, look_up: LookUp) -> Claim | None:
    ready = seen.conditions["Ready"]
    if ready.status != "False" or ready.reason not in FAILED_AT_ATTEMPTED:
        return None
    if not seen.attempted:
        return Skipped(seen.object, f"{ready.reason}, but status.lastAttemptedRevision is missing")
    return _result(seen, look_up, seen.attempted, State.FAILURE, ready)


def _path_not_found(seen: Observation, look_up: LookUp) -> Claim | None:
    """lastAttemptedRevision still names the commit before (:365-381), so it is of no use here."""
    ready = seen.conditions["Ready"]
    if not (_is(ready, "ArtifactFailed") and ready.message.startswith(PATH_NOT_FOUND)):
        return None
    reconciling = seen.conditions.get("Reconciling")
    named = _FOR_REVISION.search(reconciling.message) if reconciling else None
    if named:
        return _result(seen, look_up, named[1], State.FAILURE, ready)
    return _result_of_artifact(seen, look_up, State.FAILURE, ready)


def _stalled(seen: Observation, look_up: LookUp) -> Claim | None:
    ready = seen.conditions["Ready"]
    if ready.status != "False" or ready.reason not in STALLED:
        return None
    return _result_of_artifact(seen, look_up, State.ERROR, ready)


def _access_denied(seen: Observation, look_up: LookUp) -> Claim | None:
    """A source in another namespace, while Flux forbids that (:223-227)."""
    if not _is(seen.conditions["Ready"], "AccessDenied"):
        return None
    return Skipped(seen.object, f"Flux may not read its source {seen.source}: AccessDenied")


def _in_progress(seen: Observation, look_up: LookUp) -> Claim | None:
    """Flux passes through Unknown at every interval, changed or not (:325)."""
    if seen.conditions["Ready"].status == "False":
        return None
    return Skipped(seen.object, "Flux is at work on it")


def _suspended(seen: Observation, look_up: LookUp) -> Claim | None:
    if not seen.suspended:
        return None
    return Skipped(seen.object, "it is suspended, and Flux had not finished")


def _dependency(seen: Observation, look_up: LookUp) -> Claim | None:
    """Dependants blink at every ordinary commit, for as long as Flux's requeue time."""
    ready = seen.conditions["Ready"]
    if not _is(ready, "DependencyNotReady"):
        return None
    return Skipped(seen.object, f"it waits for a dependency: {ready.message}")


def _waiting(seen: Observation, look_up: LookUp) -> Claim | None:
    """Transient, or a reason that a newer Flux brought: a failure only when it lasts."""
    ready = seen.conditions["Ready"]
    source = look_up(seen, fresh=False)
    commit = source.commit() if source else None
    if source is None or commit is None:
        return Skipped(seen.object, f"{ready.reason}, and {_no_commit(seen, source)}")
    if commit in _applied_commits(seen, look_up):
        return Skipped(seen.object, f"{ready.reason}, but this commit was applied before", commit)
    return Waiting(seen.object, commit, ready.reason, ready.message, source.updated)


RULES: tuple[Rule, ...] = (
    Rule("being deleted", _deleting, saw.deletion),
    Rule("no Ready condition", _no_status),
    Rule("succeeded", _succeeded, saw.agreement),
    Rule("between Flux's two writes of a success", _between_two_writes, saw.agreement),
    Rule("failed at the attempted revision", _failed, saw.attempted),
    Rule("path not found", _path_not_found, saw.ready_message),
    Rule("stalled", _stalled),
    Rule("access denied", _access_denied),
    Rule("in progress", _in_progress),
    Rule("suspended", _suspended, saw.suspension),
    Rule("dependency not ready", _dependency, saw.ready_message),
    Rule("waiting", _waiting, saw.ready_message),
)


def _is(condition: Condition, reason: str) -> bool:
    return condition.status == "False" and condition.reason == reason


def _result(
    seen: Observation, look_up: LookUp, revision: str, state: State, ready: Condition
) -> Claim:
    commit = commit_in(seen, look_up, revision)
    if commit is None:
        return Skipped(seen.object, f"revision {revision} names no commit, {_to_do(seen)}")
    arrived = _arrived(seen, look_up, revision)
    took = next(
        (e.took for e in seen.history if (e.revision, e.status) == (revision, SUCCEEDED)), ""
    )
    return Result(
        seen.object,
        commit,
        state,
        ready.reason,
        ready.message,
        seen.now,
        arrived,
        current=True,
        event=seen.event(revision, took),
    )


def _result_of_artifact(
    seen: Observation, look_up: LookUp, state: State, ready: Condition
) -> Claim:
    source = look_up(seen, fresh=True)
    commit = source.commit() if source else None
    if source is None or commit is None:
        return Skipped(seen.object, f"{ready.reason}, and {_no_commit(seen, source)}")
    return Result(
        seen.object,
        commit,
        state,
        ready.reason,
        ready.message,
        seen.now,
        source.updated,
        current=True,
        event=seen.event(source.revision),
    )


def commit_in(seen: Observation, look_up: LookUp, revision: str) -> str | None:
    """The commit that ``revision`` of the object's source was made of.

    The origin revision comes first: it is what an OCI artifact was built from. The object knows
    it only of what it applied, so for a revision that failed the source is asked, and asked again
    if it already moved on when it was read, or had not moved yet.
    """
    origin = seen.origin_of(revision)
    if origin:
        return commit_of(origin, from_git=True)
    if seen.source.kind == "GitRepository":
        return commit_of(revision, from_git=True)
    for fresh in (False, True):
        source = look_up(seen, fresh=fresh)
        if source is not None and source.revision == revision:
            return source.commit()
    return commit_of(revision, from_git=False)


def _applied_commits(seen: Observation, look_up: LookUp) -> set[str | None]:
    good = {entry.revision for entry in seen.history if entry.status == SUCCEEDED}
    return {commit_in(seen, look_up, revision) for revision in good | {seen.applied} if revision}


def _arrived(seen: Observation, look_up: LookUp, revision: str) -> float:
    source = look_up(seen, fresh=False)
    if source is not None and source.revision == revision:
        return source.updated
    return max((entry.first for entry in seen.history if entry.revision == revision), default=0.0)


def _no_commit(seen: Observation, source: Source | None) -> str:
    if source is None:
        return f"its source {seen.source} is not there"
    if not source.revision:
        return f"its source {seen.source} has no artifact yet"
    return f"revision {source.revision} names no commit, {_to_do(seen)}"


def _to_do(seen: Observation) -> str:
    if seen.source.kind == "GitRepository":
        return "which is not what a GitRepository writes"
    return (
        "since the artifact carries no origin revision: push it with "
        "`flux push artifact --revision <branch>@sha1:<commit>`"
    )
