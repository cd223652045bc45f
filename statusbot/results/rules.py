"""The claims: an ordered table of rules, of which the first that holds decides.

Each rule is a pure function of one observation and of a way to look at the object's source. What
Flux writes when is in kustomize-controller's ``internal/controller/kustomization_controller.go``;
the line numbers here are those of v1.9.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from statusbot.results import saw
from statusbot.results.commits import (
    FAILED_AT_ATTEMPTED,
    SUCCEEDED,
    LookUp,
    applied_commits,
    arrived,
    at_work_on,
    commit_in,
    commits_with_results,
    named_revision,
    no_commit,
    revisions_with_results,
    to_do,
    tried_before,
)
from statusbot.results.observation import Condition, Observation
from statusbot.results.result import Claim, Result, Skipped, Waiting
from statusbot.results.state import State

# These stop Flux until somebody changes the object (:191-209, :248-254).
STALLED = frozenset({"InvalidCELExpression", "FeatureGateDisabled"})
PROGRESSING = "Progressing"
CANCELED = "HealthCheckCanceled"  # by a newer artifact (:279-293)
PATH_NOT_FOUND = "kustomization path not found"


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
    """A new object: whether it may read another namespace's source at all, Flux has yet to say."""
    if "Ready" in seen.conditions:
        return None
    why = "Flux has not written a Ready condition yet"
    if seen.suspended or seen.source.namespace != seen.object.namespace:
        return Skipped(seen.object, why)
    at_first = Condition("Unknown", PROGRESSING, "Flux has not begun yet", 0.0)
    return _of_artifact(seen, look_up, at_first, why, ages=False)


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
    named = named_revision(seen)
    if named:
        return _result(seen, look_up, named, State.FAILURE, ready)
    return _result_of_artifact(seen, look_up, State.FAILURE, ready)


def _stalled(seen: Observation, look_up: LookUp) -> Claim | None:
    ready = seen.conditions["Ready"]
    if ready.status != "False" or ready.reason not in STALLED:
        return None
    # With this reason Flux notes the generation (:191-197, :248-254), with the other it does not.
    if ready.reason == "InvalidCELExpression" and seen.observed_generation != seen.generation:
        return Skipped(seen.object, f"{ready.reason}, and Flux has not come to its new spec yet")
    found = _result_of_artifact(seen, look_up, State.ERROR, ready)
    if seen.suspended and isinstance(found, Result) and found.arrived > ready.changed:
        why = f"{ready.reason}, and this commit came since: it is suspended, so Flux did not try it"
        return Skipped(seen.object, why, found.commit)
    return found


def _access_denied(seen: Observation, look_up: LookUp) -> Claim | None:
    if not denied(seen):
        return None
    return Skipped(seen.object, f"Flux may not read its source {seen.source}: AccessDenied")


def _suspended(seen: Observation, look_up: LookUp) -> Claim | None:
    if not seen.suspended:
        return None
    return Skipped(seen.object, "it is suspended, and Flux had not finished")


def _in_progress(seen: Observation, look_up: LookUp) -> Claim | None:
    """Flux passes through Unknown at every interval and every try, changed or not (:325)."""
    ready = seen.conditions["Ready"]
    if ready.status == "False":
        return None
    why = "Flux is at work on it"
    revision = at_work_on(seen)
    if revision in revisions_with_results(seen) or tried_before(seen, revision):
        return Skipped(seen.object, why)
    commit = commit_in(seen, look_up, revision)
    if commit is None or commit in commits_with_results(seen, look_up):
        return Skipped(seen.object, why, commit)
    came = arrived(seen, look_up, revision)
    return Waiting(seen.object, commit, PROGRESSING, ready.message, came, why, revision, ages=False)


def _dependency(seen: Observation, look_up: LookUp) -> Claim | None:
    """Dependants blink at every ordinary commit, for as long as Flux's requeue time."""
    ready = seen.conditions["Ready"]
    if not _is(ready, "DependencyNotReady"):
        return None
    why = f"it waits for a dependency: {ready.message}"
    # Without any in its spec no longer, there is nobody whose fault it could be.
    return _of_artifact(seen, look_up, ready, why, ages=bool(seen.depends_on))


def _waiting(seen: Observation, look_up: LookUp) -> Claim | None:
    """Transient, or a reason that a newer Flux brought: a failure only when it lasts."""
    ready = seen.conditions["Ready"]
    return _of_artifact(seen, look_up, ready, f"Flux tries again: {ready.reason}")


RULES: tuple[Rule, ...] = (
    Rule("being deleted", _deleting, saw.deletion),
    Rule("no Ready condition", _no_status),
    Rule("succeeded", _succeeded, saw.agreement),
    Rule("between Flux's two writes of a success", _between_two_writes, saw.agreement),
    Rule("failed at the attempted revision", _failed, saw.attempted),
    Rule("path not found", _path_not_found, saw.ready_message),
    Rule("stalled", _stalled),
    Rule("access denied", _access_denied),
    Rule("suspended", _suspended, saw.suspension),
    Rule("in progress", _in_progress, saw.work),
    Rule("dependency not ready", _dependency, saw.ready_message),
    Rule("waiting", _waiting, saw.ready_message),
)


def _of_artifact(
    seen: Observation, look_up: LookUp, ready: Condition, why: str, *, ages: bool = True
) -> Claim:
    """What the source holds waits, unless it was applied before."""
    source = look_up(seen, fresh=False)
    if source and ready.reason == CANCELED and source.revision == seen.attempted:
        source = look_up(seen, fresh=True)  # a newer one is there since then
    commit = source.commit() if source else None
    if source is None or commit is None:
        return Skipped(seen.object, f"{why}, and {no_commit(seen, source)}")
    if commit in applied_commits(seen, look_up):
        return Skipped(seen.object, f"{why}, but this commit was applied before", commit)
    return Waiting(
        seen.object,
        commit,
        ready.reason,
        ready.message,
        source.updated,
        why,
        source.revision,
        ages,
        seen.depends_on if ready.reason == "DependencyNotReady" else (),
        commit not in commits_with_results(seen, look_up),
    )


def denied(seen: Observation) -> bool:
    """Whether its source is in another namespace, and Flux forbids that (:223-227)."""
    ready = seen.conditions.get("Ready")
    return ready is not None and _is(ready, "AccessDenied")


def _is(condition: Condition, reason: str) -> bool:
    return condition.status == "False" and condition.reason == reason


def _result(
    seen: Observation, look_up: LookUp, revision: str, state: State, ready: Condition
) -> Claim:
    commit = commit_in(seen, look_up, revision)
    if commit is None:
        return Skipped(seen.object, f"revision {revision} names no commit, {to_do(seen)}")
    came = arrived(seen, look_up, revision)
    took = next(
        (e.took for e in seen.history if (e.revision, e.status) == (revision, SUCCEEDED)), ""
    )
    event = seen.event(revision, took)
    return seen.result(commit, state, ready.reason, ready.message, came, event)


def _result_of_artifact(
    seen: Observation, look_up: LookUp, state: State, ready: Condition
) -> Claim:
    source = look_up(seen, fresh=True)
    commit = source.commit() if source else None
    if source is None or commit is None:
        return Skipped(seen.object, f"{ready.reason}, and {no_commit(seen, source)}")
    event = seen.event(source.revision)
    return seen.result(commit, state, ready.reason, ready.message, source.updated, event)
