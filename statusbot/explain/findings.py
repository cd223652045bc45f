"""One result on one way: on the forge, or why not."""

from __future__ import annotations

from dataclasses import dataclass, field

from statusbot.explain.step import Step
from statusbot.explain.subjects import Origin
from statusbot.forges.base import Row
from statusbot.ledger.posted import Posted
from statusbot.posting.outcome import Did
from statusbot.results.result import Result
from statusbot.routing.status import CommitStatus


@dataclass(frozen=True, slots=True)
class Finding:
    """``shown``: the forge shows it, or something that must stay in its place.

    ``why`` and ``todo`` are sentences without their full stops; ``todo`` is empty where nothing can
    be done. ``fault``: somebody has to mend something, or a poll has something to do. ``did`` is
    None where no forge was asked.
    """

    shown: bool
    why: str
    todo: str = ""
    fault: bool = False
    commit: str | None = None
    origin: Origin | None = None
    result: Result | None = None
    alert: str = ""
    provider: str = ""
    status: CommitStatus | None = None
    did: Did | None = None
    posted: Posted | None = None
    row: Row | None = None
    steps: list[Step] = field(default_factory=list)
