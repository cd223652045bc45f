from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from statusbot.demo.forge import EmbeddedForge
from tests.support.forge import REPOSITORY, SHA, UNKNOWN_SHA
from tests.support.forge_contract import Subject
from tests.support.forge_documents import errors, of_schema

FULL = {
    "state": "failure",
    "context": "kustomization/apps/1f2e3d4c",
    "description": "grün ✓",
    "target_url": "https://ci.example/1",
}
BODIES = [FULL, {"state": "success"}, {"state": "pending", "target_url": None, "description": None}]


# --- Gitea, the embedded and the real one


@pytest.mark.parametrize("body", BODIES)
def test_giteas_answers_are_those_of_its_document(
    subject: Subject, body: dict[str, str | None]
) -> None:
    sha = subject.commit
    assert errors("gitea", subject.send("POST", f"statuses/{sha}", json=body)) == []
    for what in ("statuses", "status"):
        assert errors("gitea", subject.send("GET", f"commits/{sha}/{what}")) == []


def test_giteas_empty_answers_are_those_of_its_document(subject: Subject) -> None:
    sha = subject.commit
    for what in ("statuses", "status"):
        assert errors("gitea", subject.send("GET", f"commits/{sha}/{what}")) == []


@pytest.mark.parametrize("login", ["writer", "reader", "visitor", "nobody", None])
def test_giteas_refusals_are_its_documents_errors(subject: Subject, login: str | None) -> None:
    answer = subject.write(UNKNOWN_SHA, login=login, repository="acme/none")
    assert answer.status_code >= 400
    assert errors("gitea", answer) == []


def test_giteas_unknown_commit_is_an_error_that_was_observed(subject: Subject) -> None:
    answer = subject.write(UNKNOWN_SHA)
    assert answer.status_code == 500
    assert errors("gitea", answer) == []


# --- GitHub, embedded only


@pytest.fixture(params=["", "/api/v3"])
def github(request: pytest.FixtureRequest) -> Iterator[str]:
    with EmbeddedForge() as forge:
        forge.add_repository(REPOSITORY, {SHA})
        yield f"{forge.url}{request.param}/repos/{REPOSITORY}"


@pytest.mark.parametrize("body", BODIES)
def test_githubs_answers_are_those_of_its_document(
    github: str, body: dict[str, str | None]
) -> None:
    assert errors("github", requests.post(f"{github}/statuses/{SHA}", json=body, timeout=5)) == []
    for what in ("statuses", "status"):
        answer = requests.get(f"{github}/commits/{SHA}/{what}", timeout=5)
        assert errors("github", answer) == []


def test_githubs_empty_answers_are_those_of_its_document(github: str) -> None:
    for what in ("statuses", "status"):
        answer = requests.get(f"{github}/commits/{SHA}/{what}", timeout=5)
        assert errors("github", answer) == []


def test_githubs_unknown_commit_is_its_documents_error(github: str) -> None:
    answer = requests.get(f"{github}/commits/{UNKNOWN_SHA}/status", timeout=5)
    assert answer.status_code == 404
    assert errors("github", answer) == []


def test_githubs_validation_error_is_its_documents(github: str) -> None:
    answer = requests.post(f"{github}/statuses/{SHA}", json={"state": "green"}, timeout=5)
    assert answer.status_code == 422
    assert of_schema("github", "validation-error", answer.json()) == []
