"""Whose fault it is that something was not posted: one tenant's, or everybody's.

A tenant is a namespace with Providers. A wrong token or address is its own. That a forge does not
answer, or that the API server does not let us read a Secret, is its own too where that happens to
this tenant alone, while there are others; who names a host that there is none must not make the
CronJob of all fail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from statusbot.posting.outcome import Outcome


@dataclass(slots=True)
class Blame:
    """It hears every outcome of a run."""

    _tenants: set[str] = field(default_factory=set)
    _hit: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def know(self, tenants: Iterable[str]) -> None:
        """There are these, whether or not there is anything to post for them."""
        self._tenants.update(tenants)

    def hear(self, outcome: Outcome) -> None:
        """Note whose it is, and what was in its way."""
        there = outcome.status.destination
        self._tenants.add(there.provider.namespace)
        if outcome.obstacle:
            self._hit[outcome.obstacle].add(there.provider.namespace)

    @property
    def is_shared(self) -> bool:
        """Whether something was in the way of several tenants, or of the only one."""
        return any(len(hit) > 1 or hit == self._tenants for hit in self._hit.values())
