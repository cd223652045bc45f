"""Writes the JSON Schemas of Flux's Provider and Alert from Flux's CRDs.

    python schemas/generate.py OLDER-CRD.yaml ... NEWEST-CRD.yaml

Each file may hold several CRDs; where two hold the same version of a kind, the later file wins.
The first line of a file says where it is from (``# … of <project> <version> …``) and is kept.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

KINDS = ("Provider", "Alert")
FOLDER = Path(__file__).parent

# What JSON Schema has no word for, or what only the API server fills in or reads.
DROPPED = ("default", "x-kubernetes-validations", "format", "nullable", "description")

# Checked by the API server for every object, so no CRD says it. Nothing works without a name.
METADATA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 253},
        "namespace": {"type": "string", "maxLength": 63},
        "uid": {"type": "string"},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}

# The only form of rule that Flux uses so far: a field for some types alone.
_ONLY_FOR = re.compile(r"(?:self\.type == '\w+' \|\| )+!has\(self\.(?P<field>\w+)\)")


def main(files: list[str]) -> int:
    """Write one schema per kind and version found in ``files``."""
    if not files:
        print(__doc__, file=sys.stderr)
        return 2
    found = {}
    for file in files:
        for crd in _crds(Path(file)):
            for version in crd["spec"]["versions"]:
                key = (crd["spec"]["names"]["kind"], version["name"])
                found[key] = _schema(*key, crd, version)
    for (kind, version), schema in found.items():
        target = FOLDER / f"{kind.lower()}-{version}.json"
        target.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        print(target.name)
    return 0


def _crds(file: Path) -> Iterator[dict[str, Any]]:
    text = file.read_text()
    origins = re.findall(r"^# .* of (\S+ \S+)", text, re.MULTILINE)
    # Two CRDs in one file need no separator as long as each begins with its apiVersion.
    parts = re.split(r"^(?=apiVersion: apiextensions)", text, flags=re.MULTILINE)[1:]
    for index, part in enumerate(parts):
        crd = yaml.safe_load(part)
        if crd["spec"]["names"]["kind"] in KINDS:
            yield {**crd, "origin": origins[min(index, len(origins) - 1)]}


def _schema(kind: str, name: str, crd: dict[str, Any], version: dict[str, Any]) -> dict[str, Any]:
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:statusbot:schema:{kind.lower()}-{name}",
        "$comment": f"Made by generate.py from the CRD of {crd['origin']} (Apache-2.0).",
        "title": f"{kind} {crd['spec']['group']}/{name}",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": f"{crd['spec']['group']}/{name}"},
            "kind": {"const": kind},
            "metadata": METADATA,
            "spec": {**_plain(spec), **_conditions(spec)},
        },
    }


def _plain(node: Any) -> Any:
    """``node`` without what JSON Schema does not know; names of properties are never dropped."""
    if not isinstance(node, dict):
        return node
    plain = {}
    for key, value in node.items():
        if key == "properties":
            plain[key] = {name: _plain(property) for name, property in value.items()}
        elif key not in DROPPED:
            plain[key] = _plain(value)
    return plain


def _conditions(spec: dict[str, Any]) -> dict[str, Any]:
    rules = spec.get("x-kubernetes-validations", ())
    conditions = [_condition(rule["rule"], rule["message"]) for rule in rules]
    return {"allOf": conditions} if conditions else {}


def _condition(rule: str, message: str) -> dict[str, Any]:
    match = _ONLY_FOR.fullmatch(" ".join(rule.split()))
    if not match:
        raise SystemExit(f"A rule that has no JSON Schema here yet; add it to generate.py: {rule}")
    types = re.findall(r"self\.type == '(\w+)'", rule)
    forbidden = {"$comment": message.removeprefix("spec." + match["field"] + " "), "not": {}}
    return {
        "if": {"properties": {"type": {"enum": types}}},
        "else": {"properties": {match["field"]: forbidden}},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
