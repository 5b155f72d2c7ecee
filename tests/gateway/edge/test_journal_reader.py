"""Reading beside the writer: bounded, from any thread and process, and from no half-written frame."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal import ADMISSION, ANSWER, Journal
from gateway.edge.journal_reader import Reader
from tests.gateway.edge.frames import AT_NS, COURT, admission, answer, answers

COURTS = ("京0105", "沪0101", "other")


async def test_a_read_is_bounded_in_bytes(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    frames = [answers(*[answer(number)] * 50) for number in range(1, 11)]
    await asyncio.gather(*map(journal.append, frames))
    size = len(frames[0].body)
    assert [one.seq for one in journal.read(2, bytes_max=3 * size)] == [3, 4, 5]
    assert len(journal.read(0, bytes_max=1)) == 1
    journal.close()


async def test_the_newest_of_a_kind_is_found_in_whatever_volume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", 300)
    journal = Journal.open(tmp_path / "journal")
    for number in range(1, 8):
        await journal.append(admission(number) if number in (2, 3, 6) else answers(answer(1)))
    for before_seq, found in ((9, 6), (7, 6), (6, 3), (3, 2), (2, None), (1, None)):
        frame = journal.newest(ADMISSION, before_seq)
        assert (frame.seq if frame else None) == found
    assert journal.newest(ANSWER, 100) is not None
    journal.close()


async def test_threads_read_while_the_writer_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", 3_000)
    journal = Journal.open(tmp_path / "journal")
    other = Reader(tmp_path / "journal")

    def read_all(reader: Journal | Reader, until_seq: int) -> int:
        cursor = 0
        while cursor < until_seq:
            for frame in reader.read(cursor, limit=7):
                assert frame.seq == cursor + 1
                cursor = frame.seq
        return cursor

    reading = [asyncio.to_thread(read_all, reader, 300) for reader in (journal, journal, journal, other)]
    running = [asyncio.create_task(one) for one in reading]
    for first in range(1, 301, 30):
        await asyncio.gather(*[journal.append(admission(number)) for number in range(first, first + 30)])
    assert await asyncio.gather(*running) == [300] * 4
    journal.close()


async def test_another_process_reads_what_is_durable_and_no_more(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    reader = Reader(tmp_path / "journal")
    assert (reader.last_seq(), reader.read(0)) == (0, [])
    await journal.append(admission(1))
    assert reader.last_seq() == 1
    # What stands behind the head may go away again.
    (volume,) = (tmp_path / "journal").glob("*.frames")
    with volume.open("ab") as file:
        file.write(volume.read_bytes()[32:])
    assert [frame.seq for frame in reader.read(0)] == [1]
    assert [frame.seq for frame in Reader(tmp_path / "journal").read(0)] == [1]
    journal.close()


@given(
    drawn=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(COURTS)), min_size=1, max_size=15),
    volume_bytes=st.sampled_from([40, 400, 1 << 20]),
)
@settings(max_examples=15, deadline=None)
def test_any_read_is_that_of_a_list(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str]], volume_bytes: int
) -> None:
    """Frames of any kinds and courts, over any number of volumes, before and after a restart."""
    path = tmp_path_factory.mktemp("journal") / "journal"

    async def write(drawn: list[tuple[int, str]]) -> None:
        journal = Journal.open(path)
        for kind, court in drawn:
            first = journal.last_seq + 1
            frame = (admission(first, court=court), answers(answer(first), court=court))[kind % 2]
            await journal.append(frame)
        journal.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", volume_bytes)
        asyncio.run(write(drawn[: len(drawn) // 2]))
        asyncio.run(write(drawn[len(drawn) // 2 :]))
        reader = Reader(path)
        expected = [(seq, (1, 2)[kind % 2], court) for seq, (kind, court) in enumerate(drawn, 1)]
        for after in range(len(drawn) + 1):
            for kinds in ((1,), (2,), (1, 2, 3)):
                for court in (None, *COURTS):
                    found = [
                        (frame.seq, frame.kind, frame.court)
                        for frame in reader.frames(after, kinds=kinds, court=court)
                    ]
                    assert found == [
                        one
                        for one in expected
                        if one[0] > after and one[1] in kinds and court in (None, one[2])
                    ]
        assert [frame.seq for frame in reader.whole()] == list(range(1, len(drawn) + 1))
        assert [reader.time_of(seq) for seq in (0, 1, len(drawn), len(drawn) + 1)] == [0, AT_NS, AT_NS, 0]
        for seq, kind, court in expected:
            if kind == 1:
                assert reader.court_of(seq) == court
            else:
                assert reader.court_of(seq) is None


async def test_courts_with_the_same_mark_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal_contents.court_mark", lambda _court: 1)
    monkeypatch.setattr("gateway.edge.journal_reader.court_mark", lambda _court: 1)
    journal = Journal.open(tmp_path / "journal")
    await journal.append(answers(answer(1)))
    await journal.append(answers(answer(2), court="other"))
    assert [frame.seq for frame in journal.read(0, kinds=(ANSWER,), court=COURT)] == [1]
    assert [frame.seq for frame in journal.read(0, kinds=(ANSWER,), court="other")] == [2]
    journal.close()


async def test_a_frame_that_is_damaged_later_is_named_when_it_is_read(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1))
    await journal.append(admission(2))
    (volume,) = (tmp_path / "journal").glob("*.frames")
    content = volume.read_bytes()
    with volume.open("r+b") as file:
        file.seek(len(content) - 1)
        file.write(bytes([content[-1] ^ 1]))
    assert [frame.seq for frame in journal.read(0, limit=1)] == [1]
    with pytest.raises(DamagedError, match=r"frame 2 at offset \d+: CRC is"):
        journal.read(0)
    journal.close()


def test_a_reader_makes_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no such journal"):
        Reader(tmp_path / "journal")
    assert not (tmp_path / "journal").exists()
