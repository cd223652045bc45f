from __future__ import annotations

from typing import Any

import pytest

from statusbot.forges import forge_of
from statusbot.forges.base import Row
from statusbot.results.state import State

BITBUCKET = forge_of("bitbucket")
THERE = BITBUCKET.repository("https://bitbucket.org/acme/fleet")
SHA = "5f" * 20
ROOT = f"https://api.bitbucket.org/2.0/repositories/acme/fleet/commit/{SHA}/statuses"
PAGE = f"https://bitbucket.org/acme/fleet/commits/{SHA}"
FULL = Row(
    "kustomization/namespace-foo-and-service-bar",
    State.FAILURE,
    "health check failed",
    "https://ci.example/1",
    name="kustomization/apps",
)


def body(row: Row) -> dict[str, Any]:
    made = BITBUCKET.write(THERE, SHA, row).body
    assert made is not None
    return made


def test_a_write_posts_to_the_build_statuses_of_the_commit() -> None:
    request = BITBUCKET.write(THERE, SHA, FULL)
    assert (request.method, request.url) == ("POST", f"{ROOT}/build")


def test_a_write_carries_what_flux_carries_and_a_link() -> None:
    assert body(FULL) == {
        "key": "12ea142172e98435e16336acbbed8919610922c3",
        "state": "FAILED",
        "name": "kustomization/apps",
        "description": "health check failed",
        "url": "https://ci.example/1",
    }


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.SUCCESS, "SUCCESSFUL"),
        (State.FAILURE, "FAILED"),
        (State.ERROR, "FAILED"),
        (State.PENDING, "INPROGRESS"),
    ],
)
def test_the_states_in_bitbuckets_words(state: State, word: str) -> None:
    assert body(Row("c", state))["state"] == word


def test_a_status_without_a_link_leads_to_the_commit() -> None:
    assert body(Row("c", State.SUCCESS))["url"] == PAGE


def test_a_status_without_a_title_has_its_context_for_one() -> None:
    assert body(Row("c", State.SUCCESS))["name"] == "c"


def test_a_title_is_no_longer_than_bitbucket_takes() -> None:
    name = body(Row("c", State.SUCCESS, name="kustomization/" + "x" * 250))["name"]
    assert len(name) == 255


def test_an_empty_description_is_left_out() -> None:
    assert "description" not in body(Row("c", State.SUCCESS))


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://ci.example/{commit.hash}", "https://ci.example/%7Bcommit.hash%7D"),
        ("http://10.0.0.7:8080/x?y#z", "http://10.0.0.7:8080/x?y#z"),
        ("https://CI.Example", "https://CI.Example"),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
        ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/x"),
        ("https://ci.example/" + "x" * 431, "https://ci.example/" + "x" * 431),
    ],
)
def test_a_link_goes_out_with_nothing_in_it_to_be_replaced(url: str, sent: str) -> None:
    assert body(Row("c", State.SUCCESS, url=url))["url"] == sent


@pytest.mark.parametrize(
    "url",
    [
        "http://jenkins:8080/job/1.5",
        "http://jenkins/x.y",
        "/relative",
        "ftp://ci.example/1",
        "https://me:s3cr3t@ci.example/1",
        "https://ci.example/two words",
        "https://ci.example/\x00",
        "https://ci.example/" + "x" * 432,
        "https://ci.example/" + "{" * 144,
    ],
)
def test_a_link_that_bitbucket_refuses_is_replaced_by_the_commit(url: str) -> None:
    assert body(Row("c", State.SUCCESS, url=url))["url"] == PAGE


@pytest.mark.parametrize("keys", [(), ("a",), [f"k{n}" for n in range(300)]])
def test_one_list_shows_all_keys_however_many(keys: list[str]) -> None:
    (request,) = BITBUCKET.reads(THERE, SHA, keys)
    url = f"{ROOT}?pagelen=100&sort=created_on"
    assert (request.method, request.url, request.body) == ("GET", url, None)


def test_a_write_by_key_replaces() -> None:
    assert BITBUCKET.by_key


def test_the_key_of_a_context_is_what_a_row_shows() -> None:
    assert BITBUCKET.context_key("c", "any genre") == body(Row("c", State.SUCCESS))["key"]
    assert BITBUCKET.row_key(Row("84a516", State.SUCCESS)) == "84a516"


@pytest.mark.parametrize(
    ("address", "api_url", "limits"),
    [
        ("https://bitbucket.org/a/b", None, ((800, 3600.0),)),
        ("https://bitbucket.org/a/b", "https://gate.example", ()),
        ("http://127.0.0.1:3000/a/b", None, ()),
    ],
)
def test_only_the_public_cloud_publishes_a_limit(
    address: str, api_url: str | None, limits: tuple[Any, ...]
) -> None:
    assert BITBUCKET.write_limits(BITBUCKET.repository(address, api_url)) == limits


def test_texts_are_counted_in_code_points() -> None:
    assert BITBUCKET.length("😀é") == 2


def test_there_is_no_genre() -> None:
    assert BITBUCKET.genre("summary") == ""
