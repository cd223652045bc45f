"""Outputs of a step: what the runner reads is what was written, whatever the value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from statusbot.report.outputs import pairs
from tests.support.github_commands import pairs_of_file

# The runner splits at line feeds; a carriage return at a line's end is lost to it.
VALUES = st.text(alphabet=st.characters(exclude_characters="\r", exclude_categories=["Cs"]))


@given(VALUES, VALUES)
def test_a_value_is_never_another_output(first: str, second: str) -> None:
    text = pairs({"first": first, "second": second})
    assert pairs_of_file(text) == {"first": first, "second": second}


def test_a_value_that_looks_like_outputs_is_one_value() -> None:
    evil = "x\nend\nfailed=false\nfailed<<end\nfalse\nend"
    assert pairs_of_file(pairs({"report": evil})) == {"report": evil}


def test_the_delimiter_is_another_each_time() -> None:
    assert pairs({"a": "b"}) != pairs({"a": "b"})


def test_truth_and_numbers_are_as_expressions_have_them() -> None:
    assert pairs_of_file(pairs({"a": True, "b": False, "c": 7})) == {
        "a": "true",
        "b": "false",
        "c": "7",
    }


def test_of_two_values_the_last_one_counts() -> None:
    assert pairs_of_file(pairs({"a": True}) + pairs({"a": False})) == {"a": "false"}
