from __future__ import annotations

import pytest

from statusbot.forges import forge_of
from statusbot.forges.base import Row
from statusbot.forges.keys import hashed_key
from statusbot.results.result import Event, ObjectRef, Result
from statusbot.results.state import SUPERSEDED, State
from statusbot.routing.texts import description
from statusbot.wait.via_forge_rows import Contexts, Said, Word, said

APPS = "kustomization/apps/1f2e3d4c"
BY_KEY = ("bitbucket", "bitbucketserver")
OTHERS = ("github", "gitlab", "gitea", "azuredevops")


def shown(forge_type: str, row: Row, *patterns: str) -> bool:
    return bool(Contexts(forge_of(forge_type), patterns).of("a", [row]).rows)


# --- which contexts


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("kustomization/*", True),
        ("kustomization/apps/*", True),
        ("kustomization/app?/*", True),
        ("*/1f2e3d4c", True),
        (APPS, True),
        ("kustomization/apps", False),
        ("kustomization/web/*", False),
        ("apps", False),
    ],
)
@pytest.mark.parametrize("forge_type", OTHERS)
def test_a_pattern_is_held_against_the_context(
    forge_type: str, pattern: str, matches: bool
) -> None:
    assert shown(forge_type, Row(APPS, State.SUCCESS, genre="fluxcd:prod"), pattern) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("kustomization/*", True),
        ("kustomization/apps/*", True),
        ("kustomization/apps", True),
        (APPS, True),
        ("kustomization/web/1f2e3d4c", False),
        ("kustomization/web/*", False),
    ],
)
@pytest.mark.parametrize("forge_type", BY_KEY)
@pytest.mark.parametrize("words", ["", " [reconciliation succeeded]"])
def test_on_bitbucket_a_pattern_is_held_against_the_title(
    forge_type: str, pattern: str, matches: bool, words: str
) -> None:
    row = Row(hashed_key(APPS), State.SUCCESS, name=f"kustomization/apps{words}")
    assert shown(forge_type, row, pattern) is matches


def test_github_compares_contexts_without_case() -> None:
    assert shown("github", Row("Kustomization/Apps", State.SUCCESS), "kustomization/*")
    assert not shown("gitea", Row("Kustomization/Apps", State.SUCCESS), "kustomization/*")


def test_a_name_with_brackets_is_found_as_it_is() -> None:
    assert shown("gitea", Row("a[1]", State.SUCCESS), "a[1]")


@pytest.mark.parametrize("forge_type", BY_KEY)
def test_on_bitbucket_names_are_read_by_their_keys(forge_type: str) -> None:
    assert Contexts(forge_of(forge_type), [APPS]).keys == [hashed_key(APPS)]
    assert Contexts(forge_of(forge_type), [APPS, "*"]).keys is None


def test_on_bitbucket_the_title_is_shown() -> None:
    contexts = Contexts(forge_of("bitbucketserver"), ["*"])
    row = Row(hashed_key(APPS), State.SUCCESS, name="kustomization/apps [progressing]")
    assert contexts.name(row) == "kustomization/apps"
    assert contexts.name(Row("key", State.SUCCESS)) == "key"


# --- what a row says


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.SUCCESS, Word.GREEN),
        (State.FAILURE, Word.RED),
        (State.ERROR, Word.RED),
        (State.PENDING, Word.OPEN),
        (None, Word.OPEN),
    ],
)
def test_the_state_tells(state: State | None, word: Word) -> None:
    assert said(Row("c", state, "reconciliation succeeded")) == Said(word)


def test_no_row_says_nothing() -> None:
    assert said(None) == Said(Word.OPEN)


def rendered(message: str, state: State) -> str:
    result = Result(
        ObjectRef("Kustomization", "flux-system", "apps", ""),
        "a" * 40,
        state,
        SUPERSEDED,
        message,
        0.0,
        0.0,
        current=False,
        event=Event("main@sha1:" + "a" * 40),
    )
    return description(result, 140)


@pytest.mark.parametrize("state", [State.ERROR, State.SUCCESS])
@pytest.mark.parametrize("digits", ["1a2b3c4d", "12345678", "5e4f3a2b"])
def test_a_superseded_row_of_ours_names_what_took_its_place(state: State, digits: str) -> None:
    words = rendered(f"superseded by {digits}", state)
    assert said(Row("c", state, words)) == Said(Word.SUPERSEDED, digits)


@pytest.mark.parametrize("state", [State.ERROR, State.SUCCESS])
@pytest.mark.parametrize("why", ["its Kustomization is gone", "its source is gone"])
def test_a_row_that_waits_for_nothing_any_more_is_red(state: State, why: str) -> None:
    assert said(Row("c", state, rendered(why, state))) == Said(Word.RED)


def test_a_superseded_row_with_the_reason_alone_names_nobody() -> None:
    assert said(Row("c", State.ERROR, "superseded")) == Said(Word.SUPERSEDED)


@pytest.mark.parametrize(
    ("description", "digits"),
    [
        ("Flux: superseded by 1a2b3c4d", "1a2b3c4d"),
        ("success: superseded", ""),
        ("apps (superseded)", ""),
        ("superseded: superseded by 1a2b3c4d", "1a2b3c4d"),
        ("apps: superseded: superseded by 1a2b3c4d", "1a2b3c4d"),
    ],
)
def test_under_a_template_a_green_superseded_row_is_none(description: str, digits: str) -> None:
    """As --superseded success and --description-template make them."""
    assert said(Row("c", State.SUCCESS, description)) == Said(Word.SUPERSEDED, digits)


def test_a_red_row_of_reason_and_message_names_what_took_its_place() -> None:
    row = Row("c", State.ERROR, "superseded: superseded by 1a2b3c4d")
    assert said(row) == Said(Word.SUPERSEDED, "1a2b3c4d")


def test_what_is_pending_is_not_superseded() -> None:
    assert said(Row("c", State.PENDING, "superseded by 1a2b3c4d")) == Said(Word.OPEN)


def test_who_only_talks_of_it_is_not_superseded() -> None:
    assert said(Row("c", State.ERROR, "build failed: superseded by 1a2b3c4d")) == Said(Word.RED)
    assert said(Row("c", State.SUCCESS, "superseded by nobody at all")) == Said(Word.GREEN)
