"""Which Alerts take the object, which do not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from statusbot.explain.step import Step, fact, fault, no, yes
from statusbot.manifests.alert import Alert, EventSource
from statusbot.notifications import Problem
from statusbot.routing.match import Match


def alerts_step(matches: Sequence[Match], problems: Sequence[Problem], *, single: bool) -> Step:
    """Every Alert with its verdict, and those that nobody can read."""
    if single:
        return fact("Alerts", "none are asked: --provider-type and --address name the repository")
    steps = [_alert(match) for match in matches]
    steps += [(fault if p.error else no)(f"Alert {p.alert}", p.why) for p in problems if p.alert]
    return Step("Alerts", value="" if steps else "there are none", children=steps)


def _alert(match: Match) -> Step:
    step = (yes if match.holds else no)(f"Alert {match.alert.ref}", match.why)
    step.children += _about(match.alert)
    return step


def _about(alert: Alert) -> Iterator[Step]:
    yield fact("eventSources", ", ".join(map(_source, alert.sources)) or "none")
    if alert.severity != "info":
        yield fact("eventSeverity", alert.severity)
    for name, patterns in (("inclusionList", alert.inclusion), ("exclusionList", alert.exclusion)):
        if patterns:
            yield fact(name, ", ".join(patterns))


def _source(source: EventSource) -> str:
    labels = ",".join(f"{key}={value}" for key, value in sorted(source.match_labels.items()))
    told = f"{source.kind} {source.namespace}/{source.name}"
    return f"{told} with {labels}" if labels else told
