"""What the container runs: the command line, or on GitHub what the Action's inputs say.

The runner sets an input that was left out to the empty string, and click takes an option whose
environment variable is empty as not given, so most of them need no translation.
"""

from __future__ import annotations

import os
import sys

from statusbot.cli import main
from statusbot.cli.step import is_action

arguments = sys.argv[1:]
if is_action(os.environ) and not arguments:
    from statusbot.cli.action import run_step

    main(run=run_step)
main(arguments)
