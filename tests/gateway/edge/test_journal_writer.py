"""The writer's thread: groups, their order, and failures in any place."""

import errno
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.edge.errors import JournalError
from gateway.edge.journal_folder import hold, make_meta
from gateway.edge.journal_head import Head, Reached, read_head
from gateway.edge.journal_index import Index
from gateway.edge.journal_indexer import Indexer
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_recovery import recover
from gateway.edge.journal_schema import ORDER_BYTES, Frame
from gateway.edge.journal_volume import listed
from gateway.edge.journal_writer import Waiting, Writer
from tests.gateway.edge.frames import admission, answer, answers

CALLS = ("pwritev", "open", "fsync")


class Desk:
    """A writer that has not begun, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal"
        os.close(hold(self.path))
        self.meta = make_meta(self.path, bytes(16))
        self.done: list[tuple[list[int], int, JournalError | None]] = []
        self.threads: set[int] = set()
        self.known_count = 0
        self.indexer = Indexer(Index(folder / "orders"), 1)
        self.indexer.start()
        recovered = recover(self.path, self.meta)
        head = Head(self.path, self.meta.seed, recovered.reached)
        self.writer = Writer(recovered, head, 1, self._done, self.indexer)

    def _done(self, group: Sequence[Waiting], first_seq: int, error: JournalError | None) -> None:
        self.threads.add(threading.get_ident())
        self.done.append(([one.ticket for one in group], first_seq, error))

    def run(self, works: Sequence[Frame | None]) -> None:
        for ticket, work in enumerate(works):
            self.writer.put(Waiting(work, ticket))
        self.writer.start()
        self.writer.stop()
        self.known_count = sum(len(rows) for rows in self.indexer.newest(10)) // ORDER_BYTES
        self.indexer.stop()

    def seqs(self) -> list[int]:
        """Those that another process reads."""
        return [frame.seq for frame in Reader(self.path).frames(0)]


@pytest.mark.parametrize("count", [1, 7, 200, 600])
def test_all_that_waits_is_one_commit_in_its_order(tmp_path: Path, count: int) -> None:
    desk = Desk(tmp_path)
    desk.run([admission(number) for number in range(1, count + 1)])
    assert desk.done == [(list(range(count)), 1, None)]
    read = list(Reader(desk.path).frames(0))
    assert [frame.first_inquiry_id for frame in read] == list(range(1, count + 1))
    assert {frame.commit_seq for frame in read} == {1}
    assert desk.threads != {threading.get_ident()}


def test_a_group_is_bounded_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.edge.journal_writer.COMMIT_BYTES_MAX", 1)
    desk = Desk(tmp_path)
    desk.run([admission(1), None, admission(2)])
    assert desk.done == [([0], 1, None), ([1, 2], 2, None)]


def test_the_head_says_how_far_and_where_a_replay_begins(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run([admission(1), admission(2), answers(answer(1))])
    (volume,) = desk.path.glob("*.frames")
    assert read_head(desk.path, desk.meta.seed) == Reached(1, volume.stat().st_size, 3, 2)


def test_a_volume_that_is_full_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal_writer.COMMIT_BYTES_MAX", 1)
    monkeypatch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", 300)
    desk = Desk(tmp_path)
    desk.run([admission(number) for number in range(1, 11)])
    assert [error for _, _, error in desk.done] == [None] * 10
    volumes = listed(desk.path)
    assert len(volumes) > 3
    assert len(list(desk.path.glob("*.contents"))) == len(volumes) - 1
    assert desk.seqs() == list(range(1, 11))


class Failing:
    """A call of the system that fails the n-th time, in the writer's thread."""

    def __init__(self, fail_at: int) -> None:
        self.left = fail_at
        self.has_failed = False

    def wrapping(self, call: Callable[..., object]) -> Callable[..., object]:
        test = threading.get_ident()

        def called(*given: object, **named: object) -> object:
            if threading.current_thread().name == "journal" and threading.get_ident() != test:
                self.left -= 1
                if self.left == 0:
                    self.has_failed = True
                    raise OSError(errno.ENOSPC, "No space left on device")
            return call(*given, **named)

        return called


def test_a_failure_at_any_call_leaves_all_of_a_group_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail the 1st, 2nd, ... call of the system until none is hit; volumes are changed on the way."""
    monkeypatch.setattr("gateway.edge.journal_writer.COMMIT_FRAMES_MAX", 2)
    monkeypatch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", 200)
    fail_at, has_failed = 0, True
    while has_failed:
        fail_at += 1
        folder = tmp_path / str(fail_at)
        folder.mkdir()
        desk = Desk(folder)
        failing = Failing(fail_at)
        with monkeypatch.context() as broken:
            for name in CALLS:
                broken.setattr(f"os.{name}", failing.wrapping(getattr(os, name)))
            desk.run([admission(1, 2, orders=bytes(80)), admission(3), admission(4), admission(5)])
        has_failed = failing.has_failed
        lost = [error for _, _, error in desk.done if error is not None]
        assert all("not written: No space left on device" in error.message for error in lost)
        kept = [seq for tickets, first, error in desk.done if error is None for seq in (first, first + 1)]
        assert desk.seqs() == kept == list(range(1, len(kept) + 1))
        assert len(kept) + 2 * len(lost) == 4
        assert desk.known_count == (2 if desk.done[0][2] is None else 0)
        # The next start finds the same.
        recovered = recover(desk.path, desk.meta)
        recovered.newest.close()
        assert recovered.reached.last_seq == len(kept)
    assert fail_at > 5


def test_memory_that_is_used_up_loses_the_group_and_not_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)

    def failing(*_given: object) -> None:
        raise MemoryError

    monkeypatch.setattr("gateway.edge.journal_writer.encode", failing)
    desk.run([admission(1)])
    ((_, _, error),) = desk.done
    assert error is not None
    assert "not written: MemoryError" in error.message
    assert desk.seqs() == []
