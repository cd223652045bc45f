"""A Provider's ``commitStatusExpr``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from statusbot.errors import StatusbotError


class Expression:
    """Names the contexts of a Provider."""

    def __init__(self, text: str) -> None:
        """Raises StatusbotError for what is no expression."""
        raise StatusbotError("it is not supported yet")

    def __call__(
        self, event: Mapping[str, Any], alert: Mapping[str, Any], provider: Mapping[str, Any]
    ) -> str:
        """The context."""
        return ""
