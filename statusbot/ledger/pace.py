"""What a forge had of a login lately, so that the limits of an hour hold over runs of a minute."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

# The longest limit that any forge publishes for writes.
REMEMBERED = 3600.0
# Seconds of the minute that is not over, and of clocks that differ.
AHEAD = 120.0


@dataclass(slots=True)
class Pace:
    """Writes by minute, and until when the forge wants no call. Instants are by the cluster's clock."""

    writes: dict[int, int] = field(default_factory=dict)  # minute since the epoch to how many
    until: float = 0.0
    why: str = ""

    def ages(self, now: float) -> Iterator[float]:
        """Seconds since each write, none of which was later than that; the oldest first."""
        for minute, count in sorted(self._recent(now).items()):
            yield from [max(now - 60 * (minute + 1), 0.0)] * count

    def add(self, writes: list[float]) -> None:
        """Note the instants of more writes."""
        for instant in writes:
            minute = int(instant // 60)
            self.writes[minute] = self.writes.get(minute, 0) + 1

    def matters(self, now: float) -> bool:
        """Whether any of it still holds a call back; forgets what does not."""
        self.writes = self._recent(now)
        return bool(self.writes) or self.until > now

    def _recent(self, now: float) -> dict[int, int]:
        """What was written in the last hour; nothing of a clock that was ahead."""
        return {
            minute: count
            for minute, count in self.writes.items()
            if now - REMEMBERED < 60 * (minute + 1) <= now + AHEAD
        }


def of_logins(paces: dict[str, Pace], logins: Iterable[Collection[str]]) -> list[Pace]:
    """The pace of each login, given the names of its Providers; ``paces`` holds it under them.

    Providers that shared a login before, and are under none of these names now, go on sharing its
    pace: they have no news in this run, and hear of it in the next.
    """
    before, logins = dict(paces), list(logins)
    here = {name for names in logins for name in names}
    away: dict[int, list[str]] = {}
    for name, pace in before.items():
        if name not in here:
            away.setdefault(id(pace), []).append(name)
    made: list[Pace] = []
    for names in logins:
        known = {id(before[name]): before[name] for name in names if name in before}
        made.append(_together(known.values()))
        absent = [name for one in known for name in away.get(one, ())]
        paces.update(dict.fromkeys([*sorted(names), *absent], made[-1]))
    return made


def _together(paces: Iterable[Pace]) -> Pace:
    whole = Pace()
    for pace in paces:
        for minute, count in pace.writes.items():
            whole.writes[minute] = whole.writes.get(minute, 0) + count
        if pace.until > whole.until:
            whole.until, whole.why = pace.until, pace.why
    return whole
