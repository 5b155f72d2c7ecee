"""Restoring: everything that a ledger keeps comes back, and what is no whole snapshot is refused."""

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.journal.v1 import snapshot_pb2
from gateway.holds import Ledger, Limits
from gateway.holds.model import TakenOrder
from runtime import calendar
from tests.gateway.holds.sameness import everything
from tests.gateway.holds.sheets import restored, written
from tests.gateway.holds.test_plan import plan, record, sight
from tests.gateway.holds.test_sightings import ambiguous, answer
from tests.gateway.holds.world import OTHER_COURT, RELEASE, World, directory, law, officer, person

TRANSFERRED = controls_pb2.CASE_EVENT_KIND_TRANSFERRED
STAY = controls_pb2.CASE_EVENT_KIND_STAY
SUCCESSOR = controls_pb2.CASE_EVENT_KIND_SUCCESSOR
SMALL = 500


def rich_world() -> World:
    """Of everything that is kept, something."""
    world = World(Limits(approval_above_fen=300))
    world.claim(
        1_000, caps=(700, None), interest_base_fen=100, interest_ppm_per_day=100, interest_from=20261101
    )
    sight(world, record("a", 90), record("b", 50))
    answer(world, ambiguous(1), inquiry_id=3)
    world.event(SUCCESSOR, subject=person(1), successor=person(7))
    sight(world, record("heir", 5, debtor=7))
    world.freeze(world.account("a", 90), 90, available_fen=90)
    world.freeze(world.car("car"))
    world.freeze(world.account("b", 20), 50)
    world.freeze(world.account("w", 400), 400, debtor=2)
    world.settle()
    world.event(STAY)
    world.freeze(world.account("out", 10), 10)
    world.take()
    first = world.holds()[0].hold_id
    bank = world.bank_of(world.hold(first).property.institution)
    bank.holds[first][0].version += 1
    bank.tell(bank.holds[first][0], 5, "a pension account")
    world.hear()
    world.accepted(RELEASE, hold_id=first, ceiling_fen=30)
    world.claim(500, claim_id="c2", case_number="(2026)京0105执2号")
    world.event(TRANSFERRED, claim_id="c2", court_code=OTHER_COURT)
    return world


def due_controls(ledger: Ledger) -> dict[int, list[bytes]]:
    taken = {endpoint: ledger.take(endpoint, 100) for endpoint in sorted(ledger.endpoints_due())}
    return {endpoint: [one.message for one in controls] for endpoint, controls in taken.items() if controls}


@pytest.mark.parametrize("sheet_bytes", [1, SMALL, 1 << 20])
def test_everything_comes_back(sheet_bytes: int) -> None:
    world = rich_world()
    ledger = restored(written(world.ledger, 1, sheet_bytes), world.limits)
    assert everything(ledger, world.now_ns) == everything(world.ledger, world.now_ns)
    assert written(ledger) == written(world.ledger) == written(world.replayed())
    assert ledger.stats().oldest_open_ns == world.ledger.stats().oldest_open_ns
    assert ledger.next_due_ns() == world.replayed().next_due_ns()
    assert due_controls(ledger) == due_controls(world.replayed())


def test_what_waits_for_an_officer_can_be_approved() -> None:
    world = rich_world()
    world.ledger = restored(written(world.ledger), world.limits)
    (order_id,) = [
        control.order_id for hold in world.holds() for control in hold.controls if control.waits_for_approval
    ]
    request = controls_pb2.ApproveRequest(order_id=order_id, amount_fen=400)
    receipt = world.do(lambda ledger: ledger.approve(request, officer("0105999")))
    assert isinstance(receipt, TakenOrder)
    world.settle()
    assert world.ledger.stats().controls_open == 0


def test_a_standing_order_stands() -> None:
    world = World()
    world.claim(100)
    sight(world, record("a", 30))
    plan(world, carry_out=plan(world).plan_hash, standing_until=20261201)
    world.settle()
    world.ledger = restored(written(world.ledger), world.limits)
    sight(world, record("b", 50), bank=1)
    world.settle()
    assert (world.look().cover_fen, world.look().standing) == (80, True)


def test_a_new_id_is_above_all_that_were_given() -> None:
    world = World()
    world.claim(100)
    first = world.freeze(world.account("a", 50), 50)
    world.ledger = restored(written(world.ledger), world.limits)
    assert world.freeze(world.account("b", 50), 50) == first + 1
    assert world.ledger._book.now_ns == world.now_ns
    assert world.ledger._book.day == calendar.day_of(world.now_ns)


def test_sheets_that_are_not_all_there_are_refused() -> None:
    sheets = [snapshot_pb2.Sheet.FromString(one) for one in written(rich_world().ledger, 1, SMALL)]
    assert len(sheets) > 3
    for broken in (sheets[:-1], [*sheets[:1], *sheets[2:]], [], sheets[1:]):
        with pytest.raises(ValueError, match="journal: "):
            Ledger(law(), directory(), Limits()).restore(broken)


def test_sheets_of_two_snapshots_are_not_one() -> None:
    world = rich_world()
    first, second = (written(world.ledger, seq, SMALL) for seq in (1, 2))
    with pytest.raises(ValueError, match="sheet 1 of a snapshot"):
        restored([first[0], *second[1:]], world.limits)


def test_fewer_records_than_were_written_are_noticed() -> None:
    sheets = [snapshot_pb2.Sheet.FromString(one) for one in written(rich_world().ledger, 1, SMALL)]
    with_holds = next(sheet for sheet in sheets if sheet.holds)
    del with_holds.holds[-1]
    with pytest.raises(ValueError, match="claims, holds and past claims"):
        Ledger(law(), directory(), Limits()).restore(sheets)


def test_a_later_version_is_named() -> None:
    (sheet,) = (snapshot_pb2.Sheet.FromString(one) for one in written(World().ledger))
    sheet.version += 1
    with pytest.raises(ValueError, match="a snapshot of version 2, this gateway reads 1"):
        Ledger(law(), directory(), Limits()).restore([sheet])
