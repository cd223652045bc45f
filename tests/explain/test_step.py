"""Steps hold nothing that could harm who reads them."""

from __future__ import annotations

from statusbot.explain.step import Step, Verdict, fact, folded, no, safe, yes


def test_a_step_is_one_line() -> None:
    step = Step("a\nname", value="first\nsecond\r\n  third")
    assert (step.name, step.value) == ("a name", "first second third")


def test_a_step_moves_no_cursor_and_turns_no_text() -> None:
    assert fact("x", "\x1b[2Jgone\u202e").value == "[2Jgone"


def test_a_step_holds_no_credentials() -> None:
    value = no("x", "clone https://me:hunter2@host/x with ghp_0123456789abcdef01").value
    assert value == "clone https://***@host/x with ***"


def test_a_long_message_is_cut() -> None:
    assert len(safe("word " * 1000)) <= 400


def test_a_secret_is_gone_before_the_text_is_cut() -> None:
    token = "ghp_" + "a1" * 20
    assert token[:10] not in safe("x" * 390 + " " + token)


def test_what_was_not_reached_is_one_line_for_people() -> None:
    steps = [yes("a"), Step("b", Verdict.UNASKED), Step("c", Verdict.UNASKED), fact("d")]
    told = [(step.name, step.verdict, step.value) for step in folded(steps)]
    assert told == [
        ("a", Verdict.YES, ""),
        ("not asked any more", Verdict.UNASKED, "b, c"),
        ("d", Verdict.FACT, ""),
    ]
