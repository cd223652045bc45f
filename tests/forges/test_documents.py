"""Every request of every adapter against its forge's API document, ours and the published one."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from statusbot.forges import FORGES, forge_of
from statusbot.forges.base import App, Request, Row
from statusbot.forges.github_app import lookups, token_request
from statusbot.forges.graphs import graph_of
from statusbot.results.state import State
from tests.support.forge_documents import OFFICIAL, document, official

SHA = "5f" * 20
OTHER = "a0" * 20
ADDRESSES = {
    "github": ["https://github.com/acme/fleet", "ssh://git@ghe.example/acme/fleet.git"],
    "gitea": ["https://gitea.example/acme/fleet", "https://example.org/git/acme/fleet.git"],
    "gitlab": [
        "https://gitlab.com/acme/fleet",
        "git@gitlab.example:acme/a/b/c/fleet.git",
        "https://gitlab.example/4711",
    ],
    "bitbucket": ["https://bitbucket.org/acme/fleet", "git@bitbucket.org:acme/fleet.git"],
    "bitbucketserver": [
        "https://bitbucket.example/scm/ACME/fleet.git",
        "https://example.org/git/scm/~alice/fleet.git",
    ],
    "azuredevops": [
        "https://dev.azure.com/acme/my%20project/_git/fleet",
        "https://acme.visualstudio.com/_git/fleet",
        "git@ssh.dev.azure.com:v3/acme/project/fleet",
        "https://tfs.example/tfs/DefaultCollection/project/_git/fleet",
    ],
}
WHERE = [(name, address) for name in FORGES for address in ADDRESSES[name]]
URL = "https://ci.example/1?a=b&c=%20d#e"
CONTEXT = "kustomization/apps/1f2e3d4c"
WORDS = "health check failed"
# A Kustomization's name may have 253 characters, "kustomization/" comes before it.
LONG_NAME = "kustomization/" + "x" * 253


def rows_of(forge_type: str) -> dict[str, Row]:
    """What may have to be written: as little and as much as the forge's limits allow."""
    forge = forge_of(forge_type)
    smile = "😀"
    units = forge.length(smile)
    genre = forge.genre("prod")
    return {
        "least": Row(CONTEXT, State.SUCCESS),
        "genre": Row(CONTEXT, State.SUCCESS, genre=genre),
        "full": Row(CONTEXT, State.FAILURE, "größer ✓", URL, None, 0, genre, "kind/name", WORDS),
        "description": Row(CONTEXT, State.ERROR, "x" * forge.description_limit),
        "smiles": Row(CONTEXT, State.ERROR, smile * (forge.description_limit // units)),
        "context": Row("x" * forge.context_limit, State.PENDING, genre=genre),
        "name": Row(CONTEXT, State.PENDING, genre=genre, name=LONG_NAME, words=WORDS),
        "url": Row(CONTEXT, State.PENDING, url="https://ci.example/" + "x" * 2000),
    }


def requests_of(forge_type: str, address: str, row: Row) -> list[Request]:
    adapter = forge_of(forge_type)
    repository = adapter.repository(address)
    key = adapter.context_key(row.context, row.genre)
    return [
        adapter.write(repository, SHA, row),
        *adapter.reads(repository, SHA, [key, adapter.context_key("a b&c", row.genre)]),
    ]


def of_the_history(forge_type: str, address: str) -> list[Request]:
    graph, repository = graph_of(forge_type), forge_of(forge_type).repository(address)
    return [
        graph.commit(repository, SHA),
        graph.commit(repository, SHA[:8]),
        *graph.contains(repository, SHA, OTHER),
        graph.newest(repository, "", SHA),
        graph.newest(repository, "release/1.0 &?#+", SHA),
    ]


def wrong(forge_type: str, request: Request, *, published: bool = False) -> list[str]:
    parts = urlsplit(request.url)
    book = official(forge_type) if published else document(forge_type)
    return book.request_errors(request.method, parts.path, parts.query, request.body)


@pytest.mark.parametrize("kind", rows_of("github"))
@pytest.mark.parametrize(("forge_type", "address"), WHERE)
def test_every_request_is_one_of_the_document(forge_type: str, address: str, kind: str) -> None:
    for request in requests_of(forge_type, address, rows_of(forge_type)[kind]):
        assert wrong(forge_type, request) == []


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the published documents are not here")
@pytest.mark.parametrize("kind", rows_of("github"))
@pytest.mark.parametrize(("forge_type", "address"), WHERE)
def test_every_request_is_one_of_the_published_document(
    forge_type: str, address: str, kind: str
) -> None:
    for request in requests_of(forge_type, address, rows_of(forge_type)[kind]):
        assert wrong(forge_type, request, published=True) == []


@pytest.mark.parametrize(("forge_type", "address"), WHERE)
def test_every_request_about_the_history_is_one_of_the_document(
    forge_type: str, address: str
) -> None:
    for request in of_the_history(forge_type, address):
        assert wrong(forge_type, request) == []


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the published documents are not here")
@pytest.mark.parametrize(("forge_type", "address"), WHERE)
def test_every_request_about_the_history_is_one_of_the_published_document(
    forge_type: str, address: str
) -> None:
    for request in of_the_history(forge_type, address):
        assert wrong(forge_type, request, published=True) == []


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("forge_type", FORGES)
def test_every_state_of_ours_is_a_word_of_the_document(forge_type: str, state: State) -> None:
    request, *_ = requests_of(forge_type, ADDRESSES[forge_type][0], Row("c", state))
    assert wrong(forge_type, request) == []


@pytest.mark.parametrize("forge_type", FORGES)
def test_what_is_written_says_all_that_it_should(forge_type: str) -> None:
    row = rows_of(forge_type)["full"]
    request, *_ = requests_of(forge_type, ADDRESSES[forge_type][0], row)
    assert row.description in str(request.body)
    assert row.url in str(request.body)


@pytest.mark.parametrize("api", ["https://api.github.com", "https://ghe.example/api/v3"])
def test_every_request_of_a_github_app_is_one_of_the_document(api: str) -> None:
    app = App("4711", "", "acme", api, "")
    for request in (*lookups(app), token_request(app, "99")):
        assert wrong("github", request) == []
