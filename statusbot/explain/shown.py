"""What the results stage saw of the object and its source."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.decide import World
from statusbot.explain.step import Step, fact, fault
from statusbot.results.instant import timestamp
from statusbot.results.observation import Condition, Observation
from statusbot.results.source import Source


def instant(seconds: float) -> str:
    """As Kubernetes writes it; ``never`` where there was none."""
    return timestamp(seconds) if seconds else "never"


def object_step(seen: Observation, world: World) -> Step:
    """Conditions, revisions, the source and the history, as they were read."""
    return Step("what Flux shows", children=[*_facts(seen), source_step(seen, world), _past(seen)])


def _facts(seen: Observation) -> Iterator[Step]:
    for name in ("Ready", "Reconciling", "Stalled"):
        if name in seen.conditions:
            yield fact(name, _condition(seen.conditions[name]))
    if "Ready" not in seen.conditions:
        yield fact("Ready", "there is no such condition")
    yield fact("lastAttemptedRevision", seen.attempted or "none")
    yield fact("lastAppliedRevision", seen.applied or "none")
    if seen.applied_origin:
        yield fact("lastAppliedOriginRevision", seen.applied_origin)
    yield fact("generation", f"{seen.generation}, of which Flux saw {seen.observed_generation}")
    if seen.suspended:
        yield fact("suspended", "spec.suspend is true")
    for key, value in sorted(seen.metadata.items()):
        yield fact(f"annotation event.toolkit.fluxcd.io/{key}", value)


def _condition(found: Condition) -> str:
    head = f"{found.status} {found.reason} since {instant(found.changed)}"
    return f"{head}: {found.message}" if found.message else head


def source_step(seen: Observation, world: World) -> Step:
    """The source, and what it holds now."""
    if seen.source in world.sources.unreadable:
        return fault("source", f"{seen.source}: {world.sources.unreadable[seen.source]}")
    source = world.sources(seen, fresh=False)
    if source is None:
        return fault("source", f"{seen.source} is not there")
    return fact("source", str(seen.source), *_artifact(source))


def _artifact(source: Source) -> Iterator[Step]:
    yield fact("url", source.url or "none")
    if not source.revision:
        yield fact("artifact", "none yet")
        return
    yield fact("artifact", f"{source.revision} since {instant(source.updated)}")
    if source.origin:
        yield fact("origin revision", source.origin)
    yield fact("its commit", source.commit() or "none: the revision names no commit")


def _past(seen: Observation) -> Step:
    entries = [
        fact(entry.revision or "no revision", f"{entry.status} at {instant(entry.last)}")
        for entry in seen.history
    ]
    return Step("history", value="" if entries else "none", children=entries)
