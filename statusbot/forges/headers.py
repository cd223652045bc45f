"""The headers of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Headers(Mapping[str, str]):
    """Header names compare without case."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        """Keep a copy of ``headers``."""
        self._values = {name.lower(): value for name, value in (headers or {}).items()}

    def __getitem__(self, name: str) -> str:
        """The value of the header ``name``; KeyError when there is none."""
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        """The names, in lower case."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many different headers there are."""
        return len(self._values)

    def __repr__(self) -> str:
        """The names only: values may be anything."""
        return f"Headers({sorted(self._values)})"
