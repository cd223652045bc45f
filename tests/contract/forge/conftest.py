"""Every test here that takes ``subject`` runs on the embedded Gitea and on the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from statusbot.demo.forge import EmbeddedForge
from tests.support.forge_contract import Subject, of_embedded, of_gitea

# The first test on the real one waits for its build, which takes minutes.
_REAL = pytest.param("real", marks=pytest.mark.timeout(1800))


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedForge]:
    """One embedded forge for the session, as there is one real Gitea."""
    with EmbeddedForge() as forge:
        yield forge


@pytest.fixture(scope="session", params=["embedded", _REAL])
def subject(request: pytest.FixtureRequest) -> Subject:
    """The embedded forge's Gitea dialect, then the real Gitea."""
    if request.param == "real":
        return of_gitea(request.getfixturevalue("gitea"))
    return of_embedded(request.getfixturevalue("embedded"))
