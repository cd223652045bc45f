"""What can go wrong on the way to a forge, told apart by whether the forge may have acted."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.errors import StatusbotError
from statusbot.forges.base import Limited, Refused, Unclear


@dataclass(frozen=True)
class Cause:
    """Why there is no answer: ``again`` when another try may succeed, ``todo`` a way out."""

    what: str
    todo: str = ""
    again: bool = False


class NotSent(StatusbotError):
    """The request surely never reached the forge; ``again`` when another try may well succeed."""

    def __init__(self, what: str, *, where: str = "", todo: str = "", again: bool = False) -> None:
        """As every StatusbotError."""
        super().__init__(what, where=where, todo=todo)
        self.again = again


class NotAllowed(NotSent):
    """The address is one that a forge never has; nothing was sent."""


class AnswerLost(StatusbotError):
    """The request went out and no whole answer came: the forge may have acted on it, or not."""


class LoginRefused(StatusbotError):
    """The forge gave an App no token, so the request was never sent.

    ``meaning`` is what that means to everything of this login: Refused has the scope ``login``.
    """

    def __init__(self, meaning: Limited | Refused | Unclear) -> None:
        """Say it in the words of ``meaning``."""
        super().__init__(meaning.why)
        self.meaning = meaning
