"""One module for each theme, with its ``RULES`` and a ``check`` that yields what they found."""

from __future__ import annotations
