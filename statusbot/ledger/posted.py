"""What a commit's status was when we last knew it, and whether the next one is news.

Everything here is a pure function: the ledgers only store what these give. Instants are seconds
since the epoch, by the cluster's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from math import floor
from sys import intern

from statusbot.results.result import Result
from statusbot.results.state import State, Weight, weight

# A change of nothing but the message is worth a write at most this often, and this many times.
MESSAGE_EVERY = 3600.0
MESSAGE_CHANGES = 20
ONCE_GREEN = "it was green before, and Flux only waits"


@dataclass(frozen=True, slots=True)
class Pledge:
    """A pending has to be finished: on this commit, through this Alert, in this very context.

    ``revision`` is as the object's source has it: the commit may be one that somebody put in its
    place. ``summary`` is what else identifies the context on some forges.
    """

    commit: str
    alert: str
    context: str
    summary: str
    revision: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a status says, reduced to what is compared: never the text itself."""

    state: State
    reason: str
    text: str  # digest of the rendered description; "" where Flux's own message is not known
    when: float
    current: bool = True
    pledge: Pledge | None = None  # of a pending
    reconciled: float = 0.0  # as the result has it, by Flux's clock
    lasting: bool = False  # only a wait that lasted too long
    otherwise: float = 0.0  # when the history tells last of another end
    red: tuple[str, ...] = ()  # of a red: its commit, and the revision of the object's source

    @property
    def weight(self) -> Weight:
        """How much it says."""
        return weight(self.state, self.reason)


@dataclass(frozen=True, slots=True)
class Posted:
    """What the forge shows for one repository, commit and context, as far as we know."""

    state: State
    reason: str
    text: str
    when: float  # of the result that it shows
    written: float  # when we wrote it, or found it there
    checked: float  # when it was last compared with the forge
    rewrites: int = 0  # writes of this commit and context that changed nothing but the message
    corrected: bool = False  # somebody else's status was overwritten once for this result
    refused: str = ""  # the forge will never take it, and why
    pledge: Pledge | None = None  # of a pending
    reconciled: float = 0.0  # as the result has it, by Flux's clock
    red: tuple[str, ...] = ()  # of a red: its commit, and the revision of the object's source

    @property
    def weight(self) -> Weight:
        """How much it says."""
        return weight(self.state, self.reason)

    @property
    def once_green(self) -> bool:
        """Whether Flux applied the commit: that it cannot fetch it again does not undo that."""
        return self.state is State.SUCCESS and self.weight is Weight.RESULT


@dataclass(frozen=True, slots=True)
class New:
    """To be compared with the forge, and written if that does not show it.

    ``recheck``: the forge shows it as far as we know, so what it really shows decides.
    """

    why: str
    recheck: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing to do, and why; ``posted``: because the forge shows it."""

    why: str
    posted: bool = True


def digest(text: str) -> str:
    """Eight bytes of BLAKE2b in hex: enough to tell the texts of one commit apart.

    Thousands of objects say the same of one commit, so one copy is kept.
    """
    return intern(blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest())


def same_result(said: Said, posted: Posted) -> bool:
    """Whether only the message can differ. Failure and error are one class.

    While a commit is pending its reasons come and go with every try of Flux.
    """
    if said.state is State.PENDING:
        return posted.state is State.PENDING
    return posted.state.same_class(said.state) and posted.reason == said.reason


def judge(said: Said, posted: Posted | None, *, now: float, recheck: float) -> New | Settled:
    """Whether ``said`` is news to a ledger that remembers ``posted``.

    ``recheck`` is the age in seconds after which a current status is compared with the forge again.
    """
    if posted is None:
        return New("nothing is known of it yet")
    if said.weight < posted.weight:
        why = posted.refused or "the commit has its result"
        return Settled(why, posted=False)
    if said.lasting and posted.once_green:
        return Settled(ONCE_GREEN, posted=False)
    if older(said, posted):
        return Settled("a later result of this commit is posted", posted=False)
    if posted.refused and posted.state.same_class(said.state):
        return Settled(posted.refused, posted=False)
    if not same_result(said, posted):
        return New(f"it was {posted.state}: {posted.reason}")
    if said.otherwise > posted.reconciled:
        # Once another commit is here, the history may tell of that end as if it were the last:
        # a build that failed is not in it, and what renders the same takes over the entry.
        return New("it was otherwise meanwhile", recheck=True)
    if said.current and now - posted.checked >= recheck:
        return New("it is time to compare it with the forge again", recheck=True)
    return _judge_text(said, posted, now)


def older(said: Said | Result, posted: Posted) -> bool:
    """Whether what is said was so before what is posted.

    What has no result yet was seen at times of ours, which say nothing of when Flux came to one.
    Flux's own clock tells first: what it reconciled later than all that the object told of when the
    other was so, came later, however far the API server's clock is from Flux's.
    """
    if said.weight != posted.weight:
        return False
    if said.reconciled and posted.reconciled and said.reconciled != posted.reconciled:
        return said.reconciled < posted.reconciled
    # Flux's own times are whole seconds: within the second nobody knows which came first.
    return said.when < floor(posted.when)


def _judge_text(said: Said, posted: Posted, now: float) -> New | Settled:
    if said.text in ("", posted.text):
        return Settled("it is posted")
    if now - posted.written < MESSAGE_EVERY:
        return Settled("only the message changed, less than an hour after the last write")
    if posted.rewrites >= MESSAGE_CHANGES:
        return Settled(f"only the message changed, for more than {MESSAGE_CHANGES} times")
    return New("the message changed", recheck=True)


def wrote(said: Said, before: Posted | None, *, now: float, corrected: bool = False) -> Posted:
    """What to remember after the forge took ``said``."""
    same = _same(said, before)
    return Posted(
        state=said.state,
        reason=said.reason,
        text=said.text,
        when=said.when,
        written=now,
        checked=now,
        rewrites=_rewrites(before) + (same is not None and not corrected),
        corrected=corrected or (same is not None and same.corrected),
        pledge=said.pledge,
        reconciled=said.reconciled,
        red=said.red,
    )


def found(said: Said, before: Posted | None, *, now: float, since: float, text: str) -> Posted:
    """What to remember when the forge shows ``said`` already.

    ``text`` is the digest of the message that counts as shown, ``since`` when it came there. Where
    ``before`` has another, or an earlier one, a rewrite of ours was not remembered: the run was
    killed, or the ledger is an old copy.
    """
    same = _same(said, before)
    if same is None:
        return replace(wrote(said, before, now=since), text=text, checked=now)
    changed = same.text != text
    return replace(
        same,
        text=text,
        when=max(same.when, said.when),
        written=max(same.written, since),
        checked=now,
        rewrites=same.rewrites + changed,
        pledge=said.pledge,
        reconciled=max(same.reconciled, said.reconciled),
        red=said.red,
    )


def passed_over(said: Said, before: Posted | None, *, now: float) -> Posted:
    """What to remember of a success that nobody asks for while the forge shows no red.

    Without a reason it equals no result: an Alert that asks for it later finds it new.
    """
    return Posted(
        state=said.state,
        reason="",
        text="",
        when=said.when,
        written=now,
        checked=now,
        rewrites=_rewrites(before),
        reconciled=said.reconciled,
    )


def stands(
    state: State | None,
    before: Posted | None,
    *,
    now: float,
    when: float = 0.0,
    red: tuple[str, ...] = (),
) -> Posted:
    """What to remember of a result that must stay, whoever wrote it: it equals none of ours.

    ``state`` is the forge's; None for a word that is not one of ours. Nothing of before ``when`` is
    news then; ``red``: what recovers later ends it.
    """
    return Posted(
        state=state or State.ERROR,
        reason="",
        text="",
        when=when,
        written=now,
        checked=now,
        rewrites=_rewrites(before),
        red=red,
    )


def refused(said: Said, before: Posted | None, *, why: str, now: float) -> Posted:
    """What to remember when the forge will never take ``said``."""
    return Posted(
        state=said.state,
        reason=said.reason,
        text=said.text,
        when=said.when,
        written=now,
        checked=now,
        rewrites=_rewrites(before),
        refused=why,
        reconciled=said.reconciled,
    )


def _same(said: Said, before: Posted | None) -> Posted | None:
    shown = before is not None and not before.refused and same_result(said, before)
    return before if shown else None


def _rewrites(before: Posted | None) -> int:
    return before.rewrites if before is not None else 0
