"""The process that evaluates: it comes when it is needed, and what ends it ends nothing else."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from statusbot.errors import StatusbotError
from statusbot.routing.cel.process import Died, Process
from statusbot.routing.cel.program import answered

FINE = {"expression": "'a'", "variables": {"event": {}, "alert": {}, "provider": {}}}


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    yield process
    process.close()


def running(process: Process) -> int:
    """Its number, after a first answer."""
    assert process.ask(FINE) == {"result": "a"}
    assert process.pid is not None
    return process.pid


def test_nothing_is_started_before_somebody_asks(process: Process) -> None:
    assert process.pid is None


def test_one_process_answers_again_and_again(process: Process) -> None:
    first = running(process)
    assert running(process) == first


def test_many_may_ask_at_once(process: Process) -> None:
    def ask(number: int) -> dict[str, str]:
        return process.ask({**FINE, "expression": f"'{number}'"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(100)))
    assert answers == [{"result": str(number)} for number in range(100)]


def test_after_it_is_closed_there_is_no_process(process: Process) -> None:
    pid = running(process)
    process.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_after_it_is_closed_another_is_started(process: Process) -> None:
    first = running(process)
    process.close()
    assert running(process) != first


def test_a_process_that_was_ended_from_outside_is_told_and_replaced(process: Process) -> None:
    os.kill(running(process), signal.SIGKILL)
    with pytest.raises(Died, match="it ends the process that evaluates it"):
        process.ask(FINE)
    running(process)


def test_a_process_that_stands_still_is_ended() -> None:
    process = Process(patience=0.05)
    try:
        # Not before it runs, which may take longer than this patience.
        process._patience = 60
        pid = running(process)
        process._patience = 0.05
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(Died, match=r"it gives no result within 0\.05 seconds"):
            process.ask(FINE)
        assert process.pid is None
    finally:
        process.close()


def test_who_is_stopped_while_waiting_leaves_no_answer_for_the_next(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(BaseException):
        pass

    def stop(*args: object) -> None:
        raise Stop

    running(process)
    with monkeypatch.context() as patched:
        patched.setattr("selectors.DefaultSelector.select", stop)
        with pytest.raises(Stop):
            process.ask({**FINE, "expression": "'other'"})
    running(process)


def test_no_environment_variable_goes_with_it(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    known = Path(f"/proc/{running(process)}/environ")
    if not known.exists():
        pytest.skip("no /proc")
    assert b"GITHUB_TOKEN" not in known.read_bytes()


def test_ctrl_c_is_not_for_it(process: Process) -> None:
    assert os.getpgid(running(process)) != os.getpgid(0)


def test_a_process_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(StatusbotError, match="no process can be started for it: No such file"):
        Process().ask(FINE)


def raising(error: BaseException) -> Callable[..., object]:
    def fail(*args: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ImportError("GLIBC_9 is missing"), "cel-expr-python cannot be loaded: GLIBC_9 is missing"),
        (RuntimeError("odd\x1b[0m"), "it cannot be evaluated: odd [0m"),
    ],
)
def test_whatever_happens_is_an_answer(
    error: Exception, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statusbot.routing.cel.evaluation.evaluate", raising(error))
    assert answered(b'{"expression": "1", "variables": {}}') == {"what": what, "todo": ""}


def test_what_takes_too_much_memory_would_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statusbot.routing.cel.evaluation.evaluate", raising(MemoryError()))
    answer = answered(b'{"expression": "1", "variables": {}}')
    assert answer == {"what": "it takes more than 64 MB of memory", "todo": "", "fatal": "memory"}


def test_a_request_without_variables_only_compiles() -> None:
    assert answered(b'{"expression": "event.nobody + \'\'"}') == {}
