"""The lines of the show: what was done, and what a poll said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from statusbot.demo.recording import Step
from statusbot.demo.show.frame import Shown
from statusbot.text import number, printable

Report = Mapping[str, Any]


def step_lines(steps: Iterable[Step], second: int) -> list[str]:
    """``+6 s  forge answers 500 for 40 s``; what only ends a recording is left out."""
    return [f"{clock(second)}  {_step(step)}" for step in steps if step.text != "settling"]


def poll_line(report: Report, poll: int, second: int, labels: Mapping[str, str]) -> str:
    """What came out of a poll, in one line."""
    said = [_status(status, labels) for status in report["statuses"]]
    calls = report["forge_calls"]
    asked = ", ".join(number(calls[kind], kind) for kind in ("read", "write") if calls[kind])
    return (
        f"{clock(second)}  poll {poll}: {', '.join(said) or 'nothing new'} "
        f"({asked or 'the forge is not asked'})"
    )


def not_posted(report: Report) -> dict[str, str]:
    """By commit: why its status is not on the forge yet."""
    return {
        status["commit"]: f"not posted: {printable(status['why'] or '')}"
        for status in report["statuses"]
        if status["outcome"] in ("error", "deferred")
    }


def cost(report: Report) -> str:
    """``0 new, 0 writes, 3 reads``: what a poll found to do and asked of forges."""
    calls = report["forge_calls"]
    writes, reads = number(calls["write"], "write"), number(calls["read"], "read")
    return f"{report['counts']['posted']} new, {writes}, {reads}"


def clock(second: int) -> str:
    """Recorded seconds since the scene began."""
    return f"{f'+{second}':>4} s"


def _step(step: Step) -> str:
    # "commit c2 (not pushed yet)": the commit's name belongs behind its label.
    what, bracket, rest = step.text.partition(" (")
    return printable(f"{what} {step.commit[:8]}".rstrip() + bracket + rest)


def _status(status: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    commit = status["commit"] or ""
    name = labels.get(commit) or commit[:8] or "?"
    if status["outcome"] == "posted":
        return f"{name} {status['state']}"
    outcome = "not posted" if status["outcome"] == "error" else status["outcome"]
    return f"{name} {outcome}: {printable(status['why'] or '')}"


def status_of(shown: Shown) -> str:
    """``build failed: …``, or why there is none."""
    if shown.right and not shown.state:
        return "no status: Flux never had this commit, so nothing is claimed of it"
    return printable(shown.description)
