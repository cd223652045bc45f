"""The calls of one batch: at the lane's pace, and with what an answer means to the lane."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from statusbot.errors import StatusbotError
from statusbot.forges.base import (
    Answer,
    Limited,
    Missing,
    Refused,
    Request,
    Row,
    Shown,
    Stored,
    Unclear,
)
from statusbot.forges.limits import cooldown
from statusbot.posting.access import Access
from statusbot.posting.batch import Batch, View
from statusbot.posting.dates import ahead, by_our_clock
from statusbot.posting.lane import OVER, Lane, Stop
from statusbot.posting.meter import Meter
from statusbot.posting.outcome import Did
from statusbot.transport import AnswerLost, LoginRefused, NotAllowed, NotSent, Transport

# How often one call may be told to come back later before it is left to the next run.
LIMITED_TRIES = 5
BACK_OFF = 0.5


class Unknown(Exception):
    """The forge did not say what became of a call; the text says what it did instead.

    ``sent`` is false where the call surely never got there, ``allowed`` where no forge has such an
    address.
    """

    def __init__(self, why: str, *, sent: bool = True, allowed: bool = True) -> None:
        """As a sentence."""
        super().__init__(why)
        self.sent = sent
        self.allowed = allowed


class Hopeless(Exception):
    """The forge refused a call for good or for now."""

    def __init__(self, refusal: Refused) -> None:
        """With the adapter's word."""
        super().__init__(refusal.why)
        self.refusal = refusal


class Calls:
    """Reads and writes of one commit's statuses. Raises Stop, Unknown, Hopeless and nothing else."""

    def __init__(
        self,
        transport: Transport,
        lane: Lane,
        access: Access,
        batch: Batch,
        now: Callable[[], float] = time.time,
        meter: Meter | None = None,
    ) -> None:
        """Nothing is called yet. ``now`` is the cluster's clock, by which rows are dated."""
        self._now = now
        self._transport = transport
        self._lane = lane
        self._access = access
        self._batch = batch
        self._meter = meter
        self.reads = 0
        self.writes = 0

    def read(self, keys: Collection[str]) -> View:
        """What the forge shows of these keys, all pages of it.

        A commit or repository that is not there shows nothing: a write will tell.
        """
        batch, view = self._batch, View(self._batch)
        if keys:
            for request in batch.forge.reads(batch.repository, batch.commit, keys):
                self._read_pages(request, view)
        return view

    def _read_pages(self, request: Request, view: View) -> None:
        forge = self._batch.forge
        seen: set[str] = set()
        page: str | None = request.url
        while page is not None and page not in seen:
            seen.add(page)
            asked = self._now()
            answer = self._read(replace(request, url=page))
            if answer is None:
                return
            view.take(by_our_clock(forge.rows(answer), ahead(answer, asked, self._now())))
            try:
                page = forge.next_page(answer)
            except StatusbotError as error:
                raise Hopeless(Refused(str(error), final=False, scope="commit")) from error

    def write(self, row: Row) -> None:
        """Store a row. Raises Unknown when it may or may not be stored: read before the next try."""
        request = self._batch.forge.write(self._batch.repository, self._batch.commit, row)
        for _ in range(LIMITED_TRIES):
            answer = self._send(request, write=True)
            if answer is None:
                continue
            meaning = self._batch.forge.meaning(answer)
            if isinstance(meaning, Stored):
                return self._lane.answered()
            self._not_done(meaning)
        raise Stop(Did.DEFERRED, "the forge asks to come back later, again and again")

    def _read(self, request: Request) -> Answer | None:
        for _ in range(LIMITED_TRIES):
            answer = self._send(request, write=False)
            if answer is None:
                continue
            meaning = self._batch.forge.read_meaning(answer)
            if isinstance(meaning, Shown | Missing):
                self._lane.answered()
                return answer if isinstance(meaning, Shown) else None
            self._not_done(meaning)
        raise Stop(Did.DEFERRED, "the forge asks to come back later, again and again")

    def _not_done(self, meaning: Limited | Refused | Unclear, *, sent: bool = True) -> None:
        if isinstance(meaning, Limited) and meaning.alone:
            self._lane.answered()
            # Whoever was in the way, our other threads too, is not to be met again.
            return self._lane.pause((meaning.seconds or BACK_OFF) * random.uniform(0.5, 1.5))
        if isinstance(meaning, Limited):
            return self._lane.limited(meaning.seconds, meaning.why)
        if isinstance(meaning, Refused):
            self._lane.answered()
            raise Hopeless(meaning)
        self._lane.failed(meaning.why)
        if meaning.seconds is not None:
            self._lane.limited(meaning.seconds, meaning.why)
        raise Unknown(meaning.why, sent=sent)

    def _answer(self, request: Request, timeout: float) -> Answer:
        credential, way = self._access.credential, self._access.way
        if self._meter is None:
            return self._transport.send(request, credential, timeout=timeout, way=way)
        began, answer = time.monotonic(), None
        try:
            answer = self._transport.send(request, credential, timeout=timeout, way=way)
            return answer
        finally:
            took = time.monotonic() - began
            self._meter.called(self._batch.repository, request.method, took, answer)

    def _send(self, request: Request, *, write: bool) -> Answer | None:
        """None: a GitHub App is to ask for its token later, and nothing was sent yet."""
        self._lane.may_call(write=write)
        if write:
            self.writes += 1
        else:
            self.reads += 1
        timeout = min(self._batch.timeout, self._lane.left())
        try:
            answer = self._answer(request, timeout)
            if answer.status < 300 and (pause := cooldown(answer)) is not None:
                self._lane.limited(pause, "the forge asks for a pause")
            return answer
        except LoginRefused as error:
            if self._lane.left() <= 0:
                raise Stop(Did.DEFERRED, OVER) from error
            self._not_done(error.meaning, sent=False)
            return None
        except NotSent as error:
            if self._lane.left() <= 0:
                raise Stop(Did.DEFERRED, OVER) from error
            # It did not even get there; nothing else of this login will.
            there = not isinstance(error, NotAllowed)
            self._lane.hopeless(str(error), unanswered=there)
            raise Unknown(str(error), sent=False, allowed=there) from error
        except AnswerLost as error:
            if self._lane.left() <= 0:
                # It had less time than the Provider gives it: that is no fault of the forge's.
                raise Stop(Did.DEFERRED, OVER, sent=True) from error
            self._lane.failed(str(error))
            raise Unknown(str(error)) from error
