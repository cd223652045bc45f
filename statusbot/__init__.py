"""Shows on every Git commit whether Flux really reconciled it."""

from __future__ import annotations

__version__ = "0.1.0"
