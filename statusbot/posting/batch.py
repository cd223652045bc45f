"""The news of one commit of one repository, and what the forge showed of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from statusbot.forges.base import Forge, Repository, Row
from statusbot.manifests.provider import DEFAULT_TIMEOUT
from statusbot.plan import News


@dataclass(slots=True)
class Batch:
    """News that one read of the forge is enough for."""

    forge: Forge
    repository: Repository
    commit: str
    news: list[News] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        """The context keys of the news."""
        return {item.status.context_key for item in self.news}

    @property
    def unknown(self) -> set[str]:
        """Those that the forge must show before they are written."""
        return {item.status.context_key for item in self.news if item.look}

    @property
    def urgency(self) -> float:
        """The newest commits go first."""
        return -max(item.status.result.arrived for item in self.news)

    @property
    def timeout(self) -> float:
        """Seconds for one call, as the Providers have it; Flux's default says nothing."""
        return min(
            self.forge.patience if timeout == DEFAULT_TIMEOUT else timeout.total_seconds()
            for timeout in (item.status.destination.provider.timeout for item in self.news)
        )


class View:
    """The statuses of a commit as one read showed them; only the contexts that are asked for."""

    def __init__(self, batch: Batch) -> None:
        """Nothing is read yet."""
        self._forge = batch.forge
        self._wanted = batch.keys
        self._rows: dict[str, Row] = {}
        self._counts: dict[str, int] = {}

    def take(self, rows: Iterable[Row]) -> None:
        """Take a page of rows in."""
        key = self._forge.row_key
        ours = [row for row in rows if key(row) in self._wanted]
        for row in ours:
            self._counts[key(row)] = self._counts.get(key(row), 0) + 1
        self._rows = self._forge.newest([*self._rows.values(), *ours])

    def of(self, key: str) -> tuple[Row | None, int]:
        """The newest row of a context key, and how many the read showed."""
        return self._rows.get(key), self._counts.get(key, 0)


def batches(news: Iterable[News]) -> list[Batch]:
    """News by repository and commit; by API too: a Provider of a wrong type hurts only itself."""
    made: dict[tuple[str, str, str, str], Batch] = {}
    for item in news:
        there, commit = item.status.destination, item.status.result.commit
        key = (there.forge.type, there.repository.api, there.repository.key, commit)
        if key not in made:
            made[key] = Batch(there.forge, there.repository, commit)
        made[key].news.append(item)
    return list(made.values())
