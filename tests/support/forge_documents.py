"""The forges' API documents (``tests/contract/forge/specs``), and what is wrong by them.

``request_errors`` and ``answer_errors`` take a path as it was sent, with or without what stands
before the document's own paths: a sub-path, Enterprise Server's ``/api/v3``, a context path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.support.openapi import Document, Observed

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "contract" / "forge" / "specs"
# Where the documents are kept as their forges publish them, if they are; three may not be copied.
OFFICIAL = ROOT.parent / "shared" / "specs"

_BELOW = r"(?:/[^/]+)*"
_BASES = {
    "github": r"(?:/api/v3)?",
    "gitea": rf"{_BELOW}/api/v1",
    "gitlab": rf"{_BELOW}/api/v4",
    "bitbucket": r"(?:/2\.0)?",
    "bitbucketserver": _BELOW,
    "azuredevops": _BELOW,
}
FORGES = tuple(_BASES)


def utf16(text: str) -> int:
    """How long a text is to Java and .NET."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


_LENGTHS = {"bitbucketserver": utf16, "azuredevops": utf16}


@cache
def document(forge: str) -> Document:
    """The document of a forge, by the Provider's ``spec.type``."""
    return _read(forge, SPECS)


@cache
def official(forge: str) -> Document:
    """The document as the forge publishes it; FileNotFoundError where it is not at hand."""
    return _read(forge, OFFICIAL)


def _read(forge: str, folder: Path) -> Document:
    value = json.loads((folder / f"{forge}.json").read_text())
    observed = json.loads((SPECS / "observed.json").read_text())[forge]
    return Document(value, _BASES[forge], Observed.of(observed), _LENGTHS.get(forge, len))


def request_errors(forge: str, method: str, path: str, query: str, body: Any) -> list[str]:
    """What is wrong with a request; ``body`` is a JSON value, None where none was sent."""
    return document(forge).request_errors(method, path, query, body)


def answer_errors(
    forge: str, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> list[str]:
    """What is wrong with the answer to ``method`` on ``path``."""
    return document(forge).answer_errors(method, path, status, headers, body)


def errors(forge: str, answer: requests.Response) -> list[str]:
    """What is wrong with an answer of a forge, embedded or real."""
    method, path = answer.request.method or "", urlsplit(answer.request.url or "").path
    return answer_errors(
        forge, method, str(path), answer.status_code, answer.headers, answer.content
    )


def of_schema(forge: str, name: str, value: object) -> list[str]:
    """What is wrong with ``value`` by one of the document's schemas for answers."""
    return document(forge).named(name).errors(value)
