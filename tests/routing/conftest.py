"""A cluster and a forge for tests of routing through the whole program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """A cluster and a forge that work."""
    with world(tmp_path) as made:
        yield made
