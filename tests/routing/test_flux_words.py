"""Flux's own vectors for what a status is called and what it says.

notification-controller v1.9.3: ``internal/notifier/util.go:50-109`` with its test, and
``internal/server/provider_commit_status.go:42-48`` with its.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.forges.keys import hashed_key
from statusbot.results.result import ObjectRef
from statusbot.revision import commit_of
from statusbot.routing.texts import context, provider_id, title, words

COMMIT = "a1afe267b54f38b46b487f6e938a6fd508278c07"
GITOPS = ObjectRef("Kustomization", "flux-system", "gitops-system", "1")


@pytest.mark.parametrize(
    "revision",
    [
        "sha1:{}",
        "master@sha1:{}",
        "environment/dev@sha1:{}",
        "refs/pull/420/head@sha1:{}",
        "master/{}",
        "environment/dev/{}",
        "HEAD/{}",
        "{}",
    ],
)
def test_a_revision_names_its_commit(revision: str) -> None:
    assert commit_of(revision.format(COMMIT), from_git=True) == COMMIT


def test_a_branch_alone_names_none() -> None:
    assert commit_of("master", from_git=True) is None


@pytest.mark.parametrize("revision", ["x" * 40, "master@sha1:" + "x" * 40])
def test_40_letters_that_are_no_digits_name_none_where_flux_asks_the_forge(revision: str) -> None:
    assert commit_of(revision, from_git=True) is None


def test_64_digits_of_git_are_a_commit_where_flux_fails() -> None:
    assert commit_of("main@sha256:" + "a" * 64, from_git=True) == "a" * 64


def test_the_default_context() -> None:
    id_ = provider_id("0c9c2e41-d2f9-4f9b-9c41-bebc1984d67a")
    assert context(GITOPS, id_) == "kustomization/gitops-system/0c9c2e41"


def test_the_key_on_bitbucket() -> None:
    key = hashed_key("kustomization/namespace-foo-and-service-bar")
    assert key == "12ea142172e98435e16336acbbed8919610922c3"


def test_the_name_and_the_description() -> None:
    assert (title(GITOPS), words("ApplySucceeded")) == (
        "kustomization/gitops-system",
        "apply succeeded",
    )


def of_flux(reason: str) -> str:
    """``splitCamelcase``, line by line, joined and in lower case."""
    runs: list[str] = []
    last = 0
    for letter in reason:
        kind = 1 if letter.islower() else 2 if letter.isupper() else 3 if letter.isdigit() else 4
        if kind == last:
            runs[-1] += letter
        else:
            runs.append(letter)
        last = kind
    for n in range(len(runs) - 1):
        if runs[n][0].isupper() and runs[n + 1][0].islower():
            runs[n + 1] = runs[n][-1] + runs[n + 1]
            runs[n] = runs[n][:-1]
    return " ".join(run for run in runs if run).lower()


@given(st.from_regex(r"\A[A-Za-z]([A-Za-z0-9_,:]{0,20}[A-Za-z0-9_])?\Z"))
def test_every_reason_that_a_condition_may_have_falls_into_fluxs_words(reason: str) -> None:
    assert words(reason) == of_flux(reason)
