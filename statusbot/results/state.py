"""The four states of a commit status, whatever a forge calls them."""

from __future__ import annotations

from enum import StrEnum


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
        bad = {State.FAILURE, State.ERROR}
        return self is other or {self, other} <= bad
