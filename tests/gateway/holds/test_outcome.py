"""Outcome: receipts and events that are new, old, repeated, foreign, contradictory or too much."""

from collections.abc import Callable

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds.face import Fault, FaultKind
from tests.gateway.holds.bank import Bank
from tests.gateway.holds.world import RENEW, World, as_receipt

Receipt = institution_pb2.ControlReceipt
VALUED = controls_pb2.CASE_EVENT_KIND_VALUED


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(100)
    return world


def sent(world: World) -> tuple[Bank, Receipt]:
    """A FREEZE that left, and its receipt."""
    world.freeze(world.account("a", 100), 100, available_fen=100)
    ((bank, control),) = world.take()
    return bank, bank.control(control)


def say(world: World, bank: Bank, receipt: Receipt) -> Fault | None:
    return world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(receipt)))


def test_second_receipt_changes_nothing(world: World) -> None:
    bank, receipt = sent(world)
    assert say(world, bank, receipt) is None
    frames = len(world.frames)
    assert say(world, bank, receipt) is None
    assert len(world.frames) == frames


def test_unavailable_is_no_outcome_and_the_control_is_due_again(world: World) -> None:
    bank, receipt = sent(world)
    later = Receipt(
        control_id=receipt.control_id, outcome=hold_pb2.CONTROL_OUTCOME_UNAVAILABLE, text="core system down"
    )
    assert say(world, bank, later) is None
    assert [control.control_id for _, control in world.take()] == [receipt.control_id]


def test_control_without_receipt_is_due_again_with_the_same_content(world: World) -> None:
    world.freeze(world.account("a", 100), 100)
    ((_, first),) = world.take()
    assert world.take() == []
    world.ledger.give_back([first.control_id])
    ((_, again),) = world.take()
    assert again == first


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda receipt: setattr(receipt, "control_id", 99), FaultKind.UNKNOWN_CONTROL),
        (lambda receipt: setattr(receipt, "outcome", 0), FaultKind.MALFORMED),
        (lambda receipt: receipt.ClearField("hold"), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "hold_id", 98), FaultKind.UNKNOWN_HOLD),
        (lambda receipt: setattr(receipt.hold, "institution", 98), FaultKind.UNKNOWN_HOLD),
        (lambda receipt: setattr(receipt.hold, "controlled_fen", -1), FaultKind.MALFORMED),
        # Sums of such amounts are more than a message holds, and no day comes after such a date.
        (lambda receipt: setattr(receipt.hold, "controlled_fen", 2**63 - 1), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "ceiling_fen", 2**63 - 1), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "deducted_fen", 2**63 - 1), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "effective_from", 99981231), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "effective_from", 20261124), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "effective_until", 20270230), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "effective_from", 0), FaultKind.MALFORMED),
        (lambda receipt: setattr(receipt.hold, "life", 1), FaultKind.CONTRADICTION),
        (
            lambda receipt: setattr(receipt, "outcome", hold_pb2.CONTROL_OUTCOME_REFUSED),
            FaultKind.CONTRADICTION,
        ),
    ],
)
def test_impossible_receipt_is_a_fault_and_changes_nothing(
    world: World, spoil: Callable[[Receipt], None], kind: FaultKind
) -> None:
    bank, good = sent(world)
    receipt = Receipt()
    receipt.CopyFrom(good)
    spoil(receipt)
    frames = len(world.frames)
    fault = say(world, bank, receipt)
    assert fault is not None
    assert (fault.kind, fault.is_taken, len(world.frames)) == (kind, False, frames)
    assert world.ledger.stats().faults == {kind.value: 1}
    assert say(world, bank, good) is None
    assert world.look().cover_fen == 100


def test_receipt_of_another_endpoint_is_a_fault(world: World) -> None:
    bank, receipt = sent(world)
    fault = world.do(lambda ledger: ledger.receipt(bank.endpoint + 1, as_receipt(receipt)))
    assert fault is not None
    assert fault.kind is FaultKind.FOREIGN_ENDPOINT


def test_receipt_of_what_was_not_sent_is_a_fault(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100)
    bank = world.bank_of(world.hold(hold).property.institution)
    receipt = Receipt(control_id=hold, outcome=hold_pb2.CONTROL_OUTCOME_REFUSED)
    fault = say(world, bank, receipt)
    assert fault is not None
    assert fault.kind is FaultKind.NOT_SENT


def test_more_than_was_ordered_counts_and_is_released_at_once(world: World) -> None:
    world.claim(1_000)
    bank, receipt = sent(world)
    held, account = bank.holds[receipt.hold.hold_id]
    account.balance = 1_000
    held.ceiling = held.controlled = 700
    held.stated = held.content()
    receipt.hold.CopyFrom(bank.statement(held.hold_id))
    fault = say(world, bank, receipt)
    assert fault is not None
    assert (fault.kind, fault.is_taken) == (FaultKind.TOO_MUCH, True)
    assert world.look().cover_fen == 700
    world.settle()
    assert (world.hold(held.hold_id).controlled_fen, world.look().cover_fen) == (100, 100)


def test_longer_term_than_ordered_ends_by_the_law(world: World) -> None:
    bank, receipt = sent(world)
    receipt.hold.effective_until = 20301122
    fault = say(world, bank, receipt)
    assert fault is not None
    assert world.hold(receipt.hold.hold_id).effective_until == 20271122


def test_renewal_may_be_counted_from_the_next_day_at_most(world: World) -> None:
    bank, receipt = sent(world)
    say(world, bank, receipt)
    world.pass_time(days=10)
    world.accepted(RENEW, hold_id=receipt.hold.hold_id)
    ((_, control),) = world.take()
    renewed = bank.control(control)
    renewed.hold.effective_until = 20271203
    assert say(world, bank, renewed) is None
    assert world.hold(receipt.hold.hold_id).effective_until == 20271203


def test_highest_version_wins_whichever_way_it_came(world: World) -> None:
    world.claim(300)
    account = world.account("a", 100)
    hold = world.freeze(account, 300, available_fen=100)
    ((bank, control),) = world.take()
    receipt = bank.control(control)
    early = Receipt()
    early.CopyFrom(receipt)
    bank.credit(account, 50)
    world.hear()
    assert world.hold(hold).controlled_fen == 150
    assert world.look().flight_fen == 0
    assert say(world, bank, early) is None
    assert (world.hold(hold).controlled_fen, world.hold(hold).controls[0].outcome) == (150, 1)


def test_events_are_heard_once_and_in_order(world: World) -> None:
    bank, receipt = sent(world)
    say(world, bank, receipt)
    held, _ = bank.holds[receipt.hold.hold_id]
    for _ in range(3):
        held.version += 1
        bank.tell(held, 5, "x")
    first, second, third = bank.events
    gap = world.do(lambda ledger: ledger.event(bank.endpoint, second))
    assert gap is not None
    assert (gap.kind, world.ledger.cursor(bank.endpoint)) == (FaultKind.GAP, 0)
    for event in (first, first, second, third, second):
        assert world.do(lambda ledger, event=event: ledger.event(bank.endpoint, event)) is None  # type: ignore[misc]
    assert world.ledger.cursor(bank.endpoint) == 3
    assert len(world.hold(held.hold_id).objections) == 3


def test_event_of_an_unknown_hold_is_passed_over(world: World) -> None:
    bank, receipt = sent(world)
    event = institution_pb2.HoldEvent(seq=1, kind=1)  # type: ignore[arg-type]
    event.hold.CopyFrom(receipt.hold)
    event.hold.hold_id = 77
    fault = world.do(lambda ledger: ledger.event(bank.endpoint, event))
    assert fault is not None
    assert (fault.kind, world.ledger.cursor(bank.endpoint)) == (FaultKind.UNKNOWN_HOLD, 1)


def test_disposed_thing_ends_its_holds(world: World) -> None:
    car = world.car("car")
    hold = world.freeze(car)
    world.settle()
    bank = world.bank_of(car.institution)
    held, _ = bank.holds[hold]
    held.life, held.end, held.version = 6, hold_pb2.HOLD_END_DISPOSED, held.version + 1
    bank.tell(held, 4)
    world.hear()
    assert world.hold(hold).end == hold_pb2.HOLD_END_DISPOSED


def test_texts_longer_than_the_contract_allows_are_cut(world: World) -> None:
    bank, receipt = sent(world)
    receipt.text = "曹" * 1_000
    receipt.hold.queue_position = 1
    receipt.hold.ahead_court_codes.extend(["x" * 1_000] * 1_000)
    assert say(world, bank, receipt) is None
    held = world.hold(receipt.control_id)
    assert held.controls[0].text == "曹" * 85
    assert list(held.ahead_court_codes) == ["x" * 32] * 16
    assert world.replayed().hold_view(held.hold_id, world.now_ns) == held


def test_objections_without_end_are_not_believed_without_end(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    bank = world.bank_of(world.hold(hold).property.institution)
    faults = []
    for number in range(70):
        bank.holds[hold][0].version += 1
        bank.tell(bank.holds[hold][0], institution_pb2.HOLD_EVENT_KIND_OBJECTED, str(number))
        event = bank.events[-1]
        faults.append(world.do(lambda ledger, event=event: ledger.event(bank.endpoint, event)))  # type: ignore[misc]
    assert [fault.kind for fault in faults if fault] == [FaultKind.MALFORMED] * 6
    assert len(world.hold(hold).objections) == 64
    assert world.ledger.cursor(bank.endpoint) == len(bank.events)


def test_bank_that_says_done_and_lets_nothing_go_is_not_asked_without_end(world: World) -> None:
    bank, receipt = sent(world)
    receipt.hold.controlled_fen = 0
    say(world, bank, receipt)
    world.claim(0)
    for version in range(2, 10):
        for _, control in world.take():
            said = Receipt(control_id=control.control_id, outcome=hold_pb2.CONTROL_OUTCOME_DONE)
            said.hold.CopyFrom(receipt.hold)
            said.hold.version = version
            say(world, bank, said)
    assert len(world.hold(1).controls) == 2


def test_registry_that_says_done_and_keeps_the_thing_is_not_asked_without_end(world: World) -> None:
    car = world.freeze(world.car("car"))
    world.settle()
    world.event(VALUED, hold_id=car, amount_fen=100)
    world.claim(0)
    for version in range(2, 10):
        for bank, control in world.take():
            said = Receipt(control_id=control.control_id, outcome=hold_pb2.CONTROL_OUTCOME_DONE)
            said.hold.CopyFrom(bank.statement(car))
            said.hold.version = version
            say(world, bank, said)
    assert len(world.hold(car).controls) == 2
    assert world.look().cover_fen == 100


def stated(receipt: Receipt, **fields: object) -> Receipt:
    """The same with another statement."""
    other = Receipt()
    other.CopyFrom(receipt)
    for field, value in fields.items():
        setattr(other.hold, field, value)
    return other


@pytest.mark.parametrize("knows_hold", [False, True])
def test_a_refused_freeze_with_a_hold_that_is_too_much_contradicts_itself(
    world: World, knows_hold: bool
) -> None:
    bank, receipt = sent(world)
    if knows_hold:
        event = institution_pb2.HoldEvent(seq=1, hold=receipt.hold)
        assert world.do(lambda ledger: ledger.event(bank.endpoint, event)) is None
    refused = stated(receipt, version=9, ceiling_fen=101)
    refused.outcome = hold_pb2.CONTROL_OUTCOME_REFUSED
    before = world.holds()
    fault = say(world, bank, refused)
    assert fault is not None
    assert (fault.kind, fault.is_taken) == (FaultKind.CONTRADICTION, False)
    assert world.holds() == before
    assert say(world, bank, receipt) is None
    assert world.look().cover_fen == 100


def test_what_has_no_version_says_nothing_and_ends_nothing(world: World) -> None:
    bank, receipt = sent(world)
    fault = say(world, bank, stated(receipt, version=0))
    assert fault is not None
    assert (fault.kind, fault.is_taken) == (FaultKind.MALFORMED, False)
    assert (world.look().flight_fen, world.ledger.stats().controls_open) == (100, 1)
    assert say(world, bank, receipt) is None


QUEUED, EFFECTIVE, ENDED = (
    hold_pb2.HOLD_LIFE_QUEUED,
    hold_pb2.HOLD_LIFE_EFFECTIVE,
    hold_pb2.HOLD_LIFE_ENDED,
)


@pytest.mark.parametrize(
    ("life", "since", "until"),
    [
        (EFFECTIVE, 19680101, 19690101),
        (EFFECTIVE, 19991231, 20261231),
        (EFFECTIVE, 20261122, 20261121),
        (EFFECTIVE, 20261122, 20261131),
        (EFFECTIVE, 20261122, 0),
        (EFFECTIVE, 0, 20261231),
        (EFFECTIVE, 20261124, 20261231),
        (QUEUED, 0, 2**32 - 1),
        (QUEUED, 0, 20261231),
        (QUEUED, 5, 0),
        (ENDED, 0, 5),
        (ENDED, 2**32 - 1, 0),
        (ENDED, 20260101, 19690101),
    ],
)
def test_dates_that_cannot_be_are_not_believed(world: World, life: int, since: int, until: int) -> None:
    bank, receipt = sent(world)
    fields = {"life": life, "effective_from": since, "effective_until": until, "controlled_fen": 0}
    fault = say(world, bank, stated(receipt, **fields))
    assert fault is not None
    assert (fault.kind, fault.is_taken) == (FaultKind.MALFORMED, False)
    assert world.hold(1).life == hold_pb2.HOLD_LIFE_SENT
    assert world.ledger.next_due_ns() == world.now_ns + world.limits.unknown_after_ns
