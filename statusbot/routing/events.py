"""Flux's event of a result, as an Alert hands it on: what filters, expressions and overrides see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statusbot.cluster.kinds import KUSTOMIZE_GROUP
from statusbot.results.instant import timestamp
from statusbot.results.observation import EVENT_GROUP
from statusbot.results.result import Result
from statusbot.results.state import RED, State, Weight
from statusbot.revision import commit_of
from statusbot.routing.status import Way

SUMMARY = "summary"
COMMIT = "commit"
ORIGIN = "originRevision"


@dataclass(frozen=True, slots=True)
class Override:
    """The commit that somebody set in place of the result's; ``commit`` is "" where that is none.

    ``where`` it is written, which is in the Alert (``by_alert``) or at the object. ``told``: what is
    wrong with it is told of the Alert, once for all its objects.
    """

    commit: str
    where: str
    by_alert: bool
    told: bool


def metadata(result: Result, way: Way) -> dict[str, str]:
    """What is known of the event, from the least to the most that counts.

    The object's annotations, the Alert's ``eventMetadata``, its ``summary``, and what the
    controller wrote (notification-controller ``internal/server/event_handlers.go:649-719``).
    """
    event = result.event
    written = {"revision": event.revision, ORIGIN: _origin(result)}
    if result.state is State.SUCCESS and result.weight is Weight.RESULT:
        written["commit_status"] = "update"
    summary = {SUMMARY: way.alert_summary} if way.alert_summary else {}
    known = {key: value for key, value in written.items() if value}
    return {**event.metadata, **way.event_metadata, **summary, **known}


def override(known: Mapping[str, str], result: Result, way: Way) -> Override | None:
    """What names another commit than the result's, in ``known``, which is :func:`metadata`.

    ``commit`` wins over ``originRevision``, and that over ``revision`` (fluxcd/pkg
    ``apis/event/v1beta1/event.go:97-108``); the last two say nothing new where Flux wrote them. An
    empty one counts as none; Flux would find no commit in it.
    """
    for key, written in ((COMMIT, ""), (ORIGIN, _origin(result))):
        named = known.get(key, "")
        if named and named != written:
            where = f"the annotation {EVENT_GROUP}{key} of the object"
            by_alert = way.event_metadata.get(key) == named
            if by_alert:
                where = f"spec.eventMetadata.{key} of the Alert"
            commit = commit_of(named, from_git=True) or ""
            return Override(commit, where, by_alert, told=by_alert and key == COMMIT)
    return None


def _origin(result: Result) -> str:
    """The origin revision in Flux's event. Where only the source knew it, its commit is left of it.

    Flux takes it from the artifact, for a failure too (kustomize-controller
    ``internal/controller/kustomization_controller.go:1422-1428``).
    """
    written = result.event
    if written.origin or commit_of(written.revision, from_git=True) in (None, result.commit):
        return written.origin
    return f"sha{'1' if len(result.commit) == 40 else '256'}:{result.commit}"


def event(result: Result, known: Mapping[str, str]) -> dict[str, Any]:
    """The event as the notification-controller gives it to a Provider's ``commitStatusExpr``.

    ``known`` is :func:`metadata`; the keys are those of Flux's ``Event``.
    """
    object_ = result.object
    involved = {
        "apiVersion": f"{KUSTOMIZE_GROUP}/v1",
        "kind": object_.kind,
        "namespace": object_.namespace,
        "name": object_.name,
        "uid": object_.uid,
    }
    return {
        "involvedObject": {key: value for key, value in involved.items() if value},
        "severity": "error" if result.state in RED else "info",
        "timestamp": timestamp(result.when),
        "message": result.event_message,
        "reason": result.reason,
        "metadata": dict(known),
        "reportingController": "kustomize-controller",
        "reportingInstance": "",
    }
