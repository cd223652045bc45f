"""One batch at one forge: read, compare, write, and find out what an unclear answer meant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from statusbot.errors import StatusbotError
from statusbot.forges.base import Refused, Row
from statusbot.ledger.compare import Already, Overwritten, Write, compare
from statusbot.ledger.posted import Posted, found, passed_over, refused, stands, wrote
from statusbot.plan import News
from statusbot.posting.batch import Batch, View
from statusbot.posting.calls import BACK_OFF, Calls, Hopeless, Unknown
from statusbot.posting.lane import Lane, Stop
from statusbot.posting.outcome import Did
from statusbot.posting.queue import Queue
from statusbot.results.state import RED, State
from statusbot.routing.texts import words

if TYPE_CHECKING:
    from statusbot.posting.post import Post

# How often a write is tried whose answer was lost or unclear, with a read before each new try.
TRIES = 3
# What was read from the cluster longer ago is read again before it is written.
FRESH_FOR = 30.0


class Desk:
    """The tasks of one batch: they run in the lane's queue."""

    def __init__(self, post: Post, queue: Queue, lane: Lane, calls: Calls, batch: Batch) -> None:
        """Nothing is called yet."""
        self._post = post
        self._queue = queue
        self._lane = lane
        self._calls = calls
        self._batch = batch

    def open(self) -> None:
        """The task that reads the commit's statuses, and queues a task for each of our own."""
        batch = self._batch
        try:
            # What would be posted is what the forge does not show, however it takes writes.
            view = self._look(batch.keys if self._post.dry_run else batch.unknown)
        except Exception as error:
            for news in batch.news:
                self._failed(news, error)
            return
        for news in batch.news:
            # Reads of later commits come after the writes of this one.
            self._queue.put((batch.urgency, 1), partial(self.settle, news, view))

    def settle(self, news: News, view: View) -> None:
        """The task that makes the forge show one status, if it does not yet."""
        try:
            self._settle(news, view)
        except Exception as error:
            self._failed(news, error)

    def _settle(self, news: News, view: View, tried: Write | None = None, number: int = 1) -> None:
        """Try number ``number``: ``view`` is newer than ``tried``, whose answer was lost."""
        write = self._compared(news, view, tried)
        if write is None:
            return
        fresh = self._fresh(news)
        if fresh is not news:
            news, write = fresh, self._compared(fresh, view)
        if write is None:
            return
        news = self._post.lend(news)
        if self._wrote(news, write, last=number == TRIES):
            return
        self._lane.pause(BACK_OFF * 2**number)
        self._settle(news, self._look({news.status.context_key}), write, number + 1)

    def _look(self, keys: Collection[str]) -> View:
        self._check_refused()
        return self._calls.read(keys)

    def _check_refused(self) -> None:
        refusal = self._lane.refusal(self._batch.repository.key, self._commit)
        if refusal is not None:
            raise Hopeless(refusal)

    @property
    def _commit(self) -> str:
        return f"{self._batch.repository.key}@{self._batch.commit}"

    def _compared(self, news: News, view: View, tried: Write | None = None) -> Write | None:
        """What is to be written, or None where that is nothing; then there is an outcome.

        ``tried`` is what we wrote, and only its answer was lost.
        """
        status, said, before, now = news.status, news.said, news.posted, self._post.now()
        row, count = view.of(status.context_key)
        if not tried and self._ends_nothing(news, row, now):
            return None
        reason, begins = words(status.result.reason), status.beginning
        verdict = compare(
            said,
            status.description,
            reason,
            row,
            count,
            before,
            now=now,
            beginning=begins,
            perhaps=news.perhaps,
        )
        if isinstance(verdict, Write):
            if not self._post.dry_run:
                return verdict
            self._post.done(status, Did.WOULD_POST, verdict.why)
        elif isinstance(verdict, Overwritten):
            # With its message, or a change of that alone would be looked for at every poll.
            text = said.text or verdict.posted.text
            looked = replace(verdict.posted, checked=now, text=text)
            self._nothing(news, looked, Did.SKIPPED, verdict.why)
        elif verdict.text is None:
            self._nothing(news, _stays(news, row, verdict, now), Did.ALREADY, verdict.why)
        elif tried:
            self._stored(news, tried)
        else:
            shown = found(said, before, now=now, since=verdict.since, text=verdict.text)
            self._nothing(news, shown, Did.ALREADY, verdict.why)
        return None

    def _ends_nothing(self, news: News, row: Row | None, now: float) -> bool:
        """Whether it is only to end what the forge does not show; then there is an outcome."""
        routed, before = news.status.routed, news.posted
        if routed.only_over_red and not _red(row):
            passed = passed_over(news.said, before, now=now)
            self._nothing(news, passed, Did.SKIPPED, routed.unasked)
            return True
        if routed.only_over_pending and not _pending(row):
            there = stands(row.state if row else None, before, now=now)
            self._nothing(news, there, Did.SKIPPED, "nothing of it is pending any more")
            return True
        return False

    def _nothing(self, news: News, remember: Posted | None, did: Did, why: str) -> None:
        if remember is not None:
            self._post.record(news, remember)
        self._post.done(news.status, did, why)

    def _stored(self, news: News, write: Write) -> None:
        now = self._post.now()
        posted = wrote(news.said, news.posted, now=now, corrected=write.correction)
        self._post.record(news, posted)
        self._post.done(news.status, Did.POSTED, "")

    def _fresh(self, news: News) -> News:
        result = news.status.result
        read = result.when if result.current else self._post.began
        return self._post.refresh(news) if self._post.now() - read > FRESH_FOR else news

    def _wrote(self, news: News, write: Write, *, last: bool) -> bool:
        """Write it. False: nobody knows whether it is there now."""
        status = news.status
        self._check_refused()
        self._post.begins_to_write(status)
        try:
            self._calls.write(status.row)
        except (Stop, Unknown) as unclear:
            self._post.ended_to_write(status, unfinished=unclear.sent)
            if last or isinstance(unclear, Stop):
                raise
            return False
        except Hopeless:
            self._post.ended_to_write(status)
            raise
        except Exception:
            # A bug of ours, and nobody knows where: in the answer, say.
            self._post.ended_to_write(status, unfinished=True)
            raise
        self._stored(news, write)
        self._post.ended_to_write(status)
        return True

    def _failed(self, news: News, error: Exception) -> None:
        if isinstance(error, Hopeless):
            self._spread(error.refusal)
            self._refused(news, error.refusal)
        elif isinstance(error, Stop):
            host = self._batch.repository.host if error.unanswered else ""
            self._post.done(news.status, error.did, error.why, settled=False, obstacle=host)
        elif isinstance(error, Unknown):
            host = self._batch.repository.host if error.allowed else ""
            self._post.done(news.status, Did.ERROR, str(error), settled=False, obstacle=host)
        elif isinstance(error, StatusbotError):
            # The object could not be read again: what is known of it may be old by now.
            self._post.done(news.status, Did.DEFERRED, str(error), settled=False)
        else:
            self._lane.answered()  # others may wait for what this call would find out
            self._post.crashed(news.status, error)

    def _spread(self, refusal: Refused) -> None:
        if refusal.scope == "login":
            self._lane.hopeless(refusal.why)
        elif refusal.scope == "repository":
            self._lane.refuse(self._batch.repository.key, refusal)
        elif refusal.scope == "commit":
            self._lane.refuse(self._commit, refusal)

    def _refused(self, news: News, refusal: Refused) -> None:
        unknown = refusal.scope == "commit" and refusal.final
        mirror = unknown and not news.status.routed.way.same_repository
        if refusal.final:
            said, before, now = news.said, news.posted, self._post.now()
            self._post.record(news, refused(said, before, why=refusal.why, now=now))
        did = Did.SKIPPED if mirror else Did.ERROR
        self._post.done(news.status, did, refusal.why, settled=refusal.final)


def _stays(news: News, row: Row | None, verdict: Already, now: float) -> Posted:
    """What to remember of a row that stays, though it is none of what is said."""
    since = 0.0 if verdict.result else verdict.since
    red = news.said.red if _red(row) and since else ()
    return stands(row.state if row else None, news.posted, now=now, when=since, red=red)


def _pending(row: Row | None) -> bool:
    return row is not None and row.state is State.PENDING


def _red(row: Row | None) -> bool:
    return row is not None and row.state in RED
