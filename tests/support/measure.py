"""What a command costs as a whole process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# A process counts what its parent held at the fork into its own peak, so a small one starts it.
_LAUNCHER = """
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Cost:
    """Wall seconds, peak megabytes (of 2**20 bytes), and the exit code."""

    seconds: float
    megabytes: float
    code: int


def cost(
    command: Sequence[str], stdout: IO[bytes] | int | None = None, stderr: IO[bytes] | None = None
) -> Cost:
    """Run a command, whose first word is a path, to its end."""
    with tempfile.TemporaryDirectory() as folder:
        peak = Path(folder) / "peak"
        launcher = (sys.executable, "-I", "-S", "-c", _LAUNCHER, str(peak))
        began = time.perf_counter()
        code = subprocess.run([*launcher, *command], stdout=stdout, stderr=stderr).returncode
        seconds = time.perf_counter() - began
        return Cost(seconds, int(peak.read_text()) / 1024, code)
