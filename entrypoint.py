"""What the container runs: the command line, or on GitHub the verb that the action was given.

The runner sets an input that was left out to the empty string, and click takes an option whose
environment variable is empty as not given, so nothing else is to be translated.
"""

from __future__ import annotations

import os
import sys

from statusbot.cli import main

arguments = sys.argv[1:]
if not arguments and os.environ.get("GITHUB_ACTIONS") == "true":
    arguments = [os.environ.get("INPUT_COMMAND", "").strip() or "run"]
main(arguments)
