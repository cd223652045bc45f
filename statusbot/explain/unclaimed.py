"""A commit that no result is about, and the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from statusbot.decide import Decision, World
from statusbot.explain import ways_out
from statusbot.explain.findings import Finding
from statusbot.explain.question import Question
from statusbot.explain.subjects import aimed_at
from statusbot.results.rules import Rule
from statusbot.revision import FULL


def unclaimed(
    decision: Decision, world: World, rule: Rule, asked: Question, findings: Sequence[Finding]
) -> Iterator[Finding]:
    """At most one: the commit that nothing is claimed of, or of which nothing is known at all.

    ``rule`` is the one that decided.
    """
    if asked.commit and findings:
        return
    aim = aimed_at(decision, world)
    if decision.skipped and (not asked.commit or asked.means([aim])):
        if aim is None or aim not in {finding.commit for finding in findings}:
            todo = ways_out.of_claim(rule.name, decision.observation)
            yield Finding(False, decision.skipped[0].why, todo, commit=aim)
    elif asked.commit:
        yield _to_come(decision, world, asked) or _unknown(world, asked)


def _to_come(decision: Decision, world: World, asked: Question) -> Finding | None:
    source = world.sources(decision.observation, fresh=False)
    commit = source.commit() if source else None
    if not asked.means([commit]):
        return None
    why = "its source holds the commit, and Flux has not come to the object since"
    if decision.observation.suspended:
        why += ": it is suspended"
    return Finding(False, why, ways_out.of_claim("", decision.observation), commit=commit)


def _unknown(world: World, asked: Question) -> Finding:
    kept = world.ledger.kept
    rest = "and neither does the ledger" if kept else "and there is no ledger (--ledger none)"
    why = (
        f"nothing is known of {asked.commit}: the object's status and its history, of which Flux keeps five "
        f"entries, do not name it, {rest}"
    )
    todo = "" if kept else "ask with the --ledger of the polls, if they keep one"
    if kept and len(asked.commit) not in FULL:
        todo = "give all digits of the commit, since the ledger knows only whole ones"
    return Finding(False, why, todo, commit=asked.commit)
