"""SARIF 2.1.0, as its schema and GitHub's code scanning want it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from statusbot.validate.validate import RULES
from tests.support.cli import cli

EXAMPLES = Path(__file__).parent / "examples"


def run(*arguments: str) -> dict[str, Any]:
    document = json.loads(cli("validate", "--all", "-o", "sarif", *arguments).out)
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    assert isinstance(only, dict)
    return only


def test_every_rule_is_told() -> None:
    rules = run(str(EXAMPLES / "address"))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    assert all(rule["shortDescription"]["text"] for rule in rules)


@pytest.mark.parametrize("rule", ["address", "no-health", "flux-differs"])
def test_a_result_names_its_rule_and_how_bad_it_is(rule: str) -> None:
    found = run(str(EXAMPLES / rule / "bad.yaml"))
    (result,) = found["results"]
    assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == rule
    level = {"address": "error", "no-health": "warning", "flux-differs": "note"}[rule]
    assert (result["level"], bool(result["message"]["text"])) == (level, True)


def test_a_place_that_is_not_known_has_no_region() -> None:
    (result,) = run(str(EXAMPLES / "skipped"))["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]


def test_a_path_is_a_uri(tmp_path: Path) -> None:
    file = tmp_path / "my forge#1.yaml"
    file.write_text((EXAMPLES / "address" / "bad.yaml").read_text())
    (result,) = run(str(file))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/my%20forge%231.yaml")
    assert place["region"] == {"startLine": 8, "startColumn": 12}
