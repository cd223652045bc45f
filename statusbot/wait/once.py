"""Warnings of a gate, which looks every second and says each thing once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field


@dataclass(slots=True)
class Once:
    """What is said in ``log``; one warning ``about`` each thing, which is its text as a rule."""

    log: logging.Logger
    _about: set[str] = field(default_factory=set)

    @property
    def warned(self) -> bool:
        """Whether anything was said."""
        return bool(self._about)

    def warn(self, text: str, about: str | None = None) -> None:
        """Say it, if nothing was said about it before."""
        about = text if about is None else about
        if about not in self._about:
            self._about.add(about)
            self.log.warning("%s", text)
