"""From the revisions that an object tells of to the commits that they were made of.

The line numbers are those of kustomize-controller v1.9.4
``internal/controller/kustomization_controller.go``.
"""

from __future__ import annotations

import re
from typing import Protocol

from statusbot.results.observation import Observation
from statusbot.results.source import Source
from statusbot.revision import commit_of

# These are set after lastAttemptedRevision was written (:384), so that names the commit.
FAILED_AT_ATTEMPTED = frozenset(
    {"BuildFailed", "ReconciliationFailed", "PruneFailed", "HealthCheckFailed"}
)
SUCCEEDED = "ReconciliationSucceeded"
FINAL = FAILED_AT_ATTEMPTED | {SUCCEEDED}

_FOR_REVISION = re.compile(r"for revision (\S+)")


class LookUp(Protocol):
    """The sources as a rule may ask for them."""

    def __call__(self, observation: Observation, *, fresh: bool) -> Source | None:
        """The observation's source; ``fresh``: read after the observation. None: not there."""
        ...


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


def at_work_on(seen: Observation) -> str:
    """The revision that Flux is at while Ready is not final; "" where it does not say.

    Its words are a hint that has been the same since 2022; ``lastAttemptedRevision`` follows them.
    """
    return named_revision(seen) or seen.attempted


def revisions_with_results(seen: Observation) -> set[str]:
    """The revisions of which the object tells how they ended; BuildFailed leaves no trace in it."""
    return {e.revision for e in seen.history if e.status in FINAL} | {seen.applied}


def commits_with_results(seen: Observation, look_up: LookUp) -> set[str | None]:
    """The commits of which the object tells how they ended."""
    return _commits(seen, look_up, revisions_with_results(seen))


def named_revision(seen: Observation) -> str:
    """The revision in the Reconciling message, which it keeps while a try failed; or ""."""
    reconciling = seen.conditions.get("Reconciling")
    named = _FOR_REVISION.search(reconciling.message) if reconciling else None
    return named[1] if named else ""


def tried_before(seen: Observation, revision: str) -> bool:
    """It is fetched again: only a try that came further made it the attempted one (:384)."""
    reconciling = seen.conditions.get("Reconciling")
    fetching = reconciling is not None and reconciling.message.startswith("Fetching")
    return fetching and revision == seen.attempted


def applied_commits(seen: Observation, look_up: LookUp) -> set[str | None]:
    """The commits that were green in this object, as far as it tells."""
    good = {entry.revision for entry in seen.history if entry.status == SUCCEEDED}
    return _commits(seen, look_up, good | {seen.applied})


def _commits(seen: Observation, look_up: LookUp, revisions: set[str]) -> set[str | None]:
    return {commit_in(seen, look_up, revision) for revision in revisions if revision}


def arrived(seen: Observation, look_up: LookUp, revision: str) -> float:
    """When a revision came to the cluster, as far as that can be told; else 0."""
    source = look_up(seen, fresh=False)
    if source is not None and source.revision == revision:
        return source.updated
    return max((entry.first for entry in seen.history if entry.revision == revision), default=0.0)


def no_commit(seen: Observation, source: Source | None) -> str:
    """Why there is no commit to speak of; the end of a sentence."""
    if source is None:
        return f"its source {seen.source} is not there"
    if not source.revision:
        return f"its source {seen.source} has no artifact yet"
    return f"revision {source.revision} names no commit, {to_do(seen)}"


def to_do(seen: Observation) -> str:
    """What helps against a revision that names no commit."""
    if seen.source.kind == "GitRepository":
        return "which is not what a GitRepository writes"
    return (
        "since the artifact carries no origin revision: push it with "
        "`flux push artifact --revision <branch>@sha1:<commit>`"
    )
