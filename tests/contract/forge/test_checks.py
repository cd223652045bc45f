"""The checks by the documents find what they should: what is let through here is let through anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from statusbot.demo.forge import Call, EmbeddedForge, Reply
from tests.support.forge import REPOSITORY, SHA, TOKEN, forge
from tests.support.forge_documents import (
    FORGES,
    answer_errors,
    document,
    of_schema,
    request_errors,
)
from tests.support.forge_watch import Watch

__all__ = ["forge"]

JSON = {"Content-Type": "application/json; charset=utf-8"}
PATHS = {
    "github": f"/api/v3/repos/acme/fleet/statuses/{SHA}",
    "gitea": f"/git/api/v1/repos/acme/fleet/statuses/{SHA}",
    "gitlab": f"/sub/api/v4/projects/acme%2Fsub%2Ffleet/statuses/{SHA}",
    "bitbucket": f"/2.0/repositories/acme/fleet/commit/{SHA}/statuses/build",
    "bitbucketserver": f"/git/rest/api/latest/projects/ACME/repos/fleet/commits/{SHA}/builds",
    "azuredevops": f"/acme/my%20project/_apis/git/repositories/fleet/commits/{SHA}/statuses",
}
QUERIES = {"azuredevops": "api-version=6.0"}
BUILD = {"key": "c", "url": "https://ci.example/"}
BODIES: dict[str, dict[str, Any]] = {
    "github": {"state": "success"},
    "gitea": {"state": "success"},
    "gitlab": {"state": "success"},
    "bitbucket": {"state": "SUCCESSFUL", **BUILD},
    "bitbucketserver": {"state": "SUCCESSFUL", **BUILD},
    "azuredevops": {"state": "succeeded", "context": {"name": "c"}},
}
ALL = pytest.mark.parametrize("forge_type", FORGES)


def wrong(forge_type: str, body: Any = None, *, path: str = "", query: str | None = None) -> str:
    """What a write of the least body, or of this one, is told."""
    found = request_errors(
        forge_type,
        "POST",
        path or PATHS[forge_type],
        QUERIES.get(forge_type, "") if query is None else query,
        BODIES[forge_type] if body is None else body,
    )
    return "; ".join(found)


def answered(
    forge_type: str, status: int, value: object, headers: Mapping[str, str] = JSON
) -> list[str]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return answer_errors(forge_type, "POST", PATHS[forge_type], status, headers, body)


# --- requests


@ALL
def test_the_least_write_is_right(forge_type: str) -> None:
    assert wrong(forge_type) == ""


@ALL
def test_a_key_that_nobody_knows_is_found(forge_type: str) -> None:
    assert "body.descriptoin" in wrong(forge_type, {**BODIES[forge_type], "descriptoin": "x"})


def test_a_key_that_nobody_knows_is_found_at_every_level() -> None:
    body = {"state": "succeeded", "context": {"name": "c", "gender": "x"}}
    assert wrong("azuredevops", body) == "body.context.gender: not in the document"


@ALL
def test_a_state_that_nobody_knows_is_found(forge_type: str) -> None:
    assert "green" in wrong(forge_type, {**BODIES[forge_type], "state": "green"})


@ALL
def test_a_missing_state_is_found(forge_type: str) -> None:
    body = {key: value for key, value in BODIES[forge_type].items() if key != "state"}
    assert "'state' is a required property" in wrong(forge_type, body)


@pytest.mark.parametrize("forge_type", ["bitbucket", "bitbucketserver"])
def test_a_missing_url_of_a_build_is_found(forge_type: str) -> None:
    body = {"state": "SUCCESSFUL", "key": "c"}
    assert wrong(forge_type, body) == "body: 'url' is a required property"


@pytest.mark.parametrize(
    ("forge_type", "key", "most"),
    [
        ("github", "description", 140),
        ("github", "context", 255),
        ("gitlab", "description", 255),
        ("gitlab", "target_url", 255),
        ("bitbucket", "key", 40),
        ("bitbucket", "name", 255),
        ("bitbucketserver", "key", 255),
        ("bitbucketserver", "name", 255),
    ],
)
def test_a_text_over_the_limit_is_found(forge_type: str, key: str, most: int) -> None:
    assert wrong(forge_type, {**BODIES[forge_type], key: "x" * most}) == ""
    assert wrong(forge_type, {**BODIES[forge_type], key: "x" * (most + 1)}) != ""


@pytest.mark.parametrize(("forge_type", "counts"), [("bitbucketserver", 2), ("bitbucket", 1)])
def test_data_center_counts_in_utf_16(forge_type: str, counts: int) -> None:
    full = {**BODIES[forge_type], "name": "😀" * (255 // counts)}
    assert wrong(forge_type, full) == ""
    assert wrong(forge_type, {**full, "name": full["name"] + "😀"}) != ""


@ALL
def test_a_parameter_that_nobody_knows_is_found(forge_type: str) -> None:
    query = f"{QUERIES.get(forge_type, '')}&per-page=2"
    assert wrong(forge_type, query=query) == "query per-page: not in the document"


def test_a_missing_parameter_is_found() -> None:
    assert wrong("azuredevops", query="") == "query api-version: missing"


def test_a_parameter_that_comes_twice_is_found() -> None:
    query = "api-version=6.0&api-version=7.1"
    assert wrong("azuredevops", query=query) == "query api-version: twice"


@pytest.mark.parametrize(
    ("forge_type", "query"),
    [
        ("gitea", "sort=newest"),
        ("gitea", "limit=many"),
        ("gitlab", "per_page=101"),
        ("gitlab", "all=yes"),
        ("github", "per_page=x"),
    ],
)
def test_a_parameters_wrong_value_is_found(forge_type: str, query: str) -> None:
    reads = {
        "github": f"/repos/a/b/commits/{SHA}/status",
        "gitea": f"/api/v1/repos/a/b/commits/{SHA}/statuses",
        "gitlab": f"/api/v4/projects/7/repository/commits/{SHA}/statuses",
    }
    assert request_errors(forge_type, "GET", reads[forge_type], "", None) == []
    assert request_errors(forge_type, "GET", reads[forge_type], query, None) != []


def test_a_slash_in_gitlabs_project_is_found() -> None:
    path = f"/api/v4/projects/acme/fleet/statuses/{SHA}"
    assert "is no operation" in wrong("gitlab", path=path)


@ALL
def test_a_path_that_is_none_of_the_documents_is_found(forge_type: str) -> None:
    assert "is no operation" in wrong(forge_type, path=PATHS[forge_type] + "/x")


@ALL
def test_a_write_without_a_body_is_found(forge_type: str) -> None:
    query = QUERIES.get(forge_type, "")
    found = request_errors(forge_type, "POST", PATHS[forge_type], query, None)
    assert found == ["body: missing"]


# --- answers


@ALL
def test_a_code_that_nobody_saw_is_found(forge_type: str) -> None:
    assert answered(forge_type, 418, {}) == ["418 is not in the document"]


@ALL
def test_a_page_where_json_belongs_is_found(forge_type: str) -> None:
    html = {"Content-Type": "text/html"}
    assert answered(forge_type, 404, b"<html>", html) == [
        "404 has the content type 'text/html'",
    ]


@ALL
def test_a_refusal_of_the_wrong_shape_is_found(forge_type: str) -> None:
    assert answered(forge_type, 404, ["nothing"]) != []


@pytest.mark.parametrize(
    ("forge_type", "name"),
    [
        ("github", "status"),
        ("gitea", "CommitStatus"),
        ("gitlab", "Row"),
        ("bitbucket", "Row"),
        ("bitbucketserver", "Row"),
        ("azuredevops", "GitStatus"),
    ],
)
def test_a_row_without_what_is_always_shown_is_found(forge_type: str, name: str) -> None:
    assert any("is a required property" in error for error in of_schema(forge_type, name, {}))


def test_an_empty_answer_with_a_body_is_found() -> None:
    assert answered("bitbucketserver", 204, b"", {}) == []
    assert answered("bitbucketserver", 204, {}) == ["a body where there is none"]


def test_a_redirect_without_an_address_is_found() -> None:
    assert answered("azuredevops", 302, b"", {"Location": "/_signin"}) == []
    assert answered("azuredevops", 302, b"", {}) == ["a redirect without Location"]


@pytest.mark.parametrize("time", ["2026-11-20 12:00:00Z", "2026-11-20T12:00:00", "soon"])
def test_a_time_that_is_not_of_rfc_3339_is_found(time: str) -> None:
    assert len(of_schema("gitea", "CommitMeta", {"created": "2026-11-20T12:00:00+01:00"})) == 0
    assert len(of_schema("gitea", "CommitMeta", {"created": time})) == 1


def test_a_key_of_an_answer_that_the_document_does_not_name_is_found() -> None:
    body = json.dumps({"id": 1, "descripton": ""}).encode()
    path = PATHS["gitlab"]
    assert document("gitlab").unknown_keys("POST", path, 201, body) == [
        "$.descripton: not in the document"
    ]


@ALL
def test_what_was_observed_names_operations_and_schemas_of_the_document(forge_type: str) -> None:
    book = document(forge_type)
    operations = {"*", *(each.name for each in book.operations)}
    schemas = book.value["components"]["schemas"]
    observed = book.observed
    assert set(observed.codes) <= operations
    assert {observed.error, *observed.errors.values(), *observed.shown, *observed.free} <= {
        *schemas
    }
    for name, keys in observed.shown.items():
        assert set(keys) <= set(schemas[name]["properties"])


# --- what watches every test


def call(forge_type: str, body: object, agent: str) -> Call:
    path = PATHS[forge_type]
    headers = {"user-agent": agent, "content-type": "application/json"}
    sent = json.dumps(body).encode()
    return Call(
        1, datetime.now(UTC), "POST", path, {}, headers, sent, dialect=forge_type, target=path
    )


REFUSAL = Reply(400, b'{"message":"x"}', JSON)


def test_a_bad_request_of_ours_fails_the_test() -> None:
    watch = Watch()
    watch(call("github", {"sate": "success"}, "statusbot/1.0"), REFUSAL)
    (first, second) = watch.errors()
    assert "'state' is a required property" in first
    assert "body.sate: not in the document" in second


def test_a_bad_request_of_ours_fails_the_test_when_its_answer_is_lost() -> None:
    watch = Watch()
    watch(call("github", {"state": "green"}, "statusbot/1.0"), None)
    assert len(watch.errors()) == 1


def test_a_bad_request_that_a_test_sends_is_the_tests_business() -> None:
    watch = Watch()
    watch(call("github", {"state": "green"}, "python-requests/2"), REFUSAL)
    assert watch.errors() == []


def test_a_bad_answer_fails_the_test_whoever_asked() -> None:
    watch = Watch()
    watch(call("github", {"state": "success"}, "python-requests/2"), Reply(201, b"{}", JSON))
    assert any("'creator' is a required property" in error for error in watch.errors())


def test_what_was_judged_is_not_judged_again() -> None:
    watch = Watch()
    watch(call("github", {"state": "green"}, "statusbot/1.0"), None)
    watch.errors()
    assert watch.errors() == []


def test_every_embedded_forge_is_watched(forge: EmbeddedForge, forge_watch: Watch) -> None:
    forge_watch.errors()
    url = f"{forge.url}/api/v3/repos/{REPOSITORY}/statuses/{SHA}"
    headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "statusbot/1.0"}
    requests.post(url, json={"sate": "success"}, headers=headers, timeout=5)
    assert len(forge_watch.errors()) == 2
