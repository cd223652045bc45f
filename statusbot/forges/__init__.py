"""The forges: what an address, a status and an answer mean to each of them. No I/O."""

from __future__ import annotations
