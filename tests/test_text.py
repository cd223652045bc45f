"""Text that is safe to show."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from statusbot.text import (
    HIDDEN,
    cut,
    first_few,
    loggable,
    loggable_json,
    number,
    one_line,
    printable,
    redact,
)

_ACUTE, _VOWEL_SIGN, _KEYCAP = "\u0301", "\u093e", "\u20e3"
_LETTERS = st.sampled_from(["a", "b", " ", ",", "é", "क", _ACUTE, _VOWEL_SIGN, _KEYCAP])


class TestRedact:
    @pytest.mark.parametrize("secret", ["s3cr", "a secret with spaces", "$(x)[.*]", "ключ"])
    def test_a_given_secret_is_hidden(self, secret: str) -> None:
        assert redact(f"<{secret}> and {secret}", [secret]) == f"<{HIDDEN}> and {HIDDEN}"

    def test_a_secret_that_contains_another_goes_as_a_whole(self) -> None:
        assert redact("abcdefgh", ["abcd", "abcdefgh"]) == HIDDEN

    @pytest.mark.parametrize("secret", ["", "a", "abc"])
    def test_what_is_too_short_for_a_secret_would_hide_everything(self, secret: str) -> None:
        assert redact("a b abc", [secret]) == "a b abc"

    @pytest.mark.parametrize(
        ("text", "redacted"),
        [
            ("https://user:pw@git.example/x", "https://***@git.example/x"),
            ("https://token@git.example/x", "https://***@git.example/x"),
            ("a http://u:p@h and ssh://git:p@i", "a http://***@h and ssh://***@i"),
            ("https://user:p@ss@git.example/x", "https://***@git.example/x"),
            ("https://git.example/a@b", "https://git.example/a@b"),
            ("mail me@example.com", "mail me@example.com"),
        ],
    )
    def test_the_credentials_of_an_address_are_hidden(self, text: str, redacted: str) -> None:
        assert redact(text) == redacted

    @pytest.mark.parametrize(
        "token",
        [
            "ghp_" + "a1B2" * 9,
            "gho_" + "a1B2" * 9,
            "ghs_" + "a1B2" * 9,
            "ghs_" + "a1B2" * 9 + "." + "a1B2" * 9,
            "ghs_4711_eyJ" + "a1B2" * 9 + "." + "a1B2" * 30 + "." + "a1_-" * 9,
            "github_pat_" + "a1B2" * 10,
            "glpat-" + "a1B2-" * 5,
            "gldt-" + "a1B2" * 5,
            "glcbt-1_" + "a1B2" * 5,
            "ATATT3xFfGF0" + "a1B2=_-" * 4,
            "ATCTT3xFfGF0" + "a1B2=_-" * 4,
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        ],
    )
    def test_a_token_that_its_form_tells_is_hidden(self, token: str) -> None:
        assert redact(f"login with {token}!") == f"login with {HIDDEN}!"

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic", "token", "PRIVATE-TOKEN:"])
    def test_what_an_authorization_header_carries_is_hidden(self, scheme: str) -> None:
        assert redact(f"{scheme} c2VjcmV0OnB3ZA==") == f"{scheme} {HIDDEN}"

    def test_prose_about_a_scheme_stays(self) -> None:
        text = "bad basic authentication, token refused"
        assert redact(text) == text

    def test_a_commit_stays(self) -> None:
        text = "main@sha1:" + "1f" * 20
        assert redact(text) == text

    @settings(deadline=None)
    @given(
        st.lists(st.text("ab1:/@. é", min_size=4, max_size=8), min_size=1, max_size=3),
        st.lists(st.text("ab1:/@. é", max_size=5), min_size=1, max_size=4),
    )
    def test_no_given_secret_gets_through(self, secrets: list[str], between: list[str]) -> None:
        text = "".join(gap + secret for gap, secret in zip(between, secrets * 4, strict=False))
        redacted = redact(text, secrets)
        assert not [secret for secret in secrets if secret in redacted]


class TestOneLine:
    def test_the_first_line_that_says_something(self) -> None:
        assert one_line("\n \t\nfirst\nsecond") == "first"

    def test_white_space_is_folded(self) -> None:
        assert one_line("  a \t b  ") == "a b"

    def test_nothing_is_nothing(self) -> None:
        assert one_line(" \n\t") == ""

    @pytest.mark.parametrize("end", ["\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
    def test_every_kind_of_line_end_ends_the_line(self, end: str) -> None:
        assert one_line(f"a{end}b") == "a"

    @settings(deadline=None)
    @given(st.text())
    def test_it_is_printable_and_one_line(self, text: str) -> None:
        line = one_line(text)
        assert line.isprintable()
        assert line == " ".join(line.split())


class TestPrintable:
    def test_ordinary_text_stays(self) -> None:
        assert printable("naïve — 日本語 🎉") == "naïve — 日本語 🎉"

    @pytest.mark.parametrize(
        "character",
        ["\x1b", "\x07", "\n", "\x9b", "\u202e", "\u200b", "\ud800", "\ue000", "\uffff"],
    )
    def test_what_moves_colours_or_turns_becomes_a_space(self, character: str) -> None:
        assert printable(f"a{character}b") == "a b"


class TestLoggable:
    @pytest.mark.parametrize("command", ["##[add-mask]x", "##vso[task.complete]", "##teamcity[x]"])
    def test_no_command_of_a_ci_system_is_left_anywhere_in_a_line(self, command: str) -> None:
        assert command not in loggable(f"build failed: {command}")
        assert command[2:] in loggable(command)

    def test_a_longer_row_of_signs_does_not_help(self) -> None:
        assert "##[" not in loggable("####[add-mask]x")

    def test_other_signs_stay(self) -> None:
        assert loggable("## heading [1]") == "## heading [1]"

    def test_what_is_not_printable_goes(self) -> None:
        assert loggable("a\x1b[2Jb\u202e") == "a [2Jb "


class TestCut:
    def test_what_fits_stays(self) -> None:
        assert cut("abc", 3) == "abc"

    def test_it_is_cut_at_a_word(self) -> None:
        assert cut("alpha beta gamma", 13) == "alpha beta…"

    def test_a_word_that_ends_at_the_limit_stays_whole(self) -> None:
        assert cut("alpha beta gamma", 11) == "alpha beta…"

    def test_punctuation_before_the_cut_goes(self) -> None:
        assert cut("alpha beta, gamma", 13) == "alpha beta…"

    def test_a_word_that_is_too_long_is_cut_through(self) -> None:
        assert cut("a bbbbbbbbbbbb", 8) == "a bbbbb…"

    @pytest.mark.parametrize(
        ("text", "left"), [("abcd efghijkl", "abcd…"), ("abc efghijkl", "abc efg…")]
    )
    def test_no_more_than_half_is_given_up_for_a_word(self, text: str, left: str) -> None:
        assert cut(text, 8) == left

    @pytest.mark.parametrize(("limit", "left"), [(2, "a…"), (1, "…"), (0, ""), (-1, "")])
    def test_the_limit_may_be_tiny(self, limit: int, left: str) -> None:
        assert cut("abc", limit) == left

    @pytest.mark.parametrize("mark", [_ACUTE, _VOWEL_SIGN, _KEYCAP, "\ufe0f"])
    def test_a_letter_keeps_its_mark(self, mark: str) -> None:
        assert cut(f"abcde{mark}fgh", 6) == "abcd…"

    def test_a_letter_keeps_all_its_marks(self) -> None:
        assert cut(f"abcde{_ACUTE * 9}", 8) == "abcd…"

    def test_marks_without_a_letter_leave_nothing(self) -> None:
        assert cut(_ACUTE * 9, 5) == "…"

    @settings(deadline=None)
    @given(st.text() | st.text(_LETTERS), st.integers(0, 40))
    def test_it_is_never_longer_than_the_limit(self, text: str, limit: int) -> None:
        assert len(cut(text, limit)) <= limit

    @settings(deadline=None)
    @given(st.text(_LETTERS, min_size=5), st.integers(2, 30))
    def test_it_never_parts_a_letter_from_its_marks(self, text: str, limit: int) -> None:
        assume(len(text) > limit)
        kept = cut(text, limit).removesuffix("…")
        assert text.startswith(kept)
        rest = text[len(kept) :]
        assert not kept or not unicodedata.category(rest[0]).startswith("M")


@pytest.mark.parametrize(("count", "shown"), [(0, "0 reads"), (1, "1 read"), (2, "2 reads")])
def test_one_is_singular(count: int, shown: str) -> None:
    assert number(count, "read") == shown


@pytest.mark.parametrize(("names", "shown"), [("", ""), ("ab", "a, b"), ("abc", "a, b and 1 more")])
def test_of_many_names_the_first_few_are_said(names: str, shown: str) -> None:
    assert first_few(names, 2) == shown


def test_json_says_the_same_without_a_command_for_ci() -> None:
    document = json.dumps({"why": "##vso[task.complete]"}).encode()
    safe = loggable_json(document)
    assert b"##" not in safe
    assert json.loads(safe) == json.loads(document)
