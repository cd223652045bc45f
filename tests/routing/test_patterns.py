"""The lists of an Alert against messages; what Go's regexp says of a pattern was asked of Go 1.26."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.errors import StatusbotError
from statusbot.routing.patterns import LARGEST_PROGRAM, Patterns
from statusbot.text import printable

SOCKET = (
    "unable to clone 'ssh://git@ssh.dev.azure.com/v3/...', "
    "error: SSH could not read data: Error waiting on socket"
)
# Flux's documentation of Alerts, spec/v1beta3/alerts.md.
HELM = Patterns([".*succeeded.*"], [".*uninstall.*", ".*test.*"])


def passes(pattern: str, message: str) -> bool:
    return Patterns([pattern], [])(message) == ""


def refusal(pattern: str) -> StatusbotError:
    with pytest.raises(StatusbotError) as caught:
        Patterns([], [pattern]).check()
    return caught.value


def test_without_lists_everything_passes() -> None:
    assert Patterns()("anything") == ""


def test_a_message_that_no_inclusion_matches_is_left_out() -> None:
    assert Patterns(["a", "b"], [])("xyz") == "no pattern of inclusionList matches"


def test_one_inclusion_is_enough() -> None:
    assert Patterns(["nothing", "y"], [])("xyz") == ""


def test_one_exclusion_is_enough_and_is_named() -> None:
    assert Patterns([], ["nothing", "y+"])("xyz") == 'exclusionList has "y+"'


def test_exclusion_is_stronger_than_inclusion() -> None:
    assert Patterns(["xyz"], ["y"])("xyz") == 'exclusionList has "y"'


def test_inclusion_is_asked_first() -> None:
    assert Patterns(["a"], ["y"])("xyz") == "no pattern of inclusionList matches"


def test_fluxs_example_of_an_exclusion() -> None:
    assert Patterns([], ["waiting.*socket"])(SOCKET) == 'exclusionList has "waiting.*socket"'


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("Helm upgrade succeeded for release web", ""),
        ("Helm uninstall succeeded for release web", 'exclusionList has ".*uninstall.*"'),
        ("Helm test succeeded for release web", 'exclusionList has ".*test.*"'),
        ("Helm upgrade failed for release web", "no pattern of inclusionList matches"),
    ],
)
def test_fluxs_example_of_both(message: str, why: str) -> None:
    assert HELM(message) == why


def test_a_pattern_without_anchors_matches_anywhere() -> None:
    assert passes("b", "abc")


def test_letters_are_told_from_capitals() -> None:
    assert not passes("tls", "TLS")


# Patterns on which engines differ; the verdicts are those of Go.
@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        (r"^\Qa.b\E$", "a.b", True),
        (r"\Qa.b\E", "axb", False),
        (r"\Qa.b", "a.b", True),
        (r"a\z", "a", True),
        (r"a\z", "a\n", False),
        ("a$", "a\n", False),
        ("(?m)a$", "a\nb", True),
        ("^b", "a\nb", False),
        ("(?m)^b", "a\nb", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        ("(?i)TLS", "tls", True),
        ("(?i)k", "\u212a", True),
        ("(?P<name>a)", "a", True),
        ("(?<name>a)", "a", True),
        ("(?P<n>a)(?P<n>b)", "ab", True),
        (r"\d", "\u0663", False),
        (r"\w", "ä", False),
        (r"\bä", "ä", False),
        (r"\p{Greek}", "\u03b1", True),
        (r"\pL", "ä", True),
        ("^.$", "é", True),
        ("^.$", "\U0001f600", True),
        ("[[:alpha:]]", "1", False),
        ("a{,2}", "a{,2}", True),
        ("a{", "a{", True),
        ("", "anything", True),
        ("a|", "b", True),
    ],
)
def test_a_pattern_means_what_it_means_to_go(pattern: str, message: str, matches: bool) -> None:
    assert passes(pattern, message) is matches


# What Python's or PCRE's would take, and Go refuses.
@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[a",
        "*a",
        "a**",
        "a*+",
        "a{1001}",
        "a{2,1}",
        "[z-a]",
        "a\\",
        r"a\Z",
        r"(a)\1",
        r"\u0041",
        r"\cA",
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        "(?<!a)b",
        "(?>a)",
        "(?#note)a",
        "(?x)a b",
        "(?P=name)",
        r"\p{Nobody}",
    ],
)
def test_what_go_refuses_is_refused(pattern: str) -> None:
    refusal(pattern)


def test_a_refusal_names_the_field_the_pattern_and_what_is_wrong() -> None:
    assert str(refusal("(a")) == (
        'spec.exclusionList: "(a" cannot be used as a regular expression: missing ): (a'
    )


def test_a_refusal_of_an_inclusion_names_its_list() -> None:
    with pytest.raises(StatusbotError, match=r"^spec\.inclusionList: "):
        Patterns(["a", "("], []).check()


def test_a_refusal_shows_no_control_characters() -> None:
    assert str(refusal("\x1b[31m(\u202e")).isprintable()


def test_a_refusal_is_short() -> None:
    assert len(str(refusal("(" + "a" * 10_000))) < 400


def test_a_bad_pattern_stops_also_what_a_good_one_matches() -> None:
    with pytest.raises(StatusbotError):
        Patterns(["xyz", "("], [])("xyz")


def test_half_a_surrogate_pair_is_no_pattern() -> None:
    assert "half a surrogate pair" in str(refusal("\ud800"))


def test_half_a_surrogate_pair_in_a_message_is_one_character() -> None:
    assert passes(r"^a\x{FFFD}b$", "a\ud800b")


def test_a_program_that_would_take_too_long_is_refused() -> None:
    assert f"more than {LARGEST_PROGRAM}" in str(refusal("a{1000}" * 6))


def test_a_program_that_would_take_too_much_memory_is_refused() -> None:
    assert "too large" in str(refusal(r"(\pL{500}){2}"))


def test_nothing_is_printed_of_a_bad_pattern(capfd: pytest.CaptureFixture[str]) -> None:
    refusal("(?P<")
    assert capfd.readouterr() == ("", "")


def test_re2_is_loaded_only_for_a_list() -> None:
    code = (
        "import sys; from statusbot.routing.patterns import Patterns; Patterns()('a');"
        "before = 're2' in sys.modules; Patterns(['a'], [])('a');"
        "sys.exit(before or 're2' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_gives_anything_but_a_verdict_or_a_refusal(pattern: str, message: str) -> None:
    try:
        why = Patterns([pattern], [pattern])(message)
    except StatusbotError as error:
        why = str(error)
    assert why and why == printable(why)
