"""The query parameters of LIST and watch, checked as ``ListOptions`` in k8s.io/apimachinery."""

from __future__ import annotations

from collections.abc import Mapping

from statusbot.demo.kube.status import bad_request, invalid_options

_MATCH = "resourceVersionMatch"
_INITIAL = "sendInitialEvents"


def number(query: Mapping[str, str], name: str) -> int:
    """A parameter as a number; 0 when it is not there."""
    text = query.get(name, "")
    if text and not (text.isascii() and text.isdigit()):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text or 0)


def version(query: Mapping[str, str]) -> int:
    """The parameter resourceVersion; 0 when it is not there."""
    text = query.get("resourceVersion", "")
    if text and not (text.isascii() and text.isdigit()):
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{text}":'
            f' strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text or 0)


def flag(query: Mapping[str, str], name: str) -> bool:
    """A parameter as Go's conversion reads a boolean: only "false" and "0" say no."""
    return query.get(name, "false").lower() not in ("false", "0")


def check_list(query: Mapping[str, str]) -> None:
    """422 for parameters that do not go together in a LIST."""
    match = query.get(_MATCH, "")
    if match and not query.get("resourceVersion"):
        raise invalid_options(
            _MATCH, f"Forbidden: {_MATCH} is forbidden unless resourceVersion is provided"
        )
    if match and query.get("continue"):
        raise invalid_options(_MATCH, f"Forbidden: {_MATCH} is forbidden when continue is provided")
    if match not in ("", "Exact", "NotOlderThan"):
        known = '"Exact", "NotOlderThan", ""'
        raise invalid_options(_MATCH, f'Unsupported value: "{match}": supported values: {known}')
    if _INITIAL in query:
        raise invalid_options(_INITIAL, f"Forbidden: {_INITIAL} is forbidden for list")


def check_watch(query: Mapping[str, str]) -> None:
    """422 for parameters that do not go together in a watch."""
    match = query.get(_MATCH, "")
    if _INITIAL not in query and match:
        raise invalid_options(
            _MATCH, f"Forbidden: {_MATCH} is forbidden for watch unless {_INITIAL} is provided"
        )
    if _INITIAL in query and match != "NotOlderThan":
        raise invalid_options(
            _MATCH, f"Forbidden: {_INITIAL} requires setting {_MATCH} to NotOlderThan"
        )
