"""Retention: whole volumes go, the oldest first, and nothing that anybody still needs."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.edge.errors import JournalError
from gateway.edge.journal import Frame, Journal
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_schema import LEDGER, SNAPSHOT
from gateway.edge.journal_volume import listed
from tests.gateway.edge.frames import admission, answer, answers, order_rows

ALL = 1 << 62
VOLUME_BYTES = "gateway.edge.journal_volume.VOLUME_BYTES"
FULL = 1 << 30


def at(frame: Frame, at_ns: int) -> Frame:
    return replace(frame, at_ns=at_ns)


@pytest.fixture
async def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Frames 1 to 8, two in a volume: inquiries 1 to 4, each with its answer; frame n is of the time n."""
    journal = Journal.open(tmp_path / "journal")
    for number in range(1, 5):
        seq = 2 * number - 1
        # Each but the first begins a volume, and its answer joins it.
        monkeypatch.setattr(VOLUME_BYTES, 0 if number > 1 else FULL)
        await journal.append(at(admission(number, orders=order_rows(number, 1)), seq))
        monkeypatch.setattr(VOLUME_BYTES, FULL)
        await journal.append(at(answers(answer(number)), seq + 1))
    monkeypatch.setattr(VOLUME_BYTES, 200)
    assert listed(journal.path) == [1, 3, 5, 7]
    return journal


@pytest.mark.parametrize(
    ("before_ns", "upto_seq", "left"),
    [
        (ALL, ALL, [7]),
        (5, ALL, [5, 7]),
        (4, ALL, [3, 5, 7]),
        (ALL, 5, [5, 7]),
        (ALL, 0, [1, 3, 5, 7]),
        (ALL, -1, [1, 3, 5, 7]),
    ],
)
async def test_what_is_old_and_carried_over_goes_but_for_the_newest_volume(
    journal: Journal, before_ns: int, upto_seq: int, left: list[int]
) -> None:
    assert journal.forget_frames(before_ns, upto_seq, 0) == 4 - len(left)
    assert listed(journal.path) == left
    assert len(list(journal.path.glob("*.contents"))) == len(left) - 1
    kept = list(range(left[0], 9))
    assert [frame.seq for frame in journal.read(0)] == kept
    assert await journal.append(admission(5)) == 9
    journal.close()
    again = Journal.open(journal.path)
    assert [frame.seq for frame in again.read(0)] == [*kept, 9]
    assert again.next_inquiry_id == 6
    assert len(again.find_orders(order_rows(1, 4))) == 4 * 40
    assert again.court_of(1) == (None if left[0] > 1 else admission(1).court)
    again.close()
    assert [frame.seq for frame in Reader(journal.path).whole()] == [*kept, 9]


async def test_what_is_unfinished_stays(journal: Journal) -> None:
    assert await journal.append(at(admission(5, 2), 9)) == 9
    assert await journal.append(at(answers(answer(6)), 10)) == 10
    assert await journal.append(at(admission(7), 11)) == 11
    assert journal.forget_frames(ALL, ALL, 0) == 4
    assert listed(journal.path)[0] == 9
    assert [frame.seq for frame in journal.read(0)] == [9, 10, 11]
    journal.close()


async def test_a_reader_that_was_there_before_goes_on(journal: Journal) -> None:
    reader = Reader(journal.path)
    assert [frame.seq for frame in reader.read(0, limit=4)] == [1, 2, 3, 4]
    journal.forget_frames(ALL, 4, 0)
    await journal.append(admission(5))
    assert [frame.seq for frame in reader.read(4)] == [5, 6, 7, 8, 9]
    journal.close()


async def test_an_end_in_the_middle_leaves_what_the_next_start_removes(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_folder: Path, _first_seq: int) -> None:
        raise OSError(5, "Input/output error", "a file")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.edge.journal_retention.remove_volume", failing)
        with pytest.raises(JournalError, match="a file: cannot be removed: Input/output error"):
            journal.forget_frames(ALL, 4, 0)
    assert [frame.seq for frame in journal.read(0)] == [5, 6, 7, 8]
    assert [frame.seq for frame in Reader(journal.path).read(0)] == [5, 6, 7, 8]
    journal.close()
    Journal.open(journal.path).close()
    assert listed(journal.path) == [5, 7]


async def test_steps_of_the_ledger_stay_and_so_does_what_comes_after_them(journal: Journal) -> None:
    assert await journal.append(at(Frame(LEDGER, bytes(300), 0), 9)) == 9
    await asyncio.gather(*(journal.append(at(answers(answer(1)), seq)) for seq in (10, 11)))
    await journal.append(at(answers(answer(2)), 12))
    assert journal.forget_frames(ALL, ALL, 0) == 4
    assert listed(journal.path)[0] == 9
    assert [frame.seq for frame in journal.read(0, kinds=(LEDGER,))] == [9]
    journal.close()


async def test_steps_that_are_in_a_snapshot_go_and_those_after_it_stay_with_its_sheets(
    journal: Journal,
) -> None:
    large = bytes(300)
    for seq, kind in ((9, LEDGER), (10, LEDGER), (11, SNAPSHOT), (12, LEDGER), (13, SNAPSHOT)):
        assert await journal.append(at(Frame(kind, large, 0), seq)) == seq
    assert await journal.append(at(answers(answer(2)), 14)) == 14
    assert listed(journal.path) == [1, 3, 5, 7, 9, 10, 11, 12, 13, 14]
    # Of the snapshot of step 9, whose sheets are 11 and 13.
    assert journal.forget_frames(ALL, ALL, 10) == 5
    assert [frame.seq for frame in journal.read(0)] == [10, 11, 12, 13, 14]
    # As when nothing but steps that are in a later snapshot is left before it.
    assert journal.forget_frames(ALL, ALL, 13) == 3
    assert [frame.seq for frame in journal.read(0)] == [13, 14]
    assert journal.forget_frames(ALL, ALL, 14) == 1
    journal.close()
