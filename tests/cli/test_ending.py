"""The end of the process, where the main thread does not come to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# What keeps the main thread: a lock that nobody opens; a handler of Python's runs, and raises nothing.
BEGIN = """
import tempfile, threading, time
from statusbot.cli.ending import Guard, leave
from statusbot.interrupt import hear
interrupt = hear()
guard = Guard(interrupt)
folder = tempfile.TemporaryDirectory()
lock = threading.Lock()
lock.acquire()
"""
READY = 'print("ready", flush=True)\n'
STUCK = f"with interrupt.noted_only():\n    {READY}    lock.acquire()\n"
SAVES = f"""
with interrupt.saving():
    {READY}    interrupt.came.wait()
    time.sleep(1.5)  # a slow disk
    print("saved", flush=True)
"""
BUSY = f"""
{READY}threading.Thread(target=lock.acquire).start()
leave(7, guard)
"""
GUARD = 20.0


def ended(
    script: str, folder: Path, sig: signal.Signals | None = signal.SIGTERM
) -> tuple[int, str, str]:
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + script],
        env={**os.environ, "TMPDIR": str(folder)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        if sig is not None:
            process.send_signal(sig)
        out, err = process.communicate(timeout=GUARD)
    finally:
        process.kill()
    return process.returncode, out, err


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_main_thread_that_does_not_come_back_is_not_waited_for(
    tmp_path: Path, sig: signal.Signals
) -> None:
    assert ended(STUCK, tmp_path, sig) == (130, "", "statusbot: error: interrupted\n")


def test_its_temporary_files_are_removed(tmp_path: Path) -> None:
    ended(STUCK, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_being_saved_is_waited_for(tmp_path: Path) -> None:
    code, out, _ = ended(SAVES + "leave(5, guard)", tmp_path)
    assert (code, out) == (5, "saved\n")


def test_a_thread_that_hangs_does_not_keep_the_process(tmp_path: Path) -> None:
    assert ended(BUSY, tmp_path, None) == (7, "", "")
    assert list(tmp_path.iterdir()) == []
