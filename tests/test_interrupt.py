"""Signals: the first one stops the run, wherever it is; the others are not heard."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import pytest

from statusbot import interrupt as module
from statusbot.errors import Stopped
from statusbot.interrupt import Interrupt, hear, signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_raises(number: signal.Signals) -> None:
    with signals() as interrupt:
        with pytest.raises(Stopped):
            os.kill(os.getpid(), number)
        assert interrupt.came.is_set()


class Named:
    """Whoever is an attribute of a class is told so while that is made."""

    def __set_name__(self, owner: type, name: str) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


class Gone:
    """What is raised by who goes is only printed."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("make", [lambda: type("Made", (), {"it": Named()}), Gone])
def test_where_python_would_not_let_it_through_it_raises_a_moment_later(
    make: Callable[[], object],
) -> None:
    with signals(), pytest.raises(Stopped):
        make()
        threading.Event().wait(60)


def test_while_it_is_only_noted_it_raises_nothing() -> None:
    with signals() as interrupt:
        with interrupt.noted_only():
            os.kill(os.getpid(), signal.SIGTERM)
        assert interrupt.came.is_set()


def test_afterwards_a_signal_raises_again() -> None:
    interrupt = Interrupt()
    with interrupt.noted_only():
        pass
    with pytest.raises(Stopped):
        interrupt(signal.SIGTERM, None)


def test_the_second_signal_is_not_heard() -> None:
    interrupt = Interrupt()
    with interrupt.noted_only():
        interrupt(signal.SIGTERM, None)
    interrupt(signal.SIGINT, None)
    assert interrupt.came.is_set()


def test_whoever_heard_the_signals_before_hears_them_again() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with signals():
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_who_waits_aloud_hears_a_signal_although_it_is_only_noted_around_that() -> None:
    with signals() as interrupt, interrupt.noted_only():
        with pytest.raises(Stopped), interrupt.aloud():
            os.kill(os.getpid(), signal.SIGTERM)
        assert interrupt.came.is_set()


def test_who_begins_to_wait_aloud_hears_the_signal_before() -> None:
    interrupt = Interrupt()
    with interrupt.noted_only():
        interrupt(signal.SIGTERM, None)
        with pytest.raises(Stopped), interrupt.aloud():
            raise AssertionError("it waits although a signal came")


def test_after_waiting_aloud_a_signal_is_only_noted_again() -> None:
    interrupt = Interrupt()
    with interrupt.noted_only():
        with interrupt.aloud():
            pass
        interrupt(signal.SIGTERM, None)
    assert interrupt.came.is_set()


def test_what_is_being_saved_is_not_interrupted() -> None:
    interrupt = Interrupt()
    with interrupt.aloud(), interrupt.saving():
        interrupt(signal.SIGTERM, None)
        during = interrupt.is_saving
    assert interrupt.came.is_set()
    assert (during, interrupt.is_saving) == (True, False)
    assert interrupt.saved > 0


def test_a_save_that_fails_is_over() -> None:
    interrupt = Interrupt()
    with pytest.raises(OSError), interrupt.saving():
        raise OSError
    assert not interrupt.is_saving


def test_who_asks_for_signals_inside_of_a_process_that_hears_them_gets_its_interrupt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    monkeypatch.setattr(module, "_heard", None)
    try:
        heard = hear()
        with signals() as interrupt:
            assert interrupt is heard
        assert signal.getsignal(signal.SIGTERM) is heard
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


def test_one_that_comes_while_the_first_is_heard_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt, calls = Interrupt(), list[int]()

    def again() -> None:
        calls.append(1)
        interrupt(signal.SIGTERM, None)

    monkeypatch.setattr(interrupt.came, "set", again)
    with interrupt.noted_only():
        interrupt(signal.SIGTERM, None)
    assert calls == [1]


def test_one_that_comes_while_this_thread_begins_to_wait_for_it_is_heard() -> None:
    interrupt = Interrupt()
    inside = interrupt.came._cond  # type: ignore[attr-defined]
    with interrupt.noted_only(), inside:
        interrupt(signal.SIGTERM, None)
    assert interrupt.came.is_set()
