from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import cli

Check = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """The findings of one text, or of several files below a folder, as JSON."""

    def findings(text: str | dict[str, str], *options: str) -> list[dict[str, Any]]:
        for name, content in ({"one.yaml": text} if isinstance(text, str) else text).items():
            file = tmp_path / "given" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        ran = cli("validate", "-o", "json", "--all", *options, str(tmp_path / "given"))
        assert ran.out, ran.err
        found: list[dict[str, Any]] = json.loads(ran.out)["findings"]
        return found

    return findings


@pytest.fixture
def told(check: Check) -> Callable[..., set[str]]:
    """The rules that are broken, without what is only good to know."""

    def rules(text: str | dict[str, str], *options: str) -> set[str]:
        return {one["rule"] for one in check(text, *options) if one["severity"] != "info"}

    return rules
