"""docs/validating.md has a line for each rule, with its severity."""

from __future__ import annotations

import re
from pathlib import Path

from statusbot.validate.validate import RULES

PAGE = Path(__file__).parents[2] / "docs" / "validating.md"


def test_the_table_is_the_list_of_rules() -> None:
    lines = re.findall(
        r"^\| `([a-z-]+)` \| (error|warning|info) \|", PAGE.read_text(), re.MULTILINE
    )
    assert dict(lines) == {rule.name: str(rule.severity) for rule in RULES.values()}
    assert len(lines) == len(RULES)
