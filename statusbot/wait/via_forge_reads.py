"""All statuses of a commit, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from statusbot.errors import StatusbotError
from statusbot.forges.base import (
    Answer,
    Forge,
    Limited,
    Missing,
    Refused,
    Request,
    Row,
    Shown,
    Unclear,
)
from statusbot.forges.bitbucketserver_list import BitbucketServerList
from statusbot.wait.via_forge_calls import ForgeCalls
from statusbot.wait.via_forge_rows import Contexts


@dataclass(frozen=True, slots=True)
class Failed:
    """Why the statuses of a commit are not known now."""

    meaning: Limited | Refused | Unclear

    @property
    def why(self) -> str:
        """In one sentence."""
        return self.meaning.why


@dataclass(slots=True)
class Reads:
    """What is read is what ``contexts`` want, or more."""

    calls: ForgeCalls
    contexts: Contexts
    _reader: Forge | BitbucketServerList = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Only a list can show what a pattern asks for."""
        access = self.calls.access
        self._reader = access.forge
        if access.forge.reads_by_key and self.contexts.keys is None:
            self._reader = BitbucketServerList(access.repository)

    @property
    def of_repository(self) -> bool:
        """Whether it tells a repository that is not there, or not for this login, from others."""
        return not isinstance(self._reader, BitbucketServerList)

    def rows(self, sha: str) -> Sequence[Row] | Failed:
        """Every row of a commit that the forge shows now."""
        keys = self.contexts.keys or ()
        rows: list[Row] = []
        for request in self._reader.reads(self.calls.access.repository, sha, keys):
            for page in self._pages(request):
                if isinstance(page, Failed):
                    return page
                rows += page
        return rows

    def _pages(self, request: Request) -> Iterator[list[Row] | Failed]:
        url: str | None = request.url
        while url is not None:
            answer = self.calls.ask(replace(request, url=url))
            if not isinstance(answer, Answer):
                yield Failed(answer)
                return
            meaning = self._reader.read_meaning(answer)
            if not isinstance(meaning, Shown):
                if failed := self._failed(meaning):
                    yield failed
                return
            yield self._reader.rows(answer)
            url = self._next(answer)

    def _next(self, answer: Answer) -> str | None:
        try:
            url = self._reader.next_page(answer)
        except StatusbotError:
            return None  # a thousand pages are enough
        return None if url == answer.url else url

    def _failed(self, meaning: Missing | Limited | Refused | Unclear) -> Failed | None:
        if isinstance(meaning, Limited):
            self.calls.limited(meaning)
        if not isinstance(meaning, Missing):
            return Failed(meaning)
        if not self._reader.reads_by_key:
            return Failed(Refused(meaning.why, final=False, scope="commit"))
        return None
