"""Every rule of the results stage, with what it looked at and what it said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statusbot.decide import Decision, World
from statusbot.explain.step import Step, Verdict, fact, no, yes
from statusbot.results.result import Claim, Result, Skipped
from statusbot.results.rules import RULES, Rule, asked

# What Flux shows has them whole, a few lines above.
_COMMIT = re.compile(r"\b([0-9a-f]{8})(?:[0-9a-f]{32}|[0-9a-f]{56})\b")


def deciding(decision: Decision, world: World) -> tuple[list[Step], Rule]:
    """The rules as steps, those that were not reached too, and the one that decided."""
    seen = decision.observation
    steps: list[Step] = []
    decided = RULES[-1]
    for rule, verdict in asked(seen, world.sources):
        if verdict is None:
            steps.append(no(rule.name, _short(rule.saw(seen))))
        else:
            decided = rule
            so = fact("so", _short(told(verdict)))
            steps.append(yes(rule.name, _short(rule.saw(seen)), so))
    steps += [Step(rule.name, Verdict.UNASKED) for rule in RULES[len(steps) :]]
    return steps, decided


def rules_step(decision: Decision, steps: list[Step]) -> Step:
    """The table of rules, and what came of it when the ledger and the past had their say."""
    return Step("rules", children=[*steps, *_came(decision)])


def told(verdict: Claim) -> str:
    """A claim in words."""
    if isinstance(verdict, Result):
        return f"{verdict.state} of {verdict.commit}"
    if isinstance(verdict, Skipped):
        return f"nothing is claimed: {verdict.why}"
    return f"not final: {verdict.reason} of {verdict.commit}"


def _came(decision: Decision) -> Iterator[Step]:
    for result in decision.results:
        name = "claimed now" if result.current else "claimed of the past"
        yield fact(name, _short(f"{result.state} of {result.commit}, {result.reason}"))
    for skipped in decision.skipped:
        of = f" ({skipped.commit})" if skipped.commit else ""
        yield fact("claimed now", _short(f"nothing{of}: {skipped.why}"))


def _short(text: str) -> str:
    return _COMMIT.sub(r"\1", text)
