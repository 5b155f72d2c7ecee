"""Ticking: deadlines, last days, and what a lost step gives back."""

import pytest

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Ledger
from runtime import calendar
from tests.gateway.holds.world import RENEW, SECOND, World, as_order, as_receipt, court

EFFECTIVE, ENDED, UNKNOWN = (
    hold_pb2.HOLD_LIFE_EFFECTIVE,
    hold_pb2.HOLD_LIFE_ENDED,
    hold_pb2.HOLD_LIFE_UNKNOWN,
)


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(100)
    return world


def tick(ledger: Ledger) -> None:
    ledger.tick()


def test_nothing_is_due_in_a_quiet_ledger(world: World) -> None:
    assert world.ledger.next_due_ns() == 0


def test_freeze_without_outcome_is_unknown_at_its_deadline_and_not_before(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100)
    world.take()
    due_ns = world.ledger.next_due_ns()
    assert due_ns == world.now_ns + 600 * SECOND
    world.now_ns = due_ns - 1
    world.tick()
    assert world.hold(hold).life == hold_pb2.HOLD_LIFE_SENT
    world.now_ns = due_ns
    world.tick()
    assert (world.hold(hold).life, world.look().flight_fen) == (UNKNOWN, 0)
    assert world.ledger.next_due_ns() == 0


def test_deadline_of_a_freeze_with_outcome_is_forgotten(world: World) -> None:
    world.freeze(world.account("a", 100), 100)
    world.settle()
    assert world.ledger.next_due_ns() == calendar.midnight_ns(20271123)


def test_hold_is_in_force_through_its_last_day_and_void_from_the_next_midnight(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.now_ns = calendar.midnight_ns(20271123) - 1
    assert (world.hold(hold).life, world.look().cover_fen) == (EFFECTIVE, 100)
    world.tick()
    assert (world.hold(hold).life, world.look().cover_fen) == (EFFECTIVE, 100)
    world.now_ns += 1
    assert (world.hold(hold).life, world.look().cover_fen, world.look().gap_fen) == (ENDED, 0, 100)
    world.tick()
    view = world.hold(hold)
    assert (view.life, view.end, world.look().cover_fen) == (ENDED, hold_pb2.HOLD_END_EXPIRED, 0)
    assert world.refused(world.message(RENEW, hold_id=hold)) == "HOLD_ENDED"


def test_guards_judge_by_the_day_even_before_the_tick(world: World) -> None:
    old = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.now_ns = calendar.midnight_ns(20271123)
    new = world.freeze(world.account("b", 100, 1), 100, available_fen=100)
    world.pass_time()
    world.settle()
    assert (world.hold(new).controlled_fen, world.hold(old).life) == (100, ENDED)


def test_renewal_of_unknown_outcome_keeps_the_hold_until_its_word_comes(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.pass_time(days=300)
    world.accepted(RENEW, hold_id=hold)
    ((bank, control),) = world.take()
    receipt = bank.control(control)
    world.now_ns = calendar.midnight_ns(20271123)
    world.tick()
    assert (world.hold(hold).life, world.look().cover_fen) == (EFFECTIVE, 0)
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(receipt)))
    assert (world.hold(hold).life, world.look().cover_fen) == (EFFECTIVE, 100)


def test_lost_tick_is_due_again(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100)
    world.take()
    world.pass_time(seconds=600)
    world.step(tick, keep=False)
    assert world.hold(hold).life == hold_pb2.HOLD_LIFE_SENT
    assert 0 < world.ledger.next_due_ns() <= world.now_ns
    world.tick()
    assert world.hold(hold).life == UNKNOWN


def test_tick_with_nothing_to_do_makes_no_frame(world: World) -> None:
    frames = len(world.frames)
    world.pass_time(days=3)
    world.tick()
    assert len(world.frames) == frames


def test_many_holds_that_end_together_are_taken_in_several_steps(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.holds.ticking.TICKED_MAX", 2)
    world.claim(1_000)
    holds = [world.freeze(world.account(f"a{n}", 10, n % 3), 10, available_fen=10) for n in range(5)]
    world.settle()
    world.now_ns = calendar.midnight_ns(20271123)
    for _ in range(3):
        assert 0 < world.ledger.next_due_ns() <= world.now_ns
        world.tick()
    assert world.ledger.next_due_ns() == 0
    assert {world.hold(one).life for one in holds} == {ENDED}


def test_a_lost_step_gives_a_last_day_back_whatever_was_said_of_the_hold_since(world: World) -> None:
    account = world.account("a", 100)
    hold = world.freeze(account, 100, available_fen=100)
    world.settle()
    bank = world.bank_of(account.institution)
    ended = bank.statement(hold)
    until = ended.effective_until
    ended.version, ended.life, ended.end, ended.effective_until = 9, ENDED, hold_pb2.HOLD_END_DISPOSED, 0
    event = institution_pb2.HoldEvent(seq=world.ledger.cursor(bank.endpoint) + 1, hold=ended)
    assert world.do(lambda ledger: ledger.event(bank.endpoint, event)) is None
    due_ns = calendar.midnight_ns(calendar.add_days(until, 1))
    assert world.ledger.next_due_ns() == due_ns
    world.now_ns = due_ns
    later = world.freeze_message(world.account("b", 1), 1)
    world.step(tick, lambda ledger: bool(ledger.order(as_order(later), court())), keep=False)
    assert world.ledger.next_due_ns() == due_ns
    world.tick()
    assert world.ledger.next_due_ns() == 0
