"""An object against Flux's schema, told in words that a user can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from statusbot.manifests import jsonpath
from statusbot.manifests.invalid import Invalid, identity
from statusbot.manifests.schemas import GROUP, VERSIONS, validator
from statusbot.text import cut, first_few, one_line, redact

if TYPE_CHECKING:
    from jsonschema import ValidationError

_TYPES = {"object": "a mapping", "array": "a list", "string": "a string", "boolean": "a boolean"}
# Deeper than any field of Flux's, and no deeper: an object may be endless.
_DEPTH = 8
# Their values may be, or carry, credentials; other values are shown where they help.
_PRIVATE = frozenset({"address", "proxy", "username"})


def checked(
    obj: Mapping[str, Any], kind: str, default_namespace: str, source: str
) -> Mapping[str, Any] | Invalid:
    """A valid ``obj`` as the API server admits it, else the first fault and how many more."""
    admitted = as_admitted(obj)
    faults = find_faults(admitted, kind)
    if not faults:
        return admitted
    path, message = faults[0]
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    return invalid(obj, default_namespace, source, path, message + more)


def invalid(
    obj: Mapping[str, Any], default_namespace: str, source: str, path: str, message: str
) -> Invalid:
    """An :class:`Invalid` about ``obj``."""
    kind, namespace, name = identity(obj, default_namespace)
    return Invalid(source, kind, namespace, name, path, message)


def find_faults(obj: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    """Everything that Flux's schema has against an admitted ``obj``: (JSON path, message)s."""
    if obj.get("kind") != kind:
        return [("$.kind", f"is not {kind}")]
    group, _, version = str(obj.get("apiVersion")).partition("/")
    if group != GROUP or version not in VERSIONS:
        shown, known = _value(obj.get("apiVersion")), ", ".join(VERSIONS)
        return [("$.apiVersion", f"{shown} is unknown; statusbot knows {GROUP}/{known}")]
    errors = _leaves(validator(kind, version).iter_errors(obj))
    # One for each place: the last, which is the type, as Flux's CRDs have their words by name.
    faults = {at: message for error in errors for at, message in _told(error)}
    # Two keys that meet in a comparison are of one container, so of one type.
    return [(jsonpath.show(at), faults[at]) for at in sorted(faults)]


def as_admitted(obj: Mapping[str, Any]) -> dict[str, Any]:
    """``obj`` without the nulls that the API server prunes.

    It does so for fields that are not nullable, before it checks anything:
    https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
    """
    return {
        key: _without_nulls(value, _DEPTH) if key in {"spec", "metadata"} else value
        for key, value in obj.items()
    }


def as_flux_reads(admitted: Mapping[str, Any], **defaults: Any) -> dict[str, Any]:
    """An admitted object in the version that the notification-controller asks for.

    The versions differ in which fields they have, and Flux's CRDs convert nothing else. ``defaults``
    are those of the schema for ``spec``, which a cluster has filled in.
    """
    spec = {**defaults, **admitted["spec"]}
    return {**admitted, "apiVersion": f"{GROUP}/{VERSIONS[-1]}", "spec": spec}


def _without_nulls(value: Any, depth: int) -> Any:
    if depth == 0:
        return value
    if isinstance(value, Mapping):
        pairs = ((key, item) for key, item in value.items() if item is not None)
        return {key: _without_nulls(item, depth - 1) for key, item in pairs}
    if isinstance(value, list):
        return [_without_nulls(item, depth - 1) for item in value]
    return value


def _leaves(errors: Iterable[ValidationError]) -> Iterable[ValidationError]:
    for error in errors:
        yield from _leaves(error.context) if error.context else (error,)


def _told(error: ValidationError) -> Iterable[tuple[tuple[jsonpath.Step, ...], str]]:
    at = tuple(error.absolute_path)
    limit: Any = error.validator_value
    if error.validator == "required":
        # jsonschema blames the object; the user looks for the key.
        present: Any = error.instance
        return [((*at, key), "is missing") for key in limit if key not in present]
    return [(at, _message(error, limit))]


def _message(error: ValidationError, limit: Any) -> str:
    match error.validator:
        case "type":
            return f"is {_sort(error.instance)}, not {_TYPES.get(limit, limit)}"
        case "enum":
            return f"{_value(error.instance)} is not one of {_choices(limit)}"
        case "pattern":
            private = not _PRIVATE.isdisjoint(error.absolute_path)
            return f"{'' if private else _value(error.instance) + ' '}does not match {limit}"
        case "minLength":
            return "is empty" if limit == 1 else f"is shorter than {limit} characters"
        case "maxLength":
            return f"is longer than {limit} characters"
        case "not":
            schema: Any = error.schema
            return str(schema.get("$comment", "is not allowed here"))
    return f"breaks the rule {error.validator}"


def _choices(values: Iterable[object]) -> str:
    return first_few(map(str, values), 12)


def _value(value: object) -> str:
    """A text in quotes, short and without secrets; of anything else only what it is."""
    return f"'{cut(redact(one_line(value)), 60)}'" if isinstance(value, str) else _sort(value)


def _sort(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case str():
            return "a string"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case list():
            return "a list"
    return "a mapping"
