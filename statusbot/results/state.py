"""The four states of a commit status, whatever a forge calls them."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class State(StrEnum):
    """GitHub's words; each forge adapter translates them into its own."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"

    @property
    def final(self) -> bool:
        """Whether Flux is done with the commit."""
        return self is not State.PENDING

    def same_class(self, other: State) -> bool:
        """Failure and error are one colour to the reader, and one class when compared."""
        return self is other or {self, other} <= RED


# What is one colour to the reader.
RED = frozenset({State.FAILURE, State.ERROR})

# A reason of our own: the commit was seen, and another took its place before Flux came to it.
SUPERSEDED = "Superseded"


class Weight(IntEnum):
    """What wins on one commit and context, whatever the times: only what Flux found is a result."""

    PENDING = 0
    SUPERSEDED = 1
    RESULT = 2


def weight(state: State, reason: str) -> Weight:
    """How much a status says."""
    if state is State.PENDING:
        return Weight.PENDING
    return Weight.SUPERSEDED if reason == SUPERSEDED else Weight.RESULT
