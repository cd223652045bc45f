"""One module for each theme."""

from __future__ import annotations
