"""What the container runs: the command line, with a GitHub Action's inputs as its options."""

from __future__ import annotations

from statusbot.cli import main

main()
