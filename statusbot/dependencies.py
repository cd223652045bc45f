"""Whether a dependency of a Kustomization will never be ready, so that who waits for it waits in vain."""

from __future__ import annotations

from statusbot.ledger.memory import Ledger
from statusbot.results.observation import Observation
from statusbot.results.result import Dependency, Result, Waiting
from statusbot.results.rules import claim
from statusbot.results.state import RED
from statusbot.sources import Sources


def never_ready(
    seen: Observation,
    sources: Sources,
    ledger: Ledger,
    failure_age: float,
    met: frozenset[str] = frozenset(),
) -> str:
    """Why one of ``spec.dependsOn`` will never be ready; "" where all of them may be one day.

    It is missing, or its own claim is a failure, or it waits in vain itself. ``met`` are those that
    led here: of a circle nobody has failed. ``failure_age`` in seconds, as for any object.
    """
    for dependency in seen.depends_on:
        if str(dependency) in met:
            continue
        why = _failed(dependency, sources, ledger, failure_age, met | {seen.object.path})
        if why:
            return f"dependency {dependency} {why}"
    return ""


def _failed(
    dependency: Dependency,
    sources: Sources,
    ledger: Ledger,
    failure_age: float,
    met: frozenset[str],
) -> str:
    found = sources.kustomization(dependency)
    if found is None:
        return "is not there"
    if isinstance(found, str) or dependency.expression:
        # Nobody knows; or its expression may hold whatever else is wrong with it.
        return ""
    said = claim(found, sources)
    if isinstance(said, Result):
        return f"has failed: {said.reason}" if said.state in RED else ""
    if not isinstance(said, Waiting) or not said.ages:
        return ""
    if sources.seen_at(found) - _since(found, said, ledger) <= failure_age:
        return ""
    if not said.dependencies:
        return f"has failed: {said.reason}"
    return "waits in vain" if never_ready(found, sources, ledger, failure_age, met) else ""


def _since(seen: Observation, waiting: Waiting, ledger: Ledger) -> float:
    if ledger.kept:
        return ledger.waits_since(seen.object, waiting.commit, seen.now)
    return max(waiting.arrived or seen.now, seen.created)
