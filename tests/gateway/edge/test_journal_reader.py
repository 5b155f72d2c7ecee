"""Reading beside the writer: bounded, from any thread, from no half-written frame."""

import asyncio
from pathlib import Path

import pytest

from gateway.edge.errors import JournalError
from gateway.edge.journal import ANSWER, Journal
from gateway.edge.journal_reader import CONNECTIONS_KEPT, Reader
from tests.gateway.edge.frames import admission, answer, answers


async def test_a_read_is_bounded_in_bytes(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    frames = [answers(*[answer(number)] * 50) for number in range(1, 11)]
    await asyncio.gather(*map(journal.append, frames))
    size = len(frames[0].body)
    assert [one.seq for one in journal.read(2, bytes_max=3 * size)] == [3, 4, 5]
    assert len(journal.read(0, bytes_max=1)) == 1
    journal.close()


async def test_threads_read_while_the_writer_writes(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")

    def read_all(until_seq: int) -> int:
        cursor = 0
        while cursor < until_seq:
            for frame in journal.read(cursor, limit=7):
                assert frame.seq == cursor + 1
                cursor = frame.seq
        return cursor

    reading = [asyncio.to_thread(read_all, 300) for _ in range(6)]
    writing = [journal.append(admission(number)) for number in range(1, 301)]
    assert await asyncio.gather(*reading) == [300] * 6
    await asyncio.gather(*writing)
    assert len(journal._reader._idle) <= CONNECTIONS_KEPT
    journal.close()


async def test_a_court_is_read_through_its_index(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(answers(answer(1)))
    with journal._reader._connection() as connection:
        statement = "SELECT seq FROM frames WHERE seq > 1 AND kind = 2 AND court = 'x' ORDER BY seq"
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    assert "frames_of_answers" in str(plan)
    assert [one.seq for one in journal.read(0, kinds=(ANSWER,))] == [1]
    journal.close()


def test_a_reader_makes_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no such journal"):
        Reader(tmp_path / "journal")
    assert not (tmp_path / "journal").exists()
