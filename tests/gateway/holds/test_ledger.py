"""Ledger: steps, replay, dry runs, and that a lost step leaves no trace."""

import pytest

from chakong.gateway.v1 import controls_pb2
from gateway.holds import Ledger, Limits
from gateway.holds.model import TakenOrder
from tests.gateway.holds.sameness import everything
from tests.gateway.holds.test_plan import plan, record, sight
from tests.gateway.holds.world import (
    CASE,
    COURT,
    DEDUCT,
    OTHER_COURT,
    RELEASE,
    RENEW,
    World,
    as_order,
    court,
    person,
)


def busy_world() -> World:
    """A bit of everything, and something still on its way."""
    world = World(Limits(approval_above_fen=90))
    world.claim(200, caps=(150, None))
    account = world.account("a", 60)
    hold = world.freeze(account, 80, available_fen=60)
    world.settle()
    world.accepted(RENEW, hold_id=hold)
    world.accepted(DEDUCT, hold_id=hold, amount_fen=20)
    world.settle()
    world.event(controls_pb2.CASE_EVENT_KIND_CREDITED, amount_fen=5, hold_id=hold)
    world.event(controls_pb2.CASE_EVENT_KIND_DEATH, subject=person(2))
    world.order(world.freeze_message(world.account("w", 95, 1), 95, available_fen=95))
    world.bank_of(account.institution).credit(account, 7)
    world.hear()
    sight(world, record("p", 10), record("q", 0), bank=2)
    plan(world, carry_out=plan(world).plan_hash, standing_until=20261130)
    car = world.freeze(world.car("car"))
    world.carry_out()
    world.event(controls_pb2.CASE_EVENT_KIND_VALUED, hold_id=car, amount_fen=11)
    newer = world.freeze(world.account("n", 11, 2), 11, available_fen=11, replaces_hold_id=car)
    assert newer
    world.event(controls_pb2.CASE_EVENT_KIND_STAY)
    world.pass_time(days=1)
    world.tick()
    world.take()
    return world


def test_replay_gives_the_same_ledger() -> None:
    world = busy_world()
    assert everything(world.replayed(), world.now_ns) == everything(world.ledger, world.now_ns)


def test_replayed_ledger_goes_on_where_the_old_one_stopped() -> None:
    world = busy_world()
    world.crash()
    world.settle()
    assert world.ledger.stats().controls_open == world.ledger.stats().controls_waiting
    assert everything(world.replayed(), world.now_ns) == everything(world.ledger, world.now_ns)


def test_replay_at_any_frame_gives_what_was_then() -> None:
    world = World()
    world.claim(100)
    seen = []
    for number in range(4):
        world.freeze(world.account(f"a{number}", 20, number % 3), 25, available_fen=20)
        world.carry_out()
        seen.append((len(world.frames), everything(world.ledger, world.now_ns)))
    for count, then in seen:
        ledger = World().replayed()
        for seq, body in enumerate(world.frames[:count], 1):
            ledger.replay(body, seq)
        assert everything(ledger, world.now_ns) == then


def test_lost_step_leaves_no_trace() -> None:
    world = busy_world()
    before = everything(world.ledger, world.now_ns)
    order = world.freeze_message(world.account("z", 5, 1), 5, available_fen=5)
    renewal = world.message(RENEW, hold_id=1)
    event = controls_pb2.CaseEvent(event_id="lost", claim_id="c1", kind=2)  # type: ignore[arg-type]
    transfer = controls_pb2.CaseEvent(event_id="lost too", claim_id="c1", kind=7, court_code=OTHER_COURT)  # type: ignore[arg-type]
    claim = controls_pb2.Claim(claim_id="c9", court_code=COURT, case_number=f"{CASE}9", principal_fen=5)
    claim.debtors.add(subject=person(9))
    inputs = (
        lambda ledger: ledger.order(as_order(order), court()),
        lambda ledger: ledger.order(as_order(renewal), court()),
        lambda ledger: ledger.put_claim(claim, court()),
        lambda ledger: ledger.record(event, court()),
        lambda ledger: ledger.record(transfer, court()),
        lambda ledger: ledger.tick(),
    )
    for count in range(1, len(inputs) + 1):
        world.step(*inputs[:count], keep=False)
        assert everything(world.ledger, world.now_ns) == before
    assert everything(world.replayed(), world.now_ns) == before
    (receipt,) = world.step(lambda ledger: ledger.order(as_order(order), court()))
    assert isinstance(receipt, TakenOrder)
    assert not receipt.repeated


def test_questions_see_only_what_is_kept() -> None:
    world = World()
    world.claim(100)
    order = world.freeze_message(world.account("a", 100), 100, available_fen=100)
    world.ledger.begin(world.now_ns)
    receipt = world.ledger.order(as_order(order), court())
    assert isinstance(receipt, TakenOrder)
    body = world.ledger.finish()
    assert world.ledger.hold_view(receipt.hold_id, world.now_ns) is None
    assert (world.look().flight_fen, world.take(), world.holds()) == (0, [], [])
    world.ledger.keep(len(world.frames) + 1)
    world.frames.append(body)
    assert world.look().flight_fen == 100
    assert len(world.take()) == 1


def test_control_that_an_open_step_ends_is_not_handed_out() -> None:
    world = World()
    world.claim(100)
    world.freeze(world.account("a", 100), 100, available_fen=100)
    claim = controls_pb2.Claim()
    claim.CopyFrom(world.look().claim)
    claim.principal_fen = 10
    world.ledger.begin(world.now_ns)
    world.ledger.put_claim(claim, court())
    world.ledger.finish()
    assert world.take() == []
    world.ledger.drop()
    assert len(world.take()) == 1


def test_empty_step_makes_no_frame() -> None:
    world = World()
    world.ledger.begin(world.now_ns)
    assert world.ledger.finish() == b""
    world.ledger.begin(world.now_ns)
    world.ledger.tick()
    assert world.ledger.finish() == b""


def test_one_step_at_a_time() -> None:
    world = World()
    world.ledger.begin(world.now_ns)
    with pytest.raises(AssertionError):
        world.ledger.begin(world.now_ns)


def test_time_never_goes_back_within_the_ledger() -> None:
    world = World()
    world.claim(100)
    world.now_ns -= 86_400 * 10**9
    world.claim(90)
    assert world.replayed().claim_view(COURT, "c1", world.now_ns) == world.look()


def test_ids_of_a_lost_step_are_given_again_and_never_those_that_left() -> None:
    world = World()
    world.claim(100)
    first = world.freeze_message(world.account("a", 100), 10, available_fen=10)
    second = world.freeze_message(world.account("b", 100, 1), 10, available_fen=10)
    (lost,) = world.step(lambda ledger: ledger.order(as_order(first), court()), keep=False)
    (kept,) = world.step(lambda ledger: ledger.order(as_order(second), court()))
    assert isinstance(lost, TakenOrder)
    assert isinstance(kept, TakenOrder)
    assert lost.control_id == kept.control_id == 1
    world.crash()
    assert world.freeze(world.account("c", 100, 2), 10, available_fen=10) == 2


def test_crash_between_sending_and_receipt_sends_again_and_never_takes_back() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    ((bank, control),) = world.take()
    bank.control(control)
    world.crash()
    world.claim(40)
    ((_, again),) = world.take()
    assert again == control
    world.ledger.give_back([control.control_id])
    world.settle()
    assert (world.hold(hold).controlled_fen, world.look().cover_fen) == (40, 40)


def test_preview_is_what_the_order_would_do_and_keeps_nothing() -> None:
    world = World()
    world.claim(100)
    reaching = world.freeze(world.account("a", 20), 100, available_fen=20)
    world.settle()
    before = everything(world.ledger, world.now_ns)
    order = world.freeze_message(world.account("b", 50, 1), 80, available_fen=50)
    shown = world.ledger.preview(order, court(), world.now_ns)
    assert (shown.rule, shown.claim.cover_fen, shown.claim.exposed_fen) == (0, 70, 60)
    assert [(one.hold_id, one.cause, one.requested_fen) for one in shown.follow_ups] == [
        (reaching, "EXCESS", 50)
    ]
    assert everything(world.ledger, world.now_ns) == before
    world.order(order)
    world.settle()
    assert (world.look().cover_fen, world.look().exposed_fen) == (70, 60)


def test_preview_names_the_rule_that_refuses() -> None:
    world = World()
    world.claim(100)
    order = world.freeze_message(world.account("b", 50, 1), 101)
    assert world.ledger.preview(order, court(), world.now_ns).rule == controls_pb2.RULE_ABOVE_CLAIM
    assert world.ledger.stats().refusals == {}


def test_preview_while_a_step_waits_to_be_durable_does_not_disturb_it() -> None:
    world = World()
    world.claim(100)
    world.ledger.begin(world.now_ns)
    world.ledger.order(as_order(world.freeze_message(world.account("a", 60), 60, available_fen=60)), court())
    body = world.ledger.finish()
    shown = world.ledger.preview(
        world.freeze_message(world.account("b", 60, 1), 60, available_fen=60), court(), world.now_ns
    )
    assert shown.rule == controls_pb2.RULE_ABOVE_CLAIM
    world.ledger.keep(2)
    world.frames.append(body)
    assert everything(world.replayed(), world.now_ns) == everything(world.ledger, world.now_ns)


def test_frame_of_an_unknown_kind_stops_the_start() -> None:
    ledger: Ledger = World().ledger
    with pytest.raises(ValueError, match="not known"):
        ledger.replay(b"\x09" + b"\0" * 8 + b"\x12\x00", 1)


def test_wants_answers_of_cases_with_a_claim() -> None:
    world = World()
    assert not world.ledger.wants(COURT, CASE)
    world.claim(100)
    assert world.ledger.wants(COURT, CASE)
    assert not world.ledger.wants(OTHER_COURT, CASE)


def test_order_is_found_by_its_id() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100)
    release = world.message(RELEASE, hold_id=hold, whole=True)
    world.order(release)
    assert world.ledger.hold_of_order(COURT, "o1") == hold
    assert world.ledger.hold_of_order(COURT, release.order_id) == hold
    assert world.ledger.hold_of_order(OTHER_COURT, "o1") == 0


def test_whether_orders_alone_changed_a_hold() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 60), 60, available_fen=60)
    assert world.ledger.by_court((hold, hold + 1_000), {hold, hold + 1_000}) == {COURT: ([], [hold])}
    assert world.ledger.by_court((hold,), ()) == {COURT: ([hold], [])}
    world.settle()
    assert world.ledger.by_court((hold,), {hold}) == {COURT: ([hold], [])}
    world.now_ns += 1
    world.accepted(RENEW, hold_id=hold)
    assert world.ledger.by_court((hold,), {hold}) == {COURT: ([], [hold])}
