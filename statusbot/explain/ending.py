"""The last line: the status is posted, or nothing is, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from statusbot.explain.findings import Finding
from statusbot.explain.step import safe


@dataclass(frozen=True, slots=True)
class Ending:
    """``posted``: every commit that was asked about has its status. ``why`` and ``todo`` are of the
    first that has not; both are empty where nothing is amiss."""

    posted: bool
    sentence: str
    why: str = ""
    todo: str = ""


def ending(findings: Sequence[Finding]) -> Ending:
    """What the findings come to."""
    by_commit: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_commit[finding.commit].append(finding)
    worst = [_worst(of_commit) for of_commit in by_commit.values()]
    amiss = [finding for finding in worst if finding is not None]
    if not amiss:
        return Ending(True, _posted(findings))
    first, why = amiss[0], _because(amiss[0])
    shown = sum(finding.shown for finding in findings)
    what = "nothing is posted"
    if shown:
        what = f"{shown} of {len(findings)} statuses {'is' if shown == 1 else 'are'} posted, "
        what += "but not the one"
    if first.commit and (shown or len(by_commit) > 1):
        what += f" of {first.commit[:8]}" if shown else f" for {first.commit[:8]}"
    todo = f"; to change that: {first.todo}" if first.todo else ""
    return Ending(False, safe(f"{what} because {why}") + safe(todo), safe(why), safe(first.todo))


def _worst(findings: Sequence[Finding]) -> Finding | None:
    """What is amiss with one commit: a fault on any way, or that no way leads to a forge."""
    faults = [finding for finding in findings if finding.fault and not finding.shown]
    if faults:
        return faults[0]
    if any(finding.shown for finding in findings):
        return None
    return findings[0]


def _posted(findings: Sequence[Finding]) -> str:
    shown = sum(finding.shown for finding in findings)
    return "the status is posted" if shown == 1 else f"the {shown} statuses are posted"


def _because(finding: Finding) -> str:
    named = [f"Alert {finding.alert}"] if finding.alert else []
    named += [f"Provider {finding.provider}"] if finding.provider else []
    return f"{finding.why} ({', '.join(named)})" if named else finding.why
