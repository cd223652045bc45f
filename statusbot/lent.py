"""Words for a failure that only the history tells of: it has a reason there, and no message.

Flux's Warning Events may still have it. They come late, aggregated and with another commit's
annotations, so they decide nothing: they are read when all is decided, and only if they are surely
of this commit and this failure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from statusbot.cluster.base import Cluster
from statusbot.cluster.kinds import KUSTOMIZATION
from statusbot.errors import StatusbotError
from statusbot.plan import News
from statusbot.results.loose import mapping, text
from statusbot.results.observation import MESSAGE_KEPT
from statusbot.results.result import Result
from statusbot.results.state import State, Weight
from statusbot.routing.status import CommitStatus

# kustomize-controller's internal/controller/kustomization_controller.go:1268-1279. An Event that
# stands for several has no annotations (client-go tools/record/events_cache.go:282-295).
REVISION = "kustomize.toolkit.fluxcd.io/revision"

log = logging.getLogger(__name__)


def lender(cluster: Cluster) -> Callable[[News], News]:
    """Gives the news with Flux's words, where it has none and an Event lends them, else as it is."""
    refused: set[str] = set()

    def lend(news: News) -> News:
        words = _asked(cluster, news.status.result, refused)
        return _with(news, words) if words else news

    return lend


def words_for(cluster: Cluster, result: Result) -> str:
    """Flux's words for a failure that has none, if an Event still has them."""
    return _asked(cluster, result, set())


def _asked(cluster: Cluster, result: Result, refused: set[str]) -> str:
    """``refused`` are the namespaces whose Events may not be read."""
    object_ = result.object
    if not _wanting(result) or object_.namespace in refused:
        return ""
    try:
        return _words(cluster.events(object_.namespace, object_.uid), result)
    except StatusbotError as error:
        if not refused:
            log.info("failures of the past get no message from Flux's Events: %s", error)
        refused.add(object_.namespace)
        return ""


def _wanting(result: Result) -> bool:
    flux_failed = result.state is State.FAILURE and result.weight is Weight.RESULT
    of_one = result.object.kind == KUSTOMIZATION.kind and bool(result.object.uid)
    return flux_failed and of_one and not result.message and bool(result.event.revision)


def _words(events: Iterable[Mapping[str, Any]], result: Result) -> str:
    """The newest message of this failure at this revision."""
    mine = [event for event in events if _is_of(event, result)]
    newest = max(mine, key=lambda event: text(event.get("lastTimestamp")), default={})
    return text(newest.get("message"))[:MESSAGE_KEPT]


def _is_of(event: Mapping[str, Any], result: Result) -> bool:
    annotations = mapping(mapping(event.get("metadata")).get("annotations"))
    same = annotations.get(REVISION) == result.event.revision
    about = mapping(event.get("involvedObject")).get("uid") == result.object.uid
    failed = event.get("type") == "Warning" and event.get("reason") == result.reason
    return same and about and failed


def _with(news: News, words: str) -> News:
    """What is compared stays without the message, so that it is no change of one either."""
    status = news.status
    routed = replace(status.routed, result=replace(status.result, message=words))
    return replace(news, status=CommitStatus(routed, status.context))
