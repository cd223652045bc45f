"""What happened to which commit."""

from __future__ import annotations
