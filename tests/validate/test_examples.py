"""Every rule has an example that breaks it alone, and one that breaks none.

A first line ``# --option`` gives the options that the rule needs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from statusbot.validate.validate import RULES
from tests.support.cli import cli

EXAMPLES = Path(__file__).parent / "examples"


def findings(file: Path) -> list[dict[str, Any]]:
    first = file.read_text().splitlines()[0]
    options = first.removeprefix("# ").split() if first.startswith("# ") else []
    ran = cli("validate", "-o", "json", "--all", *options, str(file))
    assert ran.out, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["findings"]
    return found


def test_every_rule_has_its_examples() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir()} == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_bad_example_breaks_its_rule_and_no_other(rule: str) -> None:
    found = findings(EXAMPLES / rule / "bad.yaml")
    assert {(one["rule"], one["severity"]) for one in found} == {(rule, str(RULES[rule].severity))}


@pytest.mark.parametrize("rule", RULES)
def test_the_good_example_breaks_no_rule(rule: str) -> None:
    assert findings(EXAMPLES / rule / "good.yaml") == []


@pytest.mark.parametrize("rule", RULES)
def test_the_line_is_one_of_the_object(rule: str) -> None:
    for one in findings(EXAMPLES / rule / "bad.yaml"):
        lines = (EXAMPLES / rule / "bad.yaml").read_text().splitlines()
        assert rule == "skipped" or 1 <= one["line"] <= len(lines)
        assert one["file"].endswith("bad.yaml")
