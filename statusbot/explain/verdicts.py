"""From what the ledger and the forge say to a finding: shown, or why not and what to do."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from statusbot.explain import ways_out
from statusbot.explain.findings import Finding
from statusbot.explain.forge import Look
from statusbot.explain.shown import instant
from statusbot.explain.subjects import Subject
from statusbot.forges.base import Missing
from statusbot.plan import Known, News
from statusbot.posting.outcome import Did
from statusbot.routing.status import CommitStatus


def collided(draft: Finding, other: CommitStatus) -> Finding:
    """Another object has the same context, and the worse of the two is shown."""
    why = (
        f"{other.result.object.path} has the same context, and of the two the worse is shown: "
        f"{other.result.state}"
    )
    todo = "give one of them another name, or let the Provider's commitStatusExpr tell them apart"
    return replace(draft, why=why, todo=todo)


def of_ledger(draft: Finding, item: Known) -> Finding | None:
    """What the ledger says without the forge: that it must not be posted; None where it is."""
    posted, routed = draft.posted, item.status.routed
    if item.posted:
        return None
    if posted is not None and posted.refused:
        fault = routed.way.same_repository
        return replace(draft, why=item.why, todo=ways_out.FORGET, fault=fault)
    if routed.only_over_red:
        return replace(draft, why=item.why, todo=ways_out.of_unasked(item.status))
    return None


def looked(
    draft: Finding, look: Look, item: News | Known, subject: Subject, since: float, now: float
) -> Finding:
    """The forge's word, and whether a poll would change what it shows."""
    found = replace(draft, did=look.did, row=look.row, why=look.why)
    if look.did is Did.ALREADY:
        return replace(found, shown=True)
    if isinstance(item, Known) and not item.posted and look.row is not None:
        # The forge is to show what came later, and not this.
        return replace(found, did=None, shown=True, why=item.why)
    if look.did is Did.SKIPPED and item.status.routed.only_over_red:
        return replace(found, todo=ways_out.of_unasked(item.status))
    if look.did is not Did.WOULD_POST:
        fault = look.did is Did.ERROR
        return replace(found, todo=ways_out.of_look(look, item.status), fault=fault)
    if isinstance(look.meaning, Missing):
        why, todo = look.meaning.why, ways_out.of_look(look, item.status)
    elif isinstance(item, Known):
        why, todo = f"the ledger holds it as posted, but {look.why}", ways_out.RECHECK
    elif subject.told:
        why, todo = f"no poll has come to it yet, and {look.why}", ways_out.RUN
    else:
        why = f"it was so before {instant(since)}, and a poll tells only of the past since then"
        hours = ceil((now - subject.result.when) / 3600) + 1
        todo = f"`statusbot run --ledger none --since {hours}h`"
    return replace(found, why=why, todo=todo, fault=True)
