"""Flux's own vectors for revisions, and what this parser checks beyond them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.revision import commit_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LONG = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "revision",
    [
        f"sha1:{COMMIT}",
        f"master@sha1:{COMMIT}",
        f"environment/dev@sha1:{COMMIT}",
        f"refs/pull/420/head@sha1:{COMMIT}",
        f"master/{COMMIT}",
        f"environment/dev/{COMMIT}",
        f"HEAD/{COMMIT}",
        COMMIT,
    ],
)
@pytest.mark.parametrize("from_git", [True, False])
def test_each_form_that_flux_writes_names_the_commit(revision: str, from_git: bool) -> None:
    assert commit_of(revision, from_git=from_git) == COMMIT


@pytest.mark.parametrize(
    "revision",
    [
        "master",
        "",
        "sha1:",
        "main@sha1",
        "6.5.4",
        COMMIT[:-1],
        COMMIT + "0",
        "g" + COMMIT[1:],
        f"{COMMIT}\n",
        f"sha1:{COMMIT}/x",
        f"{COMMIT}:x",
        "\u0660" * 40,
    ],
)
@pytest.mark.parametrize("from_git", [True, False])
def test_anything_else_names_none(revision: str, from_git: bool) -> None:
    assert commit_of(revision, from_git=from_git) is None


@pytest.mark.parametrize("revision", [f"main@sha256:{LONG}", f"sha256:{LONG}", LONG])
def test_64_digits_are_a_commit_where_git_wrote_them(revision: str) -> None:
    assert commit_of(revision, from_git=True) == LONG


@pytest.mark.parametrize("revision", [f"latest@sha256:{LONG}", f"sha256:{LONG}", LONG])
def test_64_digits_are_a_digest_anywhere_else(revision: str) -> None:
    assert commit_of(revision, from_git=False) is None


def test_a_branch_may_hold_a_colon_of_its_own() -> None:
    assert commit_of(f"a:b@sha1:{COMMIT}", from_git=True) == COMMIT


def test_a_commit_is_in_lower_case() -> None:
    assert commit_of(f"main@sha1:{COMMIT.upper()}", from_git=True) == COMMIT


@settings(deadline=None)
@given(st.text(), st.booleans())
def test_any_text_is_a_commit_or_none(text: str, from_git: bool) -> None:
    found = commit_of(text, from_git=from_git)
    assert found is None or len(found) in (40, 64)
