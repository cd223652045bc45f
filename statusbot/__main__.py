"""``python -m statusbot``."""

from __future__ import annotations

from statusbot.cli import main

main()
