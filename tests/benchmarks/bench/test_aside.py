"""Aside: which processors this process and another one may use."""

import os
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread, get_native_id

import pytest

from benchmarks.bench.aside import aside


@pytest.fixture
def other_pid() -> Iterator[int]:
    """Of a process that reads until it is told that there is nothing more."""
    command = (sys.executable, "-c", "input()")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        yield process.pid


def test_both_keep_to_the_upper_half_and_this_one_gets_all_back(other_pid: int) -> None:
    processors = sorted(os.sched_getaffinity(0))
    upper = set(processors[len(processors) // 2 :])
    assert upper
    with aside([other_pid]):
        assert os.sched_getaffinity(0) == upper
        assert os.sched_getaffinity(other_pid) == upper
    assert os.sched_getaffinity(0) == set(processors)


def test_threads_that_are_there_keep_to_it_too() -> None:
    ended, is_there, seen = Event(), Event(), list[int]()

    def live() -> None:
        seen.append(get_native_id())
        is_there.set()
        ended.wait()

    thread = Thread(target=live)
    thread.start()
    is_there.wait()
    try:
        before = os.sched_getaffinity(seen[0])
        with aside([]):
            assert os.sched_getaffinity(seen[0]) == os.sched_getaffinity(0)
        assert os.sched_getaffinity(seen[0]) == before
    finally:
        ended.set()
        thread.join()


def test_all_is_given_back_when_measuring_fails() -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(RuntimeError, match="measured"), aside([]):
        raise RuntimeError("measured")
    assert os.sched_getaffinity(0) == before
