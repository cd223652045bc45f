"""Every file of tests/examples: valid/ must parse, invalid/ says in its first line what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from statusbot.manifests import alert, provider
from statusbot.manifests.document import Document, Invalid, read_documents

EXAMPLES = Path(__file__).parents[1] / "examples"
PARSERS: dict[str, Callable[..., Any]] = {"Alert": alert.parse, "Provider": provider.parse}


def parsed(file: Path) -> list[Any]:
    found: list[Any] = []
    for document in read_documents(file.read_bytes(), file.name):
        if isinstance(document, Document):
            result = PARSERS[document.kind](document.data)
            found.append(document.located(result) if isinstance(result, Invalid) else result)
        else:
            found.append(document)
    return found


def files(folder: str) -> list[Any]:
    found = sorted((EXAMPLES / folder).iterdir())
    return [pytest.param(file, id=file.name) for file in found]


@pytest.mark.parametrize("file", files("valid"))
def test_a_valid_example_is_accepted(file: Path) -> None:
    results = parsed(file)
    assert results
    assert [str(result) for result in results if isinstance(result, Invalid)] == []


@pytest.mark.parametrize("file", files("invalid"))
def test_an_invalid_example_is_refused_where_its_first_line_says(file: Path) -> None:
    (result,) = parsed(file)
    assert isinstance(result, Invalid)
    assert result.path == file.read_text().splitlines()[0].removeprefix("# ")
    assert result.line > 1


def test_the_two_manifests_of_the_readme_are_read_as_they_are_meant() -> None:
    (github,) = parsed(EXAMPLES / "valid" / "provider-github-v1beta2.yaml")
    (status,) = parsed(EXAMPLES / "valid" / "alert-github-v1beta2.yaml")
    assert (github.type, github.secret) == ("github", "github-token")
    assert github.address == "https://github.com/my-gh-org/my-gh-repo"
    assert status.provider_ref == github.ref == "flux-system/github-status"
    assert status.sources == (alert.EventSource("Kustomization", "flux-system", "flux-system"),)
