"""Our documents against those that the forges publish, where these are at hand.

Three are copies. The other three may not be copied: ours name only what we use, and must allow
nothing that the published ones, with what was observed since, do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.forge_documents import OFFICIAL, SPECS, document, official
from tests.support.openapi import Document, Operation

pytestmark = pytest.mark.skipif(
    not OFFICIAL.is_dir(), reason="the published documents are not here"
)
COPIES = ["azuredevops", "gitea", "github"]
OWN = ["bitbucket", "bitbucketserver", "gitlab"]
Json = dict[str, Any]
OPERATIONS = [(forge, operation.name) for forge in OWN for operation in document(forge).operations]
EACH = pytest.mark.parametrize(("forge_type", "name"), OPERATIONS)


def named(book: Document, name: str) -> Operation:
    """The operation of that method and path; parameters of paths may have other names."""
    (found,) = [each for each in book.operations if each.name == name]
    return found


def pair(forge_type: str, name: str) -> tuple[Operation, Operation]:
    return named(document(forge_type), name), named(official(forge_type), name)


@pytest.mark.parametrize("forge_type", COPIES)
def test_a_copy_is_the_original(forge_type: str) -> None:
    ours, theirs = ((folder / f"{forge_type}.json").read_bytes() for folder in (SPECS, OFFICIAL))
    assert json.loads(ours) == json.loads(theirs)


@EACH
def test_an_operation_of_ours_is_one_of_theirs(forge_type: str, name: str) -> None:
    assert name in [each.name for each in official(forge_type).operations]


@EACH
def test_a_parameter_of_ours_is_one_of_theirs(forge_type: str, name: str) -> None:
    ours, theirs = pair(forge_type, name)
    known = {(each["in"], each["name"]): each for each in theirs.parameters}
    for each in ours.parameters:
        published = known[each["in"], each["name"]]
        assert list(looser(each["schema"], published["schema"], each["name"])) == []
        assert each.get("required", False) == published.get("required", False)


@EACH
def test_no_parameter_that_they_require_is_missing(forge_type: str, name: str) -> None:
    ours, theirs = pair(forge_type, name)
    required = {each["name"] for each in theirs.parameters if each.get("required")}
    assert required <= {each["name"] for each in ours.parameters}


@EACH
def test_a_code_of_ours_is_one_of_theirs(forge_type: str, name: str) -> None:
    ours, theirs = pair(forge_type, name)
    observed = theirs.value.get("x-statusbot-observed", {})
    assert set(ours.value["responses"]) <= {*theirs.value["responses"], *observed}


@EACH
def test_a_body_that_we_allow_is_one_that_they_allow(forge_type: str, name: str) -> None:
    ours, theirs = pair(forge_type, name)
    if "requestBody" not in ours.value:
        assert "requestBody" not in theirs.value
        return
    assert list(looser(body(ours), body(theirs), "body")) == []


@EACH
def test_an_answer_that_we_allow_is_one_that_they_allow(forge_type: str, name: str) -> None:
    ours, theirs = pair(forge_type, name)
    for code, response in ours.value["responses"].items():
        published = theirs.value["responses"][code]
        assert ("content" in response) == ("content" in published), code
        if "content" in response:
            found = looser(content(ours, response), content(theirs, published), code)
            assert list(found) == []


def body(operation: Operation) -> Json:
    return content(operation, operation.document.followed(operation.value["requestBody"]))


def content(operation: Operation, value: Json) -> Json:
    schema = operation.document.followed(value)["content"]["application/json"]["schema"]
    return operation.document.schema(schema, answer=False).value


# --- what one schema allows that another does not


def looser(ours: Json, theirs: Json, at: str) -> Iterator[str]:
    """Where ``ours`` says less, or something else, than ``theirs`` does."""
    theirs = merged(theirs)
    kinds, known = types(ours), types(theirs)
    if known and (not kinds or not kinds <= known):
        yield f"{at}: {kinds} is not {known}"
    if "enum" in theirs and not set(ours.get("enum", ["any"])) <= set(theirs["enum"]):
        yield f"{at}: other words than {theirs['enum']}"
    if ours.get("maxLength", 1 << 31) > theirs.get("maxLength", 1 << 31):
        yield f"{at}: longer than {theirs['maxLength']}"
    if set(ours.get("required", ())) != set(theirs.get("required", ())):
        yield f"{at}: requires {ours.get('required')}, not {theirs.get('required')}"
    if theirs.get("additionalProperties") is False and ours.get("additionalProperties", True):
        yield f"{at}: any key"
    for name, schema in ours.get("properties", {}).items():
        if name not in theirs.get("properties", {}):
            yield f"{at}.{name}: not theirs"
        else:
            yield from looser(schema, theirs["properties"][name], f"{at}.{name}")
    if "items" in ours:
        yield from looser(ours["items"], theirs["items"], f"{at}[]")


def types(schema: Json) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def merged(schema: Json) -> Json:
    """All parts of an ``allOf`` as one; every way of a ``oneOf`` counts by its types."""
    made = {key: value for key, value in schema.items() if key not in ("allOf", "oneOf")}
    for part in map(merged, schema.get("allOf", ())):
        made["properties"] = made.get("properties", {}) | part.get("properties", {})
        made["required"] = [*made.get("required", ()), *part.get("required", ())]
        made = {"type": part["type"], **made} if "type" in part else made
    if "oneOf" in schema:
        made["type"] = [kind for part in schema["oneOf"] for kind in types(part)]
    return made


# --- the comparison itself


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"type": "integer"}, {"type": "string"}),
        ({}, {"type": "string"}),
        ({"type": ["string", "null"]}, {"type": "string"}),
        ({"type": "string"}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "enum": ["a", "b"]}, {"type": "string", "enum": ["a"]}),
        ({"type": "string"}, {"type": "string", "maxLength": 4}),
        ({"type": "string", "maxLength": 5}, {"type": "string", "maxLength": 4}),
        ({"required": []}, {"required": ["a"]}),
        ({"required": ["a"]}, {}),
        ({"properties": {"a": {}}}, {"properties": {}}),
        ({"properties": {"a": {"type": "null"}}}, {"properties": {"a": {"type": "string"}}}),
        ({"items": {"type": "null"}}, {"items": {"type": "string"}}),
        ({}, {"additionalProperties": False}),
        ({}, {"allOf": [{"required": ["a"]}]}),
    ],
)
def test_what_they_do_not_allow_is_found(ours: Json, theirs: Json) -> None:
    assert len(list(looser(ours, theirs, "x"))) == 1
