"""What a step in CI shows of ``wait``."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.cli.step import Step
from statusbot.report.markup import code, link, table
from statusbot.wait.as_json import AsJson
from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.wait import Ending, Outcome
from statusbot.wait.words import last_words, line

_HEAD = ("", "Waited for", "Commit", "Reason", "")
_SIGNS = {Standing.GREEN: "✅", Standing.RED: "❌", Standing.WAITING: "⏳"}
_FIRST = (Standing.RED, Standing.WAITING, Standing.GREEN)


def tell(step: Step, outcome: Outcome, *, by_context: bool) -> None:
    """The end of a wait. ``by_context``: the names are contexts of a forge."""
    keep = AsJson(lambda said: None, document=lambda data: step.keep([data]), by_context=by_context)
    keep.end(outcome)
    for verdict in outcome.of(Standing.RED):
        step.annotations.add("error", line(verdict), title="not live")
    if outcome.ending is Ending.TIMEOUT:
        for verdict in outcome.of(Standing.WAITING):
            step.annotations.add("error", line(verdict), title="not live in time")
        if not outcome.verdicts:
            *_, last = last_words(outcome)
            step.annotations.add("error", last, title="not live in time")
    step.close(_summary(outcome), {"result": str(outcome.ending)})


def _summary(outcome: Outcome) -> Iterator[str]:
    *_, last = last_words(outcome)
    yield "### statusbot wait"
    yield ""
    yield f"<p>{code(last)}</p>"
    yield ""
    ordered = sorted(outcome.verdicts, key=lambda verdict: _FIRST.index(verdict.standing))
    yield from table(_HEAD, map(_row, ordered), len(ordered))


def _row(verdict: Verdict) -> tuple[str, ...]:
    return (
        _SIGNS[verdict.standing],
        link(verdict.name, verdict.url) if verdict.url else code(verdict.name),
        code(verdict.commit[:8]),
        code(verdict.reason),
        code(verdict.message),
    )
