"""CEL with Flux's environment, in a process of its own."""

from __future__ import annotations
