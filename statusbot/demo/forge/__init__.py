"""A forge on loopback for the demo and the tests: GitHub's and Gitea's commit status API."""

from __future__ import annotations

from statusbot.demo.forge.calls import Call, Kind, Reply
from statusbot.demo.forge.faults import Ending, Fault, Faults
from statusbot.demo.forge.forge import EmbeddedForge
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Row, Stored

__all__ = [
    "Call",
    "EmbeddedForge",
    "Ending",
    "Fault",
    "Faults",
    "Kind",
    "Reply",
    "Rights",
    "Row",
    "Stored",
]
