"""What the forge shows of one status, read and compared as a poll does it, and never written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from statusbot.cluster.clock import Deadline
from statusbot.errors import StatusbotError, Stopped
from statusbot.forges.base import (
    Answer,
    Credential,
    Limited,
    Missing,
    Refused,
    Request,
    Row,
    Shown,
    Unclear,
)
from statusbot.interrupt import Interrupt
from statusbot.ledger.memory import Ledger
from statusbot.plan import News
from statusbot.posting.access import Accesses
from statusbot.posting.batch import View, batches
from statusbot.posting.outcome import Did, Outcome
from statusbot.posting.post import Post
from statusbot.transport import DIRECT, Transport, Way


class Reading(Transport):
    """The way to the forges for who only looks: it writes nothing, and keeps what was answered."""

    answers: list[Answer]
    todo: str = ""  # what can be done about the last call that gave no answer

    def send(
        self, request: Request, credential: Credential, *, timeout: float, way: Way = DIRECT
    ) -> Answer:
        """As every transport's, for reads. A write is a bug."""
        if request.method != "GET":
            raise AssertionError(f"explain would have called {request.method}")
        try:
            answer = super().send(request, credential, timeout=timeout, way=way)
        except StatusbotError as error:
            self.todo = error.todo
            raise
        self.answers.append(answer)
        return answer


@dataclass(frozen=True, slots=True)
class Look:
    """What a poll would do with one status now, and what the forge shows.

    ``row`` is the newest of its context. ``meaning`` is what the last answer meant, where that was
    no list of statuses; None where no answer came, and ``todo`` what can be done about that.
    """

    did: Did
    why: str
    row: Row | None = None
    meaning: Missing | Refused | Limited | Unclear | None = None
    todo: str = ""


@dataclass(slots=True)
class Forges:
    """Asks the forges; each status once."""

    transport: Reading
    accesses: Accesses
    ledger: Ledger
    deadline: Deadline
    now: Callable[[], float]
    interrupt: Interrupt
    _seen: dict[str, Look] = field(default_factory=dict)

    def __call__(self, news: News) -> Look:
        """Never raises for what a forge does."""
        key = news.status.key
        if key not in self._seen:
            self._seen[key] = self._look(news)
        return self._seen[key]

    def _look(self, news: News) -> Look:
        self.transport.answers, self.transport.todo = [], ""
        post = Post(
            transport=self.transport,
            access_of=self.accesses,
            ledger=self.ledger,
            deadline=self.deadline,
            now=self.now,
            refresh=lambda news: news,
            dry_run=True,
            stopping=self.interrupt.came,
            noted_only=self.interrupt.noted_only,
            aloud=self.interrupt.aloud,
        )
        outcomes = post([news])
        if self.interrupt.came.is_set():
            raise Stopped
        if post.crash is not None:
            raise post.crash
        outcome = outcomes[0] if outcomes else Outcome(news.status, Did.DEFERRED, "it was stopped")
        return self._told(news, outcome)

    def _told(self, news: News, outcome: Outcome) -> Look:
        forge, row, meaning = news.status.destination.forge, None, None
        for batch in batches([news]):
            view = View(batch)
            for answer in self.transport.answers:
                found = forge.read_meaning(answer)
                if isinstance(found, Shown):
                    meaning = None
                    view.take(forge.rows(answer))
                elif not (isinstance(found, Missing) and forge.reads_by_key):
                    meaning = found
            row, _ = view.of(news.status.context_key)
        return Look(outcome.did, outcome.why, row, meaning, self.transport.todo)
