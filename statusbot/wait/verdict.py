"""What those who look hand on: how far one Kustomization, or one context, has come with a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Standing(StrEnum):
    """Green and red are ends; who waits may still come to either."""

    GREEN = "green"
    RED = "red"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of those that are waited for.

    ``name`` is ``namespace/name`` on a cluster, the context on a forge. ``commit`` is what it is
    green or red at, or works on; empty where it has none. ``message`` is Flux's own and may be
    hostile; ``url`` leads to a page for people.
    """

    name: str
    standing: Standing
    commit: str = ""
    reason: str = ""
    message: str = ""
    url: str = ""


class Lineage(Protocol):
    """Which commit contains which."""

    def resolve(self, sha: str) -> str | None:
        """The full SHA of a full or short one; None where nobody can tell now.

        Raises UsageError where the repository does not know it.
        """

    def contains(self, commit: str, ancestor: str) -> bool | None:
        """Whether ``ancestor`` is ``commit`` or among what it grew from; None: nobody can tell now."""


class Looker(Protocol):
    """Who knows how far all of them have come: on a cluster, or on a forge."""

    def look(self, seconds: float) -> Sequence[Verdict]:
        """All of them as they are now; none as long as nobody knows which they are.

        Returns as soon as something may have changed, and after ``seconds`` (1.0, say) at the
        latest, but for a call under way. Raises UsageError where waiting is in vain, and Stopped
        wherever a signal finds it; what may pass is told once and tried again.
        """

    @property
    def complete(self) -> bool:
        """Whether all was read at least once, so that only what happens later changes anything."""

    def close(self) -> None:
        """End what is open. It may be called at any moment, more than once."""
