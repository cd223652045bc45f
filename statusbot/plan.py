"""From what is to be said to what is news: contexts, one status for each place, the ledger's word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from statusbot.contexts import Namesakes
from statusbot.ledger.compare import text_digest
from statusbot.ledger.memory import Ledger, Owed
from statusbot.ledger.posted import New, Pledge, Posted, Said, Settled, digest, judge
from statusbot.places import places
from statusbot.results.result import Result
from statusbot.results.state import RED, State, Weight
from statusbot.routing.status import CommitStatus, Routed

# Of so many texts for one place nobody may have seen an answer.
PERHAPS_KEPT = 4


@dataclass(frozen=True, slots=True)
class News:
    """A status that the ledger does not hold: the forge is asked, and written to if it must be.

    ``look`` is false where the ledger knows enough for a write that replaces whatever is there.
    ``perhaps`` are the digests of what earlier runs may have written there, this or a result before,
    and nobody saw an answer.
    """

    status: CommitStatus
    said: Said
    posted: Posted | None
    look: bool = True
    perhaps: tuple[str, ...] = ()

    @property
    def unfinished(self) -> bool:
        """Whether an earlier run may have written something there."""
        return bool(self.perhaps)


@dataclass(frozen=True, slots=True)
class Known:
    """A status that needs nothing, and why; ``posted``: because the forge shows it."""

    status: CommitStatus
    why: str
    posted: bool


@dataclass(slots=True)
class Plan:
    """All statuses of a poll. ``shared`` are those that stand for several objects, by their key."""

    news: list[News] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)

    @property
    def statuses(self) -> Iterator[CommitStatus]:
        """All of them, news or not."""
        yield from (item.status for item in self.news)
        yield from (item.status for item in self.known)


def plan(
    statuses: Iterable[Routed],
    namesakes: Namesakes,
    ledger: Ledger,
    *,
    now: float,
    recheck: float,
) -> Plan:
    """Judge every status against the ledger; ``recheck`` in seconds, as for ``judge``."""
    shown = places(statuses, namesakes, ledger)
    made = Plan(warnings=[*namesakes.warnings(), *shown.warnings], shared=shown.shared)
    for status in shown.statuses:
        found = _news_or_known(
            status, ledger, now=now, recheck=recheck, shared=status.key in shown.shared
        )
        if isinstance(found, News):
            made.news.append(found)
        else:
            made.known.append(found)
    return made


def _news_or_known(
    status: CommitStatus, ledger: Ledger, *, now: float, recheck: float, shared: bool
) -> News | Known:
    """One status by the ledger's word; ``shared``: it stands for several objects."""
    said, result = said_by(status), status.result
    posted = ledger.posted(result.object, status.key)
    if posted is not None and shared and not posted.refused:
        posted = None  # another object may have been the worse since then
    verdict = _judge(status, said, posted, ledger, now, recheck)
    # Of a commit that something is owed of nobody knows what the forge shows since: what the ledger
    # holds of that status is no word to rely on; the forge is asked.
    owed = ledger.owed(result.object, result.commit, status.routed.way.alert)
    if isinstance(verdict, Settled) and not (verdict.posted and owed):
        return Known(status, verdict.why, verdict.posted)
    # Another end that it came to meanwhile may be on the forge all the same: Flux posts, too.
    between = any(not item.result.state.same_class(result.state) for item in owed)
    if between and posted is not None:
        posted = replace(posted, corrected=False)
    perhaps = _perhaps(status, owed)
    look = bool(perhaps) or between or shared or _look(status, verdict, ledger)
    return News(status, said, posted, look, perhaps)


def _unfinished(status: CommitStatus, ledger: Ledger) -> bool:
    result, alert = status.result, status.routed.way.alert
    return ledger.unfinished(result.object, result.commit, alert)


def _perhaps(status: CommitStatus, owed: Iterable[Owed]) -> tuple[str, ...]:
    """Digests of what earlier runs may have written where this status goes; the last few."""
    texts: dict[str, None] = {}
    for item in owed:
        if item.unfinished:
            before = replace(status, routed=replace(status.routed, result=item.result))
            texts |= dict.fromkeys([*item.perhaps, digest(before.description)])
    return tuple(texts)[-PERHAPS_KEPT:]


def _look(status: CommitStatus, verdict: New | Settled, ledger: Ledger) -> bool:
    """Whether the forge's word is needed before a write.

    Most forges add a row with every write, so always. A write by key doubles nothing; what is there
    matters only where the ledger cannot tell, a red is to be seen before it is ended, or Flux's own
    words of the same state are to stay. Of the past it can never tell: a lost ledger, or an old copy,
    does not know what came later. A wait that lasts goes over no success, of an earlier uid either.
    """
    if not (status.destination.forge.by_key and ledger.kept) or status.routed.only_over_red:
        return True
    if status.routed.only_over_pending or status.result.weight < Weight.RESULT:
        return True  # whatever has come to a result there, by anybody's word, must stay
    if status.result.lasting or not status.result.current:
        return True
    return isinstance(verdict, Settled) or verdict.recheck


def said_by(status: CommitStatus) -> Said:
    """What a status says, as the ledger compares it."""
    result = status.result
    shows = status.compared
    text = text_digest(shows, result.message if shows else "")
    said = Said(
        result.state,
        result.reason,
        text,
        result.when,
        result.current,
        reconciled=result.reconciled,
        lasting=result.lasting,
        otherwise=result.otherwise,
        red=_red(result),
    )
    if result.state is not State.PENDING:
        return said
    routed, revision = status.routed, result.event.revision
    pledge = Pledge(result.commit, routed.way.alert, status.context, routed.summary, revision)
    return replace(said, pledge=pledge)


def _red(result: Result) -> tuple[str, ...]:
    return (result.commit, result.event.revision) if result.state in RED else ()


def _judge(
    status: CommitStatus,
    said: Said,
    posted: Posted | None,
    ledger: Ledger,
    now: float,
    recheck: float,
) -> New | Settled:
    pending = posted is not None and posted.state is State.PENDING
    if status.routed.only_over_pending and not (pending or _unfinished(status, ledger)):
        return Settled("nothing of it is pending", posted=False)
    if status.routed.only_over_red and posted is not None and posted.state is State.SUCCESS:
        if said.otherwise <= posted.reconciled:
            return Settled(status.routed.unasked, posted=False)
    return judge(said, posted, now=now, recheck=recheck)
