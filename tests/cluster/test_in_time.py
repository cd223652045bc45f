"""Calls that take too long, and what they run."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import TimedOut
from statusbot.cluster.in_time import in_time

# A guard for what goes on, not a measurement.
LONG = 30.0


def test_what_a_call_raises_is_raised() -> None:
    def fails() -> None:
        raise KeyError("here")

    with pytest.raises(KeyError):
        in_time(fails, Deadline(LONG))


def test_so_much_time_that_no_thread_can_wait_for_it_is_without_end() -> None:
    assert in_time(threading.current_thread, Deadline(1e11)) is threading.current_thread()


def test_without_time_nothing_begins() -> None:
    with pytest.raises(TimedOut):
        in_time(pytest.fail, Deadline(0))


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells whose a process is")
@pytest.mark.parametrize("script", ["exec sleep 600", "sleep 600; true"])
def test_all_that_a_call_runs_is_ended(script: str) -> None:
    began: list[threading.Thread] = []

    def hangs() -> None:
        began.append(threading.current_thread())
        # It ends when nobody holds the pipe any more.
        subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, check=False)

    with pytest.raises(TimeoutError):
        in_time(hangs, Deadline(0.5))
    (thread,) = began
    thread.join(LONG)
    assert not thread.is_alive()
