"""Snapshots: what is written is what the steps up to it say, whatever steps go on meanwhile.

Two ledgers that write the same sheets are the same: in them is all that is kept.
"""

from typing import TYPE_CHECKING

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.journal.v1 import snapshot_pb2
from gateway.holds import snapshot as module
from tests.gateway.holds.sameness import everything
from tests.gateway.holds.sheets import replayed, restored, written
from tests.gateway.holds.test_ledger_walk import Walk
from tests.gateway.holds.test_plan import record, sight
from tests.gateway.holds.world import World

if TYPE_CHECKING:
    from gateway.holds.snapshot import Sheets

STEPS = 60
SMALL = 2_000


def walk(seed: int) -> Walk:
    """The machine of the long walks, begun."""
    made = Walk(seed)
    made.machine.begin(made.one((0, 0, 90)), made.one(((None, None), (60, None), (80, 40))))
    return made


def take_step(made: Walk) -> None:
    call = made.next_call()
    getattr(made.machine, str(call[0]))(*call[1:])


@pytest.mark.parametrize("seed", range(12))
def test_a_snapshot_and_the_steps_after_it_are_all_steps(seed: int) -> None:
    made = walk(seed)
    for _ in range(STEPS):
        take_step(made)
    world = made.machine.world
    frames, limits = world.frames, world.limits
    cut = made.chance.below(len(frames) + 1)
    before = written(replayed(frames[:cut], limits), cut, SMALL)
    ledger = replayed(frames[cut:], limits, restored(before, limits), cut + 1)
    whole = replayed(frames, limits)
    assert everything(ledger, world.now_ns) == everything(whole, world.now_ns)
    assert written(ledger) == written(whole) == written(world.ledger)
    assert ledger._book.left == whole._book.left
    assert ledger.stats() == whole.stats()
    # It decides as they do: all that is due, and what comes of it.
    world.ledger = ledger
    made.machine.going.clear()
    made.machine.coming.clear()
    world.settle()
    made.machine.judge.check_quiet()


@pytest.mark.parametrize("seed", range(12))
def test_steps_that_go_on_meanwhile_change_nothing_in_it(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = walk(seed)
    for _ in range(STEPS // 2):
        take_step(made)
    world = made.machine.world
    cut = len(world.frames)
    found: list[bytes] = []
    monkeypatch.setattr(module, "SHEET_BYTES", SMALL)
    sheets: Sheets | None = world.ledger.snapshot(cut, 0)
    first = world.ledger
    while sheets is not None and world.ledger is first:
        for _ in range(made.chance.below(3)):
            sheet = next(sheets, b"")
            if sheet == b"":
                sheets = None
                break
            if isinstance(sheet, snapshot_pb2.Sheet):
                found.append(sheet.SerializeToString())
        take_step(made)
    if world.ledger is first:
        assert found == written(replayed(world.frames[:cut], world.limits), cut, SMALL)
        assert first._book.still is None
    made.machine.judge.check()


def test_what_is_found_meanwhile_and_events_that_are_recorded_are_not_in_it() -> None:
    world = World()
    world.claim(100)
    sight(world, record("a", 30))
    expected = written(world.ledger, 2)
    sheets = world.ledger.snapshot(2, 0)
    sight(world, record("a", 31), record("b", 5))
    world.event(controls_pb2.CASE_EVENT_KIND_STAY)
    assert [sheet.SerializeToString() for sheet in sheets if sheet is not None] == expected
    assert written(world.ledger, 2) != expected


def test_one_that_is_given_up_leaves_no_trace() -> None:
    world = World()
    world.claim(100)
    sheets = world.ledger.snapshot(1, 0)
    world.freeze(world.account("a", 100), 100)
    sheets.close()
    assert world.ledger._book.still is None
    assert written(world.ledger, 2) == written(world.replayed(), 2)


def test_it_begins_between_steps_and_there_is_one_at_a_time() -> None:
    world = World()
    world.claim(100)
    sheets = world.ledger.snapshot(1, 0)
    with pytest.raises(AssertionError):
        world.ledger.snapshot(1, 0)
    sheets.close()
    world.ledger.begin(world.now_ns)
    with pytest.raises(AssertionError):
        world.ledger.snapshot(1, 0)


def test_sheets_are_numbered_and_about_as_large_as_asked_for() -> None:
    world = World()
    world.claim(10_000)
    for number in range(30):
        world.freeze(world.account(f"a{number}", 100), 100)
    sheets = [snapshot_pb2.Sheet.FromString(one) for one in written(world.ledger, 31, SMALL)]
    assert [sheet.number for sheet in sheets] == list(range(len(sheets)))
    assert {sheet.step_seq for sheet in sheets} == {31}
    assert [sheet.HasField("opening") for sheet in sheets].count(True) == 1
    assert [sheet.HasField("closing") for sheet in sheets].count(True) == 1
    assert sheets[-1].closing.hold_count == 30
    assert len(sheets) > 3
    assert max(sheet.ByteSize() for sheet in sheets) < 2 * SMALL
