"""Snapshots: a start finds what all steps say, whenever the end came, and old steps are needed no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import pytest

from chakong.journal.v1 import snapshot_pb2
from gateway.edge import desk as desk_module
from gateway.edge import snapshots as module
from gateway.edge.errors import DamagedError
from gateway.edge.journal import Journal
from gateway.edge.journal_schema import LEDGER, SNAPSHOT, Frame
from gateway.edge.journal_volume import listed
from gateway.edge.snapshots import Snapshots
from gateway.holds import snapshot as sheets_module
from tests.gateway.edge.study import MemoryJournal, Study, open_study
from tests.gateway.holds.sheets import written

if TYPE_CHECKING:
    from gateway.holds import Ledger

EVERY = 5


def snapshots_of(study: Study, every: int = EVERY) -> Snapshots:
    """That are told of every step from now on."""
    made = Snapshots(study.desk, cast("Journal", study.journal), every)
    study.desk._publish = lambda seq, _hold_ids, _ordered: made.kept(seq)
    return made


@asynccontextmanager
async def snapping(journal: MemoryJournal, every: int = EVERY) -> AsyncIterator[tuple[Study, Snapshots]]:
    async with open_study(journal) as study:
        made = snapshots_of(study, every)
        running = asyncio.create_task(made.run())
        try:
            yield study, made
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


def started(journal: MemoryJournal) -> tuple["Ledger", int, Snapshots]:
    """A gateway's start: its ledger, and how many steps it replayed."""
    study = Study(journal)
    made = snapshots_of(study)
    # Ids of this life begin above what the steps say; that is not compared.
    with patch.object(desk_module, "now_ns", lambda: 0):
        count = study.desk.replay(made.restore())
    return study.ledger, count, made


def replayed(journal: MemoryJournal) -> "Ledger":
    study = Study(journal)
    with patch.object(desk_module, "now_ns", lambda: 0):
        study.desk.replay()
    return study.ledger


async def freeze(study: Study, count: int, first: int = 0) -> None:
    """So many steps, a hold each."""
    for number in range(first, first + count):
        await study.post(study.order(study.account(f"6222{number}", 10), 10))


async def freeze_until_written(study: Study, made: Snapshots, count: int, every: int = EVERY) -> None:
    """So many snapshots, each written before the steps of the next: one is not begun while another is."""
    for number in range(count):
        await freeze(study, every, number * every)
        await study.until(lambda number=number: made.counts.written > number)


async def test_a_start_reads_the_newest_snapshot_and_the_steps_after_it() -> None:
    journal = MemoryJournal()
    async with snapping(journal) as (study, made):
        await study.claim()
        study.desk.answers_seq = 3
        await freeze_until_written(study, made, 2)
        await freeze(study, 2, 2 * EVERY)
        last = study.ledger
    ledger, step_count, restarted = started(journal)
    assert step_count < EVERY
    assert written(ledger) == written(replayed(journal)) == written(last)
    assert restarted.steps_from == made.steps_from > 1
    assert made.counts.steps_since == step_count


async def test_whenever_the_end_comes_a_start_finds_what_all_steps_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sheets_module, "SHEET_BYTES", 300)
    journal = MemoryJournal()
    async with snapping(journal, 7) as (study, made):
        await study.claim()
        await freeze_until_written(study, made, 4, 7)
    kinds = [frame.kind for frame in journal.frames]
    assert kinds.count(SNAPSHOT) > 20
    unfinished = 0
    for end in range(len(journal.frames) + 1):
        cut = MemoryJournal()
        cut.frames = journal.frames[:end]
        ledger, _, _ = started(cut)
        assert written(ledger) == written(replayed(cut)), end
        newest = cut.newest(SNAPSHOT, end + 1)
        unfinished += newest is not None and not snapshot_pb2.Sheet.FromString(newest.body).HasField(
            "closing"
        )
    assert unfinished > 10


async def test_steps_go_on_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_module, "SHEET_BYTES", 300)
    # On a slow machine it would rest before its first sheet until all steps are over.
    monkeypatch.setattr(module, "SLICE_NS", 1 << 62)
    journal = MemoryJournal()
    async with snapping(journal, 20) as (study, made):
        await study.claim()
        await freeze(study, 60)
        await study.until(lambda: made.counts.written > 0)
    places = [frame.seq for frame in journal.frames if frame.kind == SNAPSHOT]
    last = next(
        frame.seq
        for frame in journal.frames
        if frame.kind == SNAPSHOT and snapshot_pb2.Sheet.FromString(frame.body).HasField("closing")
    )
    steps = [frame.seq for frame in journal.frames if frame.kind == LEDGER and places[0] < frame.seq < last]
    assert len(steps) > 3


async def test_a_sheet_that_cannot_be_written_gives_it_up_and_the_next_is_tried() -> None:
    journal = MemoryJournal()
    async with snapping(journal, 4) as (study, made):
        await study.claim()
        append = journal.append

        def failing(frame: Frame) -> "asyncio.Future[int]":
            journal.failures = int(frame.kind == SNAPSHOT and made.counts.given_up == 0)
            return append(frame)

        journal.append = failing  # type: ignore[method-assign]
        await freeze(study, 3)
        await study.until(lambda: made.counts.given_up == 1)
        assert made.steps_from == 0
        assert study.ledger._book.still is None
        await freeze(study, 4, 3)
        await study.until(lambda: made.counts.written == 1)
    ledger, _, _ = started(journal)
    assert written(ledger) == written(replayed(journal))


async def test_an_end_while_it_is_written_leaves_the_ledger_as_it_is() -> None:
    journal = MemoryJournal()
    async with snapping(journal) as (study, _):
        await study.claim()
        append = journal.append

        def holding(frame: Frame) -> "asyncio.Future[int]":
            journal.is_held = frame.kind == SNAPSHOT
            return append(frame)

        journal.append = holding  # type: ignore[method-assign]
        await freeze(study, EVERY - 1)
        await study.until(lambda: journal.is_held)
    assert study.ledger._book.still is None
    ledger, step_count, _ = started(journal)
    assert step_count == EVERY
    assert written(ledger) == written(study.ledger)


async def test_answers_that_were_told_before_it_are_not_told_again() -> None:
    journal = MemoryJournal()
    async with snapping(journal, 1) as (study, made):
        study.desk.answers_seq = 77
        await study.claim()
        await study.until(lambda: made.counts.written == 1)
    again = Study(journal)
    assert again.desk.replay(snapshots_of(again).restore()) == 0
    assert again.desk.answers_seq == 77


async def test_one_of_a_later_version_stops_the_start() -> None:
    journal = MemoryJournal()
    async with snapping(journal, 1) as (study, made):
        await study.claim()
        await study.until(lambda: made.counts.written == 1)
    sheet = snapshot_pb2.Sheet.FromString(journal.frames[-1].body)
    sheet.version += 1
    journal.store(Frame(SNAPSHOT, sheet.SerializeToString(), 0))
    with pytest.raises(DamagedError, match="frame 3: journal: a snapshot of version 2"):
        started(journal)


async def test_a_loop_that_is_busy_gets_its_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    rests: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay_s: float) -> None:
        rests.append(delay_s)
        await sleep(0)

    async with snapping(journal, 61) as (study, made):
        await study.claim()
        monkeypatch.setattr(module, "SLICE_NS", 0)
        monkeypatch.setattr("gateway.edge.snapshots.asyncio.sleep", noted)
        await freeze(study, 60)
        await study.until(lambda: made.counts.written == 1)
    assert len(rests) >= 60


async def test_old_steps_are_deleted_and_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", 4_000)
    real = Journal.open(tmp_path / "journal")
    journal = cast("MemoryJournal", real)
    async with snapping(journal) as (study, made):
        await study.claim()
        await freeze_until_written(study, made, 6)
        volumes = len(listed(real.path))
        assert real.forget_frames(1 << 62, 1 << 62, 0) == 0
        assert real.forget_frames(1 << 62, 1 << 62, made.steps_from) > 3
        assert len(listed(real.path)) < volumes
        known = written(study.ledger)
    real.close()
    again = Journal.open(real.path)
    ledger, step_count, _ = started(cast("MemoryJournal", again))
    assert written(ledger) == known
    assert step_count < EVERY
    again.close()
