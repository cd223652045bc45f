from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from statusbot.posting import desk
from tests.support.site import Site


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in this process make no pause before a second try."""
    monkeypatch.setattr(desk, "BACK_OFF", 0.0)


@pytest.fixture(params=["file", "none"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """With and without a ledger."""
    ledger = f"file:{tmp_path / 'ledger'}" if request.param == "file" else "none"
    with Site(tmp_path, ledger=ledger) as site:
        yield site


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Site]:
    """With a ledger."""
    with Site(tmp_path, ledger=f"file:{tmp_path / 'ledger'}") as site:
        yield site
