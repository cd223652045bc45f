"""One session of reads on one forge: who asks, how often, and what is still as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from statusbot.errors import UsageError
from statusbot.forges import forge_of
from statusbot.forges.base import (
    Answer,
    Credential,
    Forge,
    Limited,
    Login,
    Refused,
    Repository,
    Request,
    Unclear,
)
from statusbot.forges.graph import Graph
from statusbot.forges.graphs import graph_of
from statusbot.forges.limits import SECONDARY_SECONDS, cooldown
from statusbot.transport import AnswerLost, LoginRefused, NotAllowed, NotSent, Transport
from statusbot.wait.repository import type_of

_KEPT = 100


@dataclass(frozen=True, slots=True)
class Access:
    """A repository on a forge, and who asks there."""

    forge: Forge
    graph: Graph
    repository: Repository
    credential: Credential


def access_of(address: str, provider_type: str, api_url: str | None, token: str) -> Access:
    """What the options say, without any call.

    Without a token only what everybody may see is read. Raises StatusbotError, as a rule with the
    form that works.
    """
    kind = provider_type or type_of(address)
    if not kind:
        what = "the host of --address does not tell which forge it is"
        raise UsageError(what, todo="give --provider-type")
    forge = forge_of(kind)
    repository = forge.repository(address, api_url or None)
    keys = {"token": token}
    credential = forge.authorization(keys, "", repository.api) if token.strip() else Login()
    return Access(forge, graph_of(forge.type), repository, credential)


class ForgeCalls:
    """Reads, one after another, as politely as the forge asks for.

    An answer that the forge gave before is asked for under its condition (``If-None-Match``), so
    that one that did not change costs little; on GitHub nothing at all.
    """

    def __init__(
        self,
        transport: Transport,
        access: Access,
        *,
        left: Callable[[], float] = lambda: float("inf"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``left`` tells how many seconds a call may take at the most."""
        self.access = access
        self._transport = transport
        self._left = left
        self._clock = clock
        self._kept: dict[str, Answer] = {}
        self._not_before = 0.0
        self._why = ""
        self._answered = False

    def rest(self) -> float:
        """Seconds for which the forge asked to be left alone."""
        return max(0.0, self._not_before - self._clock())

    @property
    def over(self) -> bool:
        """Whether no time is left, so that it is no news that a forge which did answer does not."""
        return self._answered and self._left() <= 0

    def limited(self, meaning: Limited) -> None:
        """The forge limits our calls."""
        self._pause(SECONDARY_SECONDS if meaning.seconds is None else meaning.seconds, meaning.why)

    def ask(self, request: Request) -> Answer | Limited | Refused | Unclear:
        """The forge's answer, whatever its status; or why there is none."""
        if (rest := self.rest()) > 0:
            return Limited(rest, self._why)
        kept = self._kept.get(request.url)
        try:
            answer = self._transport.send(
                replace(request, headers={**request.headers, **_conditions(kept)}),
                self.access.credential,
                timeout=min(self.access.forge.patience, self._left()),
            )
        except LoginRefused as error:
            return error.meaning
        except NotAllowed as error:
            return Refused(str(error), final=True, scope="login")
        except (NotSent, AnswerLost) as error:
            return Unclear(str(error))
        self._answered = True
        if answer.status < 400 and (pause := cooldown(answer)) is not None:
            self._pause(pause, "the forge asks for a pause")
        if answer.status == 304 and kept is not None:
            return kept
        self._keep(request.url, answer)
        return answer

    def _pause(self, seconds: float, why: str) -> None:
        again = self._clock() + seconds
        if again > self._not_before:
            self._not_before, self._why = again, why

    def _keep(self, url: str, answer: Answer) -> None:
        self._kept.pop(url, None)
        if answer.status == 200 and _conditions(answer):
            self._kept[url] = answer
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]


def _conditions(kept: Answer | None) -> dict[str, str]:
    """The headers that ask for an answer only where it is another one (RFC 9110 section 13)."""
    if kept is None:
        return {}
    if tag := kept.headers.get("etag", "").strip():
        return {"If-None-Match": tag}
    changed = kept.headers.get("last-modified", "").strip()
    return {"If-Modified-Since": changed} if changed else {}
