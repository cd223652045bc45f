"""One run at a time has the ledger."""

from __future__ import annotations

from statusbot.errors import StatusbotError


class Busy(StatusbotError):
    """Another run holds the ledger: it does the work, and this one has nothing to do."""

    exit_code = 0


class Lost(StatusbotError):
    """This run held the ledger, and no longer does: it must not post or save anything more."""
