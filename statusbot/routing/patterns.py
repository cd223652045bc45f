"""An Alert's inclusion and exclusion lists."""

from __future__ import annotations

from collections.abc import Sequence

from statusbot.errors import StatusbotError


class Patterns:
    """What an Alert lets through."""

    def __init__(self, inclusion: Sequence[str], exclusion: Sequence[str]) -> None:
        """Raises StatusbotError for a pattern that is none."""
        field = "inclusionList" if inclusion else "exclusionList"
        raise StatusbotError(f"spec.{field} of the Alert is not supported yet")

    def __call__(self, message: str) -> str:
        """Why a message is left out; empty where it passes."""
        return ""
