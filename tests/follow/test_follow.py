"""A poll, and then every change at once: on the embedded Kubernetes API, to embedded forges."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.follower import Follower
from tests.support.objects import C2, alert, git, green, kustomization, not_ready, progressing
from tests.support.world import World

Start = Callable[..., Follower]


def failed(commit: str = C2) -> dict[str, object]:
    return green(conditions=[not_ready("BuildFailed")], lastAttemptedRevision=git(commit))


def test_what_there_is_at_first_is_posted(here: World, start: Start, ledger: str) -> None:
    start(ledger=ledger)
    assert here.shown("healthy") == ["success"]


def test_a_change_is_posted(here: World, start: Start, ledger: str) -> None:
    follower = start(ledger=ledger)
    here.add(kustomization(failed(), name="healthy"))
    follower.settled()
    assert here.shown("healthy", C2) == ["failure"]
    assert follower.rounds == 1
