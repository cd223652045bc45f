from __future__ import annotations

import pytest

from statusbot.manifests.invalid import Invalid, identity

FAULT = Invalid("f.yaml", "Provider", "apps", "github", "$.spec.type", "is missing", 3, 9)


def test_it_is_one_line_from_the_file_to_the_fault() -> None:
    assert str(FAULT) == "f.yaml:3:9: Provider apps/github: $.spec.type: is missing"


def test_without_a_file_it_begins_with_the_object() -> None:
    assert str(Invalid("", "Alert", "", "x", "$", "is bad")) == "Alert x: $: is bad"


def test_without_a_column_the_line_stands_alone() -> None:
    assert str(Invalid("f.yaml", "", "", "", "$", "is bad", 3)) == "f.yaml:3: $: is bad"


def test_hostile_names_move_no_cursor() -> None:
    text = str(Invalid("f", "Alert", "a", "x\x1b[2J\ny", "$", "is\u202ebad"))
    assert text.isprintable()


def test_a_token_in_the_message_is_hidden() -> None:
    token = "ghp_" + "a" * 36
    assert token not in str(Invalid("f", "Alert", "a", "x", "$", f"got {token}"))


@pytest.mark.parametrize("metadata", [None, 5, [], {"name": 5, "namespace": ["x"]}])
def test_nonsense_has_no_identity(metadata: object) -> None:
    assert identity({"kind": {}, "metadata": metadata}, "default") == ("", "default", "")
