"""The Secrets that Providers name: read when they are needed, each once in a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from statusbot import masks
from statusbot.cluster.base import Cluster
from statusbot.errors import StatusbotError


class Secret:
    """The values of one Secret, which no repr and no error shows."""

    def __init__(self, where: str, values: Mapping[str, bytes]) -> None:
        """``where`` is ``Secret namespace/name``."""
        self.where = where
        self._values = values

    def __repr__(self) -> str:
        """The place, never a value."""
        return self.where

    def text(self, key: str) -> str:
        """A value, empty where there is no such key; StatusbotError where it is no UTF-8."""
        try:
            return self._values.get(key, b"").decode()
        except UnicodeDecodeError:
            what = f"its key {key} holds what is no UTF-8 text"
            raise StatusbotError(what, where=self.where) from None

    def texts(self, keys: Collection[str]) -> dict[str, str]:
        """Those of the keys that are there."""
        return {key: self.text(key) for key in keys if key in self._values}


class Secrets:
    """All Secrets of a run; what is wrong with one is said whenever it is asked for."""

    def __init__(self, cluster: Cluster) -> None:
        """Nothing is read yet."""
        self._cluster = cluster
        self._known: dict[tuple[str, str], Secret | StatusbotError] = {}

    def __call__(self, namespace: str, name: str, make: str) -> Secret:
        """A Secret; where there is none, ``make`` ends the command that creates it."""
        place = (namespace, name)
        if place not in self._known:
            try:
                self._known[place] = self._read(namespace, name, make)
            except StatusbotError as error:
                self._known[place] = error
        found = self._known[place]
        if isinstance(found, StatusbotError):
            raise found
        return found

    def _read(self, namespace: str, name: str, make: str) -> Secret:
        where = f"Secret {namespace}/{name}"
        values = self._cluster.secret(namespace, name)
        if values is None:
            raise StatusbotError(
                "there is no such Secret",
                where=where,
                todo=f"kubectl -n {namespace} create secret generic {name} {make}",
            )
        for key, value in values.items():
            masks.hide_value(key, value)
        return Secret(where, values)
