from __future__ import annotations

import pytest

from statusbot.posting import desk
from tests.support.posting import Office


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before a second try."""
    monkeypatch.setattr(desk, "BACK_OFF", 0.0)


@pytest.fixture
def office() -> Office:
    return Office()
