"""Where one status goes, and what the ledger and the forge say of it, as steps."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.explain.findings import Finding
from statusbot.explain.forge import Look
from statusbot.explain.shown import instant
from statusbot.explain.step import Step, fact, no, yes
from statusbot.forges.base import App
from statusbot.ledger.memory import Ledger
from statusbot.ledger.posted import Posted, judge
from statusbot.plan import Known, News, said_by
from statusbot.posting.access import Access
from statusbot.posting.outcome import Did
from statusbot.routing.status import CommitStatus
from statusbot.settings import Settings


def place_steps(status: CommitStatus) -> Iterator[Step]:
    """The repository, the commit's page, the context and the texts."""
    there = status.destination
    yield fact("repository", f"{there.repository.key} ({there.forge.type})", *_related(status))
    yield fact("page", there.repository.web(status.result.commit))
    yield fact("context", status.context)
    yield fact("state", status.result.state.value)
    yield fact("description", status.description)


def _related(status: CommitStatus) -> Iterator[Step]:
    if not status.routed.way.same_repository:
        yield fact("source", "its URL is not that of this repository, which may be a mirror")


def login_step(access: Access, status: CommitStatus, *, single: bool) -> Step:
    """Whose login it is; what it is made of is shown nowhere."""
    provider = status.destination.provider
    where = "STATUSBOT_TOKEN" if single else f"Secret {provider.namespace}/{provider.secret}"
    kind = f"GitHub App {access.credential.id}, " if isinstance(access.credential, App) else ""
    return yes("login", f"{kind}{where}, which is of the form that the forge wants")


def ledger_step(
    ledger: Ledger, draft: Finding, item: News | Known, now: float, settings: Settings
) -> Step:
    """What is remembered, and what that means for a poll."""
    if not ledger.kept:
        return fact("ledger", "none is kept (--ledger none)")
    if isinstance(item, Known):
        so = item.why
    elif item.unfinished:
        so = "an earlier run may have written it: the forge is asked"
    else:
        so = judge(said_by(item.status), item.posted, now=now, recheck=settings.recheck).why
    step = _remembered(draft.posted)
    step.children.append(fact("so", so))
    return step


def _remembered(posted: Posted | None) -> Step:
    if posted is None:
        return no("ledger", "it holds nothing of this status")
    if posted.refused:
        return no("ledger", f"the forge refused it at {instant(posted.checked)}: {posted.refused}")
    if not posted.reason:
        return no("ledger", f"passed over at {instant(posted.checked)}, since nobody asked for it")
    return yes(
        "ledger",
        f"{posted.state} {posted.reason}, on the forge since {instant(posted.written)}, "
        f"compared with it at {instant(posted.checked)}",
    )


def forge_step(look: Look) -> Step:
    """What the forge shows of the context."""
    make = yes if look.did is Did.ALREADY else no
    if look.row is None:
        return make("forge", look.meaning.why if look.meaning else look.why)
    row = look.row
    since = f" since {instant(row.created.timestamp())}" if row.created else ""
    state = row.state.value if row.state else "another state"
    return make("forge", f'it shows {state} "{row.description}"{since}')
