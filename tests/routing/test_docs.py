"""docs/routing.md says what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from statusbot.routing.templates import FIELDS, LASTING

TEXT = (Path(__file__).parents[2] / "docs" / "routing.md").read_text()


def test_every_name_of_a_template_has_its_line_in_their_order() -> None:
    table = TEXT.split("| in braces |")[1].split("\n\n")[0]
    names = re.findall(
        r"`\{(\w+)\}`", "\n".join(row.split("|")[1] for row in table.splitlines()[2:])
    )
    assert tuple(names) == FIELDS


def test_a_context_may_have_those_up_to_the_last_that_is_named() -> None:
    first, last = re.findall(r"Only `\{(\w+)\}` to `\{(\w+)\}`", TEXT)[0]
    assert (first, last) == (LASTING[0], LASTING[-1])
    assert FIELDS[: len(LASTING)] == LASTING


@pytest.mark.parametrize(
    "option", ["--forge-hosts", "--no-cross-namespace-refs", "--context-template"]
)
def test_every_option_of_routing_is_in_it(option: str) -> None:
    assert option in TEXT
