"""Answers against the forges' own API documents (``tests/contract/forge/specs``)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import requests
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

_SPECS = Path(__file__).parents[1] / "contract" / "forge" / "specs"


@cache
def document(forge: str) -> dict[str, Any]:
    """The OpenAPI document of ``forge``: ``github`` or ``gitea``."""
    value: dict[str, Any] = json.loads((_SPECS / f"{forge}.json").read_text())
    return value


def errors(forge: str, method: str, path: str, answer: requests.Response) -> list[str]:
    """What is wrong with an answer's body by the document; a status it does not name is wrong."""
    responses = document(forge)["paths"][path][method.lower()]["responses"]
    response = responses.get(str(answer.status_code))
    if response is None:
        return [f"{answer.status_code} is not in the document"]
    return _errors(forge, _followed(forge, response), answer.json())


def of_schema(forge: str, name: str, value: object) -> list[str]:
    """What is wrong with ``value`` by one of the document's schemas."""
    return _validate(forge, {"$ref": f"urn:{forge}#/components/schemas/{name}"}, value)


def _errors(forge: str, response: dict[str, Any], value: object) -> list[str]:
    schema = response["content"]["application/json"]["schema"]
    return _validate(forge, json.loads(json.dumps(schema).replace('"#/', f'"urn:{forge}#/')), value)


def _followed(forge: str, response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in response:
        return response
    followed: dict[str, Any] = document(forge)
    for key in response["$ref"].removeprefix("#/").split("/"):
        followed = followed[key]
    return followed


def _validate(forge: str, schema: dict[str, Any], value: object) -> list[str]:
    resource = DRAFT202012.create_resource(document(forge))
    registry: Registry[Any] = Registry().with_resource(f"urn:{forge}", resource)
    validator = Draft202012Validator(
        schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
