"""One Provider of a forge: its address, its expression, and fields that mean nothing there."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.errors import StatusbotError
from statusbot.routing.destinations import API_URL
from statusbot.text import cut
from statusbot.transport.guards import Guard, is_loopback
from statusbot.validate.finding import Severity
from statusbot.validate.routes import Place, Routes
from statusbot.validate.rule import Hit, error, warning
from statusbot.validate.secrets import NotSeen

ADDRESS = error("address", "an address names a repository of that type of forge")
PLAIN_HTTP = warning("plain-http", "no token goes out unencrypted")
STATUS_EXPR = error("status-expr", "commitStatusExpr compiles, and gives a text")
IGNORED_FIELD = warning("ignored-field", "a field has an effect for that type of Provider")
RULES = (ADDRESS, PLAIN_HTTP, STATUS_EXPR, IGNORED_FIELD)

_IGNORED = {
    "channel": "a Provider of type {} has no channel",
    "serviceAccountName": "statusbot logs in by the Secret: the service account is not asked",
}


def check(routes: Routes) -> Iterator[Hit]:
    """Every Provider of a forge; chats and queues are Flux's business."""
    for place in routes.places:
        yield from _address(place)
        yield from _expression(place)
        spec = place.provider.manifest["spec"]
        for field, why in _IGNORED.items():
            if spec.get(field):
                message = f"spec.{field} has no effect: {why.format(place.provider.type)}"
                yield IGNORED_FIELD.at(place.item, f"$.spec.{field}", message, "remove it")


def _address(place: Place) -> Iterator[Hit]:
    fault, path = place.address, "$.spec.address"
    if isinstance(fault, NotSeen):
        what = "the address is not checked: it is in a Secret that the files do not show"
        yield ADDRESS.at(place.item, path, what, severity=Severity.INFO)
        return
    if fault is None and place.there is not None:
        fault = _forbidden(place.there.repository.api)
    if fault is not None:
        if API_URL in place.provider.annotations and "API address" in fault.what:
            path = f"$.metadata.annotations['{API_URL}']"
        yield ADDRESS.at(place.item, path, fault.what, fault.todo)
        return
    assert place.there is not None
    api = place.there.repository.api
    if api.startswith("http://") and not is_loopback(api):
        what = "the token goes to the forge unencrypted: anyone on the way can read it"
        yield PLAIN_HTTP.at(place.item, path, what, "write https, if the forge has it")


def _forbidden(api: str) -> StatusbotError | None:
    """What the guards of a poll would say at its first call."""
    try:
        Guard().check_url(api)
    except StatusbotError as error:
        return error
    return None


def _expression(place: Place) -> Iterator[Hit]:
    path = "$.spec.commitStatusExpr"
    if place.unread:
        what = "the expression is not checked: CEL is not installed"
        todo = "pip install 'statusbot[cel]'"
        yield STATUS_EXPR.at(place.item, path, what, todo, Severity.INFO)
    elif place.expression is not None:
        fault = place.expression
        yield STATUS_EXPR.at(place.item, path, cut(fault.what, 400), fault.todo)
