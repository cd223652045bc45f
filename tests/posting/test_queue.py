"""Work for a few threads, the most urgent first."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from statusbot.posting.queue import Queue


def noting(log: list[str], word: str) -> Callable[[], None]:
    return lambda: log.append(word)


def test_the_most_urgent_goes_first_and_equals_in_their_order() -> None:
    queue, log = Queue(), list[str]()
    for urgency, word in [(2.0, "c"), (1.0, "a"), (2.0, "d"), (1.0, "b")]:
        queue.put((urgency, 0), noting(log, word))
    queue.work()
    assert log == ["a", "b", "c", "d"]


def test_nothing_to_do_is_over_at_once() -> None:
    Queue().work()


def test_a_task_may_add_tasks() -> None:
    queue, log = Queue(), list[str]()
    queue.put((1.0, 0), lambda: queue.put((0.0, 0), noting(log, "added")))
    queue.work()
    assert log == ["added"]


def test_a_thread_without_work_waits_for_what_a_running_task_adds() -> None:
    queue, log = Queue(), list[str]()
    running, go = threading.Event(), threading.Event()
    names: set[str] = set()
    both = threading.Barrier(2, timeout=20)

    def meet() -> None:
        both.wait()  # only two threads at once get past this
        names.add(threading.current_thread().name)

    def first() -> None:
        running.set()
        go.wait(20)
        queue.put((1.0, 0), meet)
        queue.put((1.0, 0), meet)
        log.append("first")

    queue.put((0.0, 0), first)
    threads = [threading.Thread(target=queue.work) for _ in range(2)]
    for thread in threads:
        thread.start()
    running.wait(20)
    go.set()
    for thread in threads:
        thread.join(20)
    assert log == ["first"]
    assert names == {thread.name for thread in threads}


def test_all_threads_end_when_it_is_over() -> None:
    queue = Queue()
    for _ in range(20):
        queue.put((0.0, 0), lambda: None)
    threads = [threading.Thread(target=queue.work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_a_task_that_raises_does_not_keep_the_others_waiting() -> None:
    queue, log = Queue(), list[str]()

    def broken() -> None:
        raise KeyError("bug")

    queue.put((0.0, 0), broken)
    queue.put((1.0, 0), noting(log, "next"))
    with pytest.raises(KeyError):
        queue.work()
    queue.work()
    assert log == ["next"]


def reading(queue: Queue, log: list[str]) -> tuple[threading.Event, threading.Event]:
    """A newest commit whose read is under way, while an older one is ready to be written."""
    began, go = threading.Event(), threading.Event()

    def read() -> None:
        began.set()
        assert go.wait(20)
        queue.put((1.0, 1), noting(log, "newest"))

    queue.put((1.0, 0), read)
    return began, go


@pytest.mark.parametrize("strict", [True, False])
def test_only_a_strict_queue_holds_older_writes_back_until_newer_reads_have_ended(
    strict: bool,
) -> None:
    queue, log = Queue(), list[str]()
    queue.strict = strict
    began, go = reading(queue, log)
    threads = [threading.Thread(target=queue.work) for _ in range(2)]
    threads[0].start()
    assert began.wait(20)
    written = threading.Event()

    def write() -> None:
        log.append("older")
        written.set()

    queue.put((2.0, 1), write)
    threads[1].start()
    if not strict:
        assert written.wait(20)
    go.set()
    for thread in threads:
        thread.join(20)
    assert log[0] == ("newest" if strict else "older")


def test_a_strict_queue_reads_ahead() -> None:
    queue, log = Queue(), list[str]()
    queue.strict = True
    _, go = reading(queue, log)
    queue.put((2.0, 0), go.set)  # a read of an older commit ends the wait of the newest one
    threads = [threading.Thread(target=queue.work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert log == ["newest"]
