from __future__ import annotations

from typing import Any

import pytest

from statusbot.forges.base import Row
from statusbot.forges.bitbucketserver import BitbucketServer
from statusbot.results.state import State
from statusbot.text import utf16_length

SERVER = BitbucketServer()
SHA = "5f" * 20
CONTEXT = "kustomization/namespace-foo-and-service-bar"
KEY = "12ea142172e98435e16336acbbed8919610922c3"
REPOSITORY = SERVER.repository("https://bb.example/ctx/scm/FLEET/apps.git")
PAGE = f"https://bb.example/ctx/projects/FLEET/repos/apps/commits/{SHA}"
ROW = Row(
    CONTEXT,
    State.FAILURE,
    "pod apps/web is not ready",
    "https://ci.example/1",
    name="kustomization/apps",
    words="health check failed",
)


def body_of(row: Row) -> dict[str, Any]:
    body = SERVER.write(REPOSITORY, SHA, row).body
    assert body is not None
    return body


def test_a_write_posts_a_build_of_the_commit() -> None:
    request = SERVER.write(REPOSITORY, SHA, ROW)
    root = "https://bb.example/ctx/rest/api/latest"
    assert request.method == "POST"
    assert request.url == f"{root}/projects/FLEET/repos/apps/commits/{SHA}/builds"


def test_a_write_of_a_persons_repository_names_them_with_a_tilde() -> None:
    repository = SERVER.repository("https://bb.example/users/me/repos/apps")
    assert "/projects/~me/repos/apps/commits/" in SERVER.write(repository, SHA, ROW).url


def test_a_write_tells_the_server_that_no_page_made_a_browser_send_it() -> None:
    assert SERVER.write(REPOSITORY, SHA, ROW).headers["X-Atlassian-Token"] == "no-check"


def test_a_write_carries_what_flux_does() -> None:
    assert body_of(ROW) == {
        "key": KEY,
        "state": "FAILED",
        "name": "kustomization/apps [health check failed]",
        "description": "pod apps/web is not ready",
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
def test_the_states_are_fluxs(state: State, word: str) -> None:
    assert body_of(Row("c", state))["state"] == word


def test_an_empty_description_is_left_out() -> None:
    assert "description" not in body_of(Row("c", State.SUCCESS, name="n"))


@pytest.mark.parametrize("url", ["", "https://x.example/" + "x" * 433])
def test_no_url_or_one_that_is_too_long_gives_way_to_the_commits_page(url: str) -> None:
    assert body_of(Row("c", State.SUCCESS, url=url))["url"] == PAGE


def test_a_url_of_the_longest_length_goes_out() -> None:
    url = "https://x.example/" + "x" * 432
    assert body_of(Row("c", State.SUCCESS, url=url))["url"] == url


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (Row("c", None, name="kustomization/a", words="w"), "kustomization/a [w]"),
        (Row("c", None, name="kustomization/a"), "kustomization/a"),
        (Row("c", None), "c"),
    ],
)
def test_the_title_of_a_build(row: Row, title: str) -> None:
    assert body_of(row)["name"] == title


def test_a_long_title_is_cut_as_java_counts() -> None:
    name = body_of(Row("c", None, name="😀" * 200))["name"]
    assert utf16_length(name) == 255
    assert name == "😀" * 127 + "…"


def test_a_title_has_255_characters_at_most() -> None:
    assert len(body_of(Row("c", None, name="x" * 300))["name"]) == 255


def test_a_description_is_counted_as_java_does() -> None:
    assert SERVER.length("a😀") == 3


def test_each_key_is_read_by_itself() -> None:
    requests = SERVER.reads(REPOSITORY, SHA, {"b", "a"})
    url = SERVER.write(REPOSITORY, SHA, ROW).url
    assert [(r.method, r.url) for r in requests] == [
        ("GET", f"{url}?key=a"),
        ("GET", f"{url}?key=b"),
    ]


def test_without_keys_nothing_is_read() -> None:
    assert list(SERVER.reads(REPOSITORY, SHA, ())) == []


def test_every_request_asks_for_json() -> None:
    for request in (SERVER.write(REPOSITORY, SHA, ROW), *SERVER.reads(REPOSITORY, SHA, ["a"])):
        assert request.headers["Accept"] == "application/json"


def test_no_limit_of_writes_is_published() -> None:
    assert SERVER.write_limits(REPOSITORY) == ()
