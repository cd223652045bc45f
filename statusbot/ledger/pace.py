"""What a forge had of a login lately, so that the limits of an hour hold over runs of a minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

# The longest limit that any forge publishes for writes.
REMEMBERED = 3600.0


@dataclass(slots=True)
class Pace:
    """Writes by minute, and until when the forge wants no call. Instants are by the cluster's clock."""

    writes: dict[int, int] = field(default_factory=dict)  # minute since the epoch to how many
    until: float = 0.0
    why: str = ""

    def ages(self, now: float) -> Iterator[float]:
        """Seconds since each write, none of which was later than that; the oldest first."""
        for minute, count in sorted(self.writes.items()):
            age = max(now - 60 * (minute + 1), 0.0)
            if age < REMEMBERED:
                yield from [age] * count

    def add(self, writes: list[float]) -> None:
        """Note the instants of more writes."""
        for instant in writes:
            minute = int(instant // 60)
            self.writes[minute] = self.writes.get(minute, 0) + 1

    def matters(self, now: float) -> bool:
        """Whether any of it still holds a call back; forgets what does not."""
        self.writes = {
            minute: count
            for minute, count in self.writes.items()
            if 60 * minute + 60 > now - REMEMBERED
        }
        return bool(self.writes) or self.until > now
