"""Requests against the forges' own API documents: these forbid no unknown field, so names count."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from statusbot.forges import forge_of
from statusbot.forges.base import Request, Row
from statusbot.results.state import State
from tests.support.forge_documents import document

SHA = "5f" * 20
ADDRESS = "https://forge.example/acme/fleet"
WRITE = "/repos/{owner}/{repo}/statuses/{sha}"
READS = {
    "github": "/repos/{owner}/{repo}/commits/{ref}/status",
    "gitea": "/repos/{owner}/{repo}/commits/{ref}/statuses",
}
FORGES = pytest.mark.parametrize("forge", sorted(READS))


def requests_of(forge: str, row: Row) -> tuple[Request, Request]:
    adapter = forge_of(forge)
    repository = adapter.repository(ADDRESS)
    return adapter.write(repository, SHA, row), adapter.reads(repository, SHA, ())[0]


def resolved(forge: str, value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        found: Any = document(forge)
        for key in value["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        value = found
    return value


def path_of(template: str) -> str:
    names = {"owner": "acme", "repo": "fleet", "sha": SHA, "ref": SHA}
    return template.format(**names)


@FORGES
def test_a_write_goes_to_a_path_of_the_document(forge: str) -> None:
    write, _ = requests_of(forge, Row("c", State.SUCCESS))
    assert "post" in document(forge)["paths"][WRITE]
    assert urlsplit(write.url).path.endswith(path_of(WRITE))


@FORGES
def test_a_read_goes_to_a_path_of_the_document(forge: str) -> None:
    _, read = requests_of(forge, Row("c", State.SUCCESS))
    assert urlsplit(read.url).path.endswith(path_of(READS[forge]))


@FORGES
def test_a_read_asks_with_parameters_of_the_document(forge: str) -> None:
    _, read = requests_of(forge, Row("c", State.SUCCESS))
    known = {
        resolved(forge, parameter)["name"]: resolved(forge, parameter)["schema"]
        for parameter in document(forge)["paths"][READS[forge]]["get"]["parameters"]
    }
    for name, value in parse_qsl(urlsplit(read.url).query):
        assert name in known
        assert value in known[name].get("enum", [value])


@FORGES
def test_a_write_has_only_fields_of_the_document(forge: str) -> None:
    write, _ = requests_of(forge, Row("c", State.SUCCESS, "d", "https://x.example/"))
    post = document(forge)["paths"][WRITE]["post"]
    schema = resolved(forge, post["requestBody"]["content"]["application/json"]["schema"])
    assert write.body is not None
    assert set(write.body) <= set(schema["properties"])


@FORGES
@pytest.mark.parametrize("state", State)
def test_every_state_of_ours_is_a_word_of_the_document(forge: str, state: State) -> None:
    write, _ = requests_of(forge, Row("c", state))
    post = document(forge)["paths"][WRITE]["post"]
    schema = resolved(forge, post["requestBody"]["content"]["application/json"]["schema"])
    words = resolved(forge, schema["properties"]["state"]).get("enum")
    assert write.body is not None
    assert words is None or write.body["state"] in words
