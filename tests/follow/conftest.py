from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from statusbot.posting import calls, desk
from tests.support.follower import Follower
from tests.support.world import World, world

Start = Callable[..., Follower]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before a call is tried again."""
    for module in (calls, desk):
        monkeypatch.setattr(module, "BACK_OFF", 0.0)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """A cluster and a forge that work."""
    with world(tmp_path) as made:
        yield made


@pytest.fixture(params=["file", "none"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """With and without a ledger."""
    return f"file:{tmp_path / 'ledger'}" if request.param == "file" else "none"


@pytest.fixture
def start(here: World, tmp_path: Path) -> Iterator[Start]:
    """Starts a follower; what it found at first is settled, unless nobody is to wait for that."""
    with ExitStack() as stack:

        def start(*, settle: bool = True, **options: Any) -> Follower:
            config = here.kube.kubeconfig(tmp_path / "kubeconfig")
            made = stack.enter_context(Follower(config, here.kube.apply, **options))
            if settle:
                made.settled()
            return made

        yield start
