"""Single requests and answers held against an OpenAPI 3.1 document.

Only what the documents of ``tests/contract/forge/specs`` are made of: paths with parameters, query
parameters, JSON bodies. References are put in place once, so that a check costs no look-ups.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.support.json_schema import Schema, strict

Json = dict[str, Any]


@dataclass(frozen=True)
class Observed:
    """What a forge does beyond its document, one forge's part of ``specs/observed.json``.

    ``error`` names the schema of an error's body, ``errors`` that of a single status code.
    ``codes`` says by operation (``*``: all) which codes come too and why; ``media`` are the types
    of bodies that are not JSON, by code, empty for no body. ``shown`` names by schema the keys that
    every answer has, ``free`` those that answers hold other words in than those of the document.
    ``schemas`` and ``operations`` are what the document lacks, ``queries`` by operation the
    parameters that it lacks. ``paths`` are other ways to write the start of a path, ``names`` other
    ways to write a parameter, which then stands as often as it has values.
    """

    error: str
    errors: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    media: Mapping[str, list[str]]
    shown: Mapping[str, list[str]]
    free: Mapping[str, list[str]]
    schemas: Mapping[str, Any]
    paths: Mapping[str, str]
    operations: Mapping[str, Json]
    queries: Mapping[str, Mapping[str, Json]]
    names: Mapping[str, str]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Observed:
        """From JSON, in which everything but ``error`` may be missing."""
        names = [each.name for each in fields(cls) if each.name != "error"]
        return cls(value["error"], **{name: value.get(name, {}) for name in names})


class Document:
    """One document, as the forge really enforces it."""

    def __init__(
        self, value: Json, base: str, observed: Observed, length: Callable[[str], int] = len
    ) -> None:
        """``base`` is the pattern of what may stand before a path, ``length`` counts texts."""
        self.value: Json = strict(value)
        self.value["components"]["schemas"] |= observed.schemas
        self.value["paths"] |= observed.operations
        self.observed = observed
        self.length = length
        self.operations = [
            Operation(self, method, path, base, item)
            for path, item in self.value["paths"].items()
            for method in item
            if method != "parameters"
        ]

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a path as it was sent, and the values of the path's parameters."""
        for operation in self.operations:
            found = operation.pattern.fullmatch(path) if operation.method == method else None
            if found is not None:
                values = {name: text for name, text in found.groupdict().items() if text}
                return operation, values
        return None

    def request_errors(self, method: str, path: str, query: str, body: Any) -> list[str]:
        """What is wrong with a request; ``body`` is a JSON value, None where none was sent."""
        found = self.operation(method, path)
        if found is None:
            return [f"{method} {path} is no operation of the document"]
        operation, values = found
        return [
            *operation.path_errors(values),
            *operation.query_errors(query),
            *operation.body_errors(body),
        ]

    def answer_errors(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> list[str]:
        """What is wrong with an answer; the names of ``headers`` compare without case."""
        found = self.operation(method, path)
        if found is None:
            return [f"{method} {path} is no operation of the document"]
        return found[0].answer_errors(status, {k.lower(): v for k, v in headers.items()}, body)

    def unknown_keys(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """The keys of a good answer that the document does not name."""
        found = self.operation(method, path)
        schema = found[0].declared(str(status)) if found and status < 300 else None
        return [] if schema is None else schema.unknown(json.loads(body))

    def schema(self, value: Json, *, answer: bool) -> Schema:
        """A schema with everything that it refers to; ``answer``: with all keys that are shown."""
        return Schema(self._inlined(value, answer, ()), self.length)

    def named(self, name: str, *, answer: bool = True) -> Schema:
        """One of the document's own schemas."""
        return self.schema({"$ref": f"#/components/schemas/{name}"}, answer=answer)

    def followed(self, value: Json) -> Json:
        """What a reference points to, at last."""
        while "$ref" in value:
            value = self._target(value["$ref"])
        return value

    def _target(self, reference: str) -> Json:
        found: Json = self.value
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]
        return found

    def _inlined(self, value: Any, answer: bool, within: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [self._inlined(item, answer, within) for item in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return {key: self._inlined(item, answer, within) for key, item in value.items()}
        if reference in within:  # a commit's parents are commits: one level is enough
            return {}
        target = self._inlined(self._target(reference), answer, (*within, reference))
        return self._as_answered(reference.rpartition("/")[2], target) if answer else target

    def _as_answered(self, name: str, schema: Json) -> Json:
        shown, free = self.observed.shown.get(name), self.observed.free.get(name, ())
        for key in free:
            del schema["properties"][key]["enum"]
        return schema | {"required": [*schema.get("required", ()), *shown]} if shown else schema


class Operation:
    """A method on a path; its schemas are made when they are needed first."""

    def __init__(self, document: Document, method: str, path: str, base: str, item: Json) -> None:
        """``item`` is the path's part of the document."""
        self.document = document
        self.method = method.upper()
        self.path = path
        self.pattern = _pattern(base, path, document.observed.paths)
        self.value: Json = item[method]
        queries = document.observed.queries.get(self.name, {})
        parameters = [
            *item.get("parameters", ()),
            *self.value.get("parameters", ()),
            *({"in": "query", "name": name, "schema": queries[name]} for name in queries),
        ]
        self.parameters = [document.followed(parameter) for parameter in parameters]
        self._answers: dict[str, Schema | None] = {}

    @property
    def name(self) -> str:
        """As ``observed.json`` names it."""
        return f"{self.method} {self.path}"

    @cached_property
    def _schemas(self) -> dict[tuple[str, str], Schema]:
        return {
            (each["in"], each["name"]): self.document.schema(each["schema"], answer=False)
            for each in self.parameters
        }

    @cached_property
    def _body(self) -> Schema | None:
        content = self.document.followed(self.value.get("requestBody", {})).get("content")
        if content is None:
            return None
        return self.document.schema(content["application/json"]["schema"], answer=False)

    def path_errors(self, values: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the path's parameters, which are percent-encoded."""
        for name, value in values.items():
            yield from _of(f"path {name}", self._schemas["path", name].text_errors(unquote(value)))

    def query_errors(self, query: str) -> Iterator[str]:
        """Parameters that are unknown, missing, doubled or not of their type."""
        pairs = self._usual(parse_qsl(query, keep_blank_values=True))
        names = [name for name, _ in pairs]
        yield from (f"query {name}: twice" for name in sorted(set(names)) if names.count(name) > 1)
        for each in self.parameters:
            if each["in"] == "query" and each.get("required") and each["name"] not in names:
                yield f"query {each['name']}: missing"
        for name, value in pairs:
            schema = self._schemas.get(("query", name))
            if schema is None:
                yield f"query {name}: not in the document"
            else:
                yield from _of(f"query {name}", schema.text_errors(value))

    def _usual(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The parameters as the document writes them."""
        others = self.document.observed.names
        lists = {name: ",".join(v for n, v in pairs if n == name) for name, _ in pairs}
        kept = [pair for pair in pairs if pair[0] not in others]
        return kept + [(others[name], lists[name]) for name in lists if name in others]

    def body_errors(self, body: Any) -> Iterator[str]:
        """What is wrong with the body, keys that nobody knows included."""
        if self._body is None:
            if body is not None:
                yield "body: the document has none"
        elif body is not None:
            yield from _of("body", [*self._body.errors(body), *self._body.unknown(body)])
        elif self.value["requestBody"].get("required") or self._body.value.get("required"):
            yield "body: missing"

    def declared(self, status: str) -> Schema | None:
        """The schema of a body by the document; None where it names none."""
        if status not in self._answers:
            response = self.document.followed(self.value["responses"].get(status, {}))
            body = response.get("content", {}).get("application/json")
            schema = None if body is None else self.document.schema(body["schema"], answer=True)
            self._answers[status] = schema
        return self._answers[status]

    def answer_errors(self, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
        """What is wrong with an answer; a code that is neither documented nor observed is."""
        code = str(status)
        schema = self.declared(code)
        if schema is None and code in self.value["responses"] and status < 300:
            return ["a body where there is none"] if body else []
        if schema is None and code not in self.value["responses"] and not self._observed(code):
            return [f"{status} is not in the document"]
        if 300 <= status < 400:
            return [] if headers.get("location") else ["a redirect without Location"]
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in self.document.observed.media.get(code, ()) and (kind or not body):
            return []
        if kind != "application/json":
            return [f"{status} has the content type {kind!r}"]
        return self._body_errors(schema or self._refusal(code), body)

    def _observed(self, code: str) -> bool:
        codes = self.document.observed.codes
        own = self.value.get("x-statusbot-observed", {})
        return any(code in known for known in (own, codes.get("*", {}), codes.get(self.name, {})))

    def _refusal(self, code: str) -> Schema:
        key = f"error {code}"
        if key not in self._answers:
            observed = self.document.observed
            self._answers[key] = self.document.named(observed.errors.get(code, observed.error))
        schema = self._answers[key]
        assert schema is not None
        return schema

    def _body_errors(self, schema: Schema, body: bytes) -> list[str]:
        try:
            value = json.loads(body)
        except ValueError:
            return ["the body is not JSON"]
        return schema.errors(value)


def _of(what: str, errors: list[str]) -> list[str]:
    return [f"{what}{error.removeprefix('$')}" for error in errors]


def _pattern(base: str, path: str, aliases: Mapping[str, str]) -> re.Pattern[str]:
    """A regular expression of all ways to write ``path``; each parameter is one segment."""
    starts = [path, *(path.replace(known, alias, 1) for alias, known in aliases.items())]
    # Names of groups are unique in a pattern, so those of the other ways are not kept.
    ways = [_way(start, named=number == 0) for number, start in enumerate(dict.fromkeys(starts))]
    return re.compile(f"{base}(?:{'|'.join(ways)})")


def _way(path: str, *, named: bool) -> str:
    parts = re.split(r"\{(\w+)\}", path)
    return "".join(
        re.escape(part) if number % 2 == 0 else f"(?P<{part}>[^/]+)" if named else "[^/]+"
        for number, part in enumerate(parts)
    )
