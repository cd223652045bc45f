"""The Secrets of the given files, for the code that reads them in a poll."""

from __future__ import annotations

from collections.abc import Mapping

from statusbot.cluster.files import Files
from statusbot.cluster.kinds import SECRET
from statusbot.errors import StatusbotError
from statusbot.validate.given import Given


class NotSeen(StatusbotError):
    """A Secret whose values the files do not show; ``there``: but they have it."""

    def __init__(self, namespace: str, name: str, *, there: bool) -> None:
        """Name it."""
        super().__init__("its values are not among the files", where=f"Secret {namespace}/{name}")
        self.namespace = namespace
        self.name = name
        self.there = there


class GivenSecrets(Files):
    """``Cluster`` as far as the Secrets go that can be looked into; all others are NotSeen."""

    def __init__(self, given: Given) -> None:
        """Those of ``given`` that are neither encrypted nor templates, nor of two clusters."""
        alone = (items[0] for items in given.items.get(SECRET, {}).values() if len(items) == 1)
        settled = (item.document for item in alone if item.settled)
        super().__init__(settled, given.settings.namespace)
        self._given = given

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """The values, decoded. Raises NotSeen."""
        values = super().secret(namespace, name)
        if values is None:
            there = self._given.find(SECRET, namespace, name) is not None
            raise NotSeen(namespace, name, there=there)
        return values
