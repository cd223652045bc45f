"""The findings as steps: by commit, then by the way that each result goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from statusbot.explain.findings import Finding
from statusbot.explain.shown import instant
from statusbot.explain.step import Step, Verdict, fact
from statusbot.explain.subjects import Origin
from statusbot.results.result import Result

_FROM = {
    Origin.NOW: "the object shows it now",
    Origin.HISTORY: "known from status.history, at ",
    Origin.OWED: "not on the forge since an earlier poll, at ",
    Origin.LEDGER: "known from the ledger alone, at ",
}


def findings_steps(findings: Sequence[Finding]) -> Iterator[Step]:
    """One step for each commit."""
    by_commit: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_commit[finding.commit].append(finding)
    for commit, of_commit in by_commit.items():
        name = f"commit {commit}" if commit else "no commit"
        first = of_commit[0]
        if first.result is None or first.origin is None:
            yield Step(name, _verdict(first), first.why, list(_way_out(first)))
        else:
            value = _result(first.result, first.origin)
            yield fact(name, value, *(_step(finding) for finding in of_commit))


def _result(result: Result, origin: Origin) -> str:
    when = "" if origin is Origin.NOW else instant(result.when)
    reason = f" {result.reason}" if result.reason else ""
    return f"{result.state}{reason}: {_FROM[origin]}{when}"


def _step(finding: Finding) -> Step:
    named = [f"Alert {finding.alert}"] if finding.alert else []
    named += [f"Provider {finding.provider}"] if finding.provider else []
    step = Step(", ".join(named) or "--address", _verdict(finding), finding.why)
    step.children += [*finding.steps, *_way_out(finding)]
    return step


def _way_out(finding: Finding) -> Iterator[Step]:
    if finding.todo and not finding.shown:
        yield fact("to change that", finding.todo)


def _verdict(finding: Finding) -> Verdict:
    if finding.shown:
        return Verdict.YES
    return Verdict.FAULT if finding.fault else Verdict.NO
