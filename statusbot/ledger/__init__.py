"""Only what is new: what was settled before is not settled again."""

from __future__ import annotations
