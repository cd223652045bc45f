"""How long a gate waits for what."""

from __future__ import annotations

from dataclasses import dataclass, field

from statusbot.follow.times import Times as Pauses


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds."""

    watch: float = 300.0  # after which the server ends a watch, and all is read again
    again: float = 1.0  # what waits is judged again, since time alone may end it
    unwatched: float = 5.0  # a source that no watch tells of is read again
    polled: float = 10.0  # the same of all Kustomizations where they may only be listed
    pauses: Pauses = field(default_factory=Pauses)
