"""What a run says at its end: the outcomes folded, as text and as JSON."""

from __future__ import annotations
