"""The embedded forge as tests want it: a commit, a clock that they move, one row in one line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from statusbot.demo.forge import EmbeddedForge

SHA = "5f" * 20
OTHER_SHA = "a0" * 20
UNKNOWN_SHA = "de" * 20
REPOSITORY = "acme/fleet"
TOKEN = "forge-token-for-tests"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, *, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    """A forge with one repository of two commits, and one token that may write."""
    with EmbeddedForge(clock=Clock(), token=TOKEN) as embedded:
        embedded.add_repository(REPOSITORY, {SHA, OTHER_SHA})
        yield embedded
