from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.manifests import jsonpath


def test_the_root_is_a_dollar() -> None:
    assert jsonpath.show(()) == "$"


def test_plain_keys_and_indexes_are_short() -> None:
    assert jsonpath.show(["spec", "eventSources", 0, "kind"]) == "$.spec.eventSources[0].kind"


def test_other_keys_are_quoted() -> None:
    assert jsonpath.show(["it's", "a.b/c\\"]) == r"$['it\'s']['a.b/c\\']"


def test_what_is_no_path_ends_it() -> None:
    assert jsonpath.steps("$.spec..kind") == ("spec",)


@settings(deadline=None)
@given(st.lists(st.text() | st.integers(0, 10**8)))
def test_a_shown_path_is_read_back(steps: list[str | int]) -> None:
    assert jsonpath.steps(jsonpath.show(steps)) == tuple(steps)
