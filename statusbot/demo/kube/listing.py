"""LIST: whole or in pages of one snapshot."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import orjson

from statusbot.demo.kube.options import check_list, number
from statusbot.demo.kube.options import version as asked_version
from statusbot.demo.kube.requests import Answer, Target
from statusbot.demo.kube.selectors import selection
from statusbot.demo.kube.status import Refused, bad_request, expired
from statusbot.demo.kube.store import Entry, Store, page

_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start"
    " a new list without the continue parameter, or use the continue token in this response to"
    " retrieve the remainder of the results. Continuing with the provided token results in an"
    " inconsistent list - objects that were created, modified, or deleted between the time the"
    " first chunk was returned and now may show up in the list."
)


def listed(store: Store, target: Target, query: Mapping[str, str]) -> Answer:
    """One page, or all when there is no ``limit``."""
    check_list(query)
    chosen = selection(
        target.resource, query.get("labelSelector", ""), query.get("fieldSelector", "")
    )
    with store.changed:
        version, after = _start(store, query)
        entries = store.snapshot(target.resource, version)
    low, high = page(entries, target.prefix, after)
    found: list[Entry] = []
    limit = number(query, "limit") or high
    place = low
    while place < high and len(found) < limit:
        if chosen is None or chosen(entries[place]):
            found.append(entries[place])
        place += 1
    metadata: dict[str, object] = {"resourceVersion": str(version)}
    if target.resource.custom:
        # Lists of custom resources name it on their last page too.
        metadata["continue"] = ""
    if place < high:
        metadata["continue"] = _token(version, found[-1].key)
        if chosen is None:
            metadata["remainingItemCount"] = high - place
    return Answer(200, _body(target, metadata, found))


def newest(store: Store, version: int) -> None:
    """Refuse a resourceVersion that no write has reached yet."""
    if version > store.version:
        message = f"Too large resource version: {version}, current: {store.version}"
        cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
        details = {"causes": [cause], "retryAfterSeconds": 1}
        raise Refused(504, "Timeout", f"Timeout: {message}", details=details)


def _start(store: Store, query: Mapping[str, str]) -> tuple[int, str]:
    """The resourceVersion of the snapshot and the key that its page comes after."""
    if token := query.get("continue"):
        version, after = _read_token(token)
        if version < 0:
            return store.version, after
        if version < store.compacted:
            raise expired(_TOO_OLD, **{"continue": _token(-1, after)})
        return version, after
    wanted = asked_version(query)
    newest(store, wanted)
    if query.get("resourceVersionMatch") != "Exact":
        return store.version, ""
    if wanted < store.compacted:
        raise expired("The resourceVersion for the provided list is too old.")
    return wanted, ""


def _token(version: int, after: str) -> str:
    token = {"v": "meta.k8s.io/v1", "rv": version, "start": after + "\0"}
    return base64.urlsafe_b64encode(orjson.dumps(token)).decode().rstrip("=")


def _read_token(text: str) -> tuple[int, str]:
    try:
        token = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return int(token["rv"]), str(token["start"]).rstrip("\0")
    except (ValueError, KeyError, TypeError) as error:
        raise bad_request("invalid continue token: continue key is not valid") from error


def _body(target: Target, metadata: dict[str, object], entries: list[Entry]) -> bytes:
    resource = target.resource
    head = orjson.dumps(
        {
            "apiVersion": resource.api_version(target.version),
            "kind": f"{resource.kind}List",
            "metadata": metadata,
        }
    )
    if resource.custom:
        items = [entry.json(resource, target.version) for entry in entries]
    else:
        # The typed lists of the core leave apiVersion and kind out of their items.
        items = [entry.rest for entry in entries]
    return b"".join((head[:-1], b',"items":[', b",".join(items), b"]}\n"))
