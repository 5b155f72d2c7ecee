"""The log is copied behind the commits, stays bounded, and loses nothing when it cannot be copied."""

import asyncio
import sqlite3
from pathlib import Path
from time import monotonic, sleep

import pytest

from gateway.edge import journal_checkpoint
from gateway.edge.journal import Journal
from gateway.edge.journal_checkpoint import COMMIT_BYTES, Checkpoint
from gateway.edge.journal_schema import ADMISSION, Frame, connect, create
from tests.gateway.edge.frames import AT_NS, COURT

DEADLINE_S = 20.0
FRAME_BYTES = 500_000


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a few frames reach."""
    monkeypatch.setattr(journal_checkpoint, "COPY_BYTES", 1 << 20)
    monkeypatch.setattr(journal_checkpoint, "LOG_BYTES_MAX", 4 << 20)
    monkeypatch.setattr(journal_checkpoint, "REST_BYTES", 2 << 20)


def log_bytes(journal: Journal) -> int:
    return Path(f"{journal.path}-wal").stat().st_size


def big(number: int) -> Frame:
    return Frame(ADMISSION, number.to_bytes(2) * (FRAME_BYTES // 2), AT_NS, COURT, number, 1)


@pytest.mark.usefixtures("small")
async def test_under_a_load_without_pauses_the_log_stays_bounded(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    waiting: list[asyncio.Future[int]] = []
    for number in range(1, 101):
        waiting.append(journal.append(big(number)))
        if number % 4 == 0:
            await waiting[-2]
    await asyncio.gather(*waiting)
    # Twice LOG_BYTES_MAX, and what one commit may add.
    assert log_bytes(journal) < 16 << 20
    assert [frame.body for frame in journal.read(0, bytes_max=1 << 30)] == [
        big(n).body for n in range(1, 101)
    ]
    journal.close()


@pytest.mark.usefixtures("small")
async def test_a_reader_of_an_old_state_costs_room_and_nothing_else(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(big(1))
    old = sqlite3.connect(journal.path)
    old.execute("BEGIN")
    assert old.execute("SELECT count(*) FROM frames").fetchone() == (1,)
    await asyncio.gather(*[journal.append(big(number)) for number in range(2, 22)])
    for number in range(22, 42):
        await journal.append(big(number))
    assert log_bytes(journal) > 40 * FRAME_BYTES
    assert old.execute("SELECT count(*) FROM frames").fetchone() == (1,)
    old.close()
    for number in range(42, 102):
        await journal.append(big(number))
    assert log_bytes(journal) < 80 * FRAME_BYTES
    assert len(journal.read(0, bytes_max=1 << 30)) == 101
    journal.close()


@pytest.mark.usefixtures("small")
def test_an_error_leaves_the_log_and_is_tried_again(tmp_path: Path) -> None:
    create(tmp_path / "journal", bytes(16))
    checkpoint = Checkpoint(tmp_path / "journal")
    right, checkpoint._connection = checkpoint._connection, connect(tmp_path / "journal", writing=False)
    checkpoint._connection.close()
    checkpoint.grown(5 << 20)
    checkpoint.make_room()
    # The thread is asked first.
    assert checkpoint._wake.is_set()
    assert checkpoint._log_bytes > 5 << 20
    checkpoint.grown(4 << 20)
    checkpoint.make_room()
    assert checkpoint._log_bytes == 3 << 20
    checkpoint._connection = right
    checkpoint.grown(1 << 20)
    checkpoint.make_room()
    assert checkpoint._log_bytes == 0
    checkpoint.start()
    checkpoint.stop()


@pytest.mark.usefixtures("small")
def test_the_thread_copies_when_enough_is_new(tmp_path: Path) -> None:
    create(tmp_path / "journal", bytes(16))
    checkpoint = Checkpoint(tmp_path / "journal")
    checkpoint.start()
    checkpoint.grown(0)
    assert checkpoint._new_bytes == COMMIT_BYTES
    checkpoint.grown(1 << 20)
    deadline_s = monotonic() + DEADLINE_S
    while checkpoint._new_bytes:
        assert monotonic() < deadline_s
        sleep(0.001)
    checkpoint.stop()
