"""Who may do what on the embedded forge."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from statusbot.demo.forge.calls import Call


class Rights(StrEnum):
    """What a login may do with statuses."""

    NONE = "none"  # no token was sent
    BAD = "bad"  # a token that nobody knows
    READ = "read"  # the token's scope does not allow to write
    VISITOR = "visitor"  # the scope would, but the user may not write to the repository
    WRITE = "write"


@dataclass
class Logins:
    """The tokens that the forge knows; without any, everybody may do everything."""

    tokens: dict[str, Rights] = field(default_factory=dict, repr=False)

    def rights(self, call: Call) -> Rights:
        """What the call's login may do."""
        if not self.tokens:
            return Rights.WRITE
        token = call.token
        return Rights.NONE if token is None else self.tokens.get(token, Rights.BAD)
