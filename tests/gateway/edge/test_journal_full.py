"""A journal whose disk is full: what waits fails, what was written stands, and it goes on."""

import asyncio
import os
import resource
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from unittest.mock import patch

from gateway.edge.errors import JournalError
from gateway.edge.journal import ADMISSION, Frame, Journal
from tests.gateway.edge.frames import AT_NS, COURT, admission
from tests.patience import DEADLINE_S


@asynccontextmanager
async def taken_together(journal: Journal, first: Frame) -> AsyncIterator[None]:
    """What is appended behind the first waits for the writer, which takes all of it at once."""
    writer = journal._writer
    commit = writer._commit
    is_held, is_free = threading.Event(), threading.Event()

    def held(frames: list[Frame]) -> JournalError | None:
        is_held.set()
        assert is_free.wait(DEADLINE_S)
        return commit(frames)

    with patch.object(writer, "_commit", held):
        appended = journal.append(first)
        assert await asyncio.to_thread(is_held.wait, DEADLINE_S)
    yield
    is_free.set()
    await appended


@contextmanager
def small_disk(disk_bytes: int) -> Iterator[None]:
    """No file may grow beyond: the disk is full."""
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (disk_bytes, was[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)


async def test_a_full_disk_fails_all_that_wait_and_the_journal_goes_on_when_there_is_space(
    tmp_path: Path,
) -> None:
    journal = Journal.open(tmp_path / "journal")
    big = [Frame(ADMISSION, os.urandom(300_000), AT_NS, COURT, number, 1) for number in range(2, 6)]
    with small_disk(800_000):
        async with taken_together(journal, admission(1)):
            futures = [journal.append(frame) for frame in big]
            mark = journal.durable()
        done = await asyncio.gather(*futures, mark, return_exceptions=True)
    assert all(isinstance(one, JournalError) for one in done), done
    assert "not written: File too large" in str(done[0])
    assert journal.last_seq == 1
    assert journal.waiting_bytes == 0
    assert await asyncio.gather(*[journal.append(frame) for frame in big]) == [2, 3, 4, 5]
    journal.close()
    again = Journal.open(tmp_path / "journal")
    assert len(again.read(0)) == 5
    again.close()
