"""Claims: registering, changing, and what each event of a case brings about."""

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Limits, Refusal
from gateway.holds.model import TakenOrder
from tests.gateway.holds.world import (
    CASE,
    COURT,
    DEDUCT,
    OTHER_COURT,
    RELEASE,
    RENEW,
    World,
    as_receipt,
    court,
    mandate,
    person,
)

BANKRUPTCY = controls_pb2.CASE_EVENT_KIND_BANKRUPTCY
STAY = controls_pb2.CASE_EVENT_KIND_STAY
STAY_ENDED = controls_pb2.CASE_EVENT_KIND_STAY_ENDED
DEATH = controls_pb2.CASE_EVENT_KIND_DEATH
SUCCESSOR = controls_pb2.CASE_EVENT_KIND_SUCCESSOR
TRANSFERRED = controls_pb2.CASE_EVENT_KIND_TRANSFERRED
CREDITED = controls_pb2.CASE_EVENT_KIND_CREDITED


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(100)
    return world


def held(world: World, locator: str = "held", amount: int = 100, bank: int = 0, debtor: int = 1) -> int:
    account = world.account(locator, amount, bank)
    hold = world.freeze(account, amount, available_fen=amount, debtor=debtor)
    world.settle()
    return hold


def test_same_claim_again_changes_nothing(world: World) -> None:
    frames = len(world.frames)
    assert world.claim(100) is None
    assert len(world.frames) == frames


def test_interest_runs_from_the_day_after(world: World) -> None:
    world.claim(1_000_000, interest_base_fen=1_000_000, interest_ppm_per_day=175, interest_from=20261120)
    assert world.look().due_fen == 1_000_000 + 2 * 175
    world.pass_time(days=1)
    assert world.look().due_fen == 1_000_000 + 3 * 175


def test_interest_is_rounded_down(world: World) -> None:
    world.claim(100, interest_base_fen=9_999, interest_ppm_per_day=175, interest_from=20261121)
    assert world.look().due_fen == 101


def test_case_has_one_claim(world: World) -> None:
    refusal = world.claim(100, claim_id="c2")
    assert refusal is not None
    assert refusal.name == "MALFORMED"


def test_debtors_that_were_put_stay_in_their_order(world: World) -> None:
    world.claim(100, caps=(None, 5))
    refusal = world.claim(100, caps=(None,))
    assert refusal is not None
    assert refusal.name == "MALFORMED"


def test_claim_of_another_court_is_not_seen(world: World) -> None:
    assert world.ledger.claim_view(OTHER_COURT, "c1", world.now_ns) is None


def test_same_event_again_changes_nothing(world: World) -> None:
    event = controls_pb2.CaseEvent(event_id="e", claim_id="c1", kind=CREDITED, amount_fen=10)
    assert world.do(lambda ledger: ledger.record(event, court())) == ()
    assert world.do(lambda ledger: ledger.record(event, court())) == ()
    assert world.look().credited_fen == 10
    event.amount_fen = 11
    refusal = world.do(lambda ledger: ledger.record(event, court()))
    assert isinstance(refusal, Refusal)
    assert refusal.name == "ORDER_ID_REUSED"


def test_bankruptcy_releases_everything_and_lets_nothing_new_be_made(world: World) -> None:
    hold = held(world)
    deduction = world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    assert len(world.event(BANKRUPTCY)) == 1
    assert world.refused(world.message(RENEW, hold_id=hold)) == "BANKRUPTCY"
    assert world.refused(world.freeze_message(world.account("b", 10, 1), 10)) == "BANKRUPTCY"
    world.settle()
    view = world.hold(hold)
    assert (view.end, view.controls[-1].cause) == (hold_pb2.HOLD_END_RELEASED, "BANKRUPTCY")
    ended = next(one for one in view.controls if one.control_id == deduction)
    assert ended.text.startswith("RULE_BANKRUPTCY")
    assert world.look().bankrupt


def test_bankruptcy_of_one_debtor_leaves_the_others(world: World) -> None:
    world.claim(200, caps=(None, None))
    first = held(world)
    second = held(world, "other", bank=1, debtor=2)
    world.event(BANKRUPTCY, subject=person(2))
    world.settle()
    assert world.hold(first).life == hold_pb2.HOLD_LIFE_EFFECTIVE
    assert world.hold(second).life == hold_pb2.HOLD_LIFE_ENDED


def test_stay_stops_deductions_and_nothing_else(world: World) -> None:
    hold = held(world)
    deduction = world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    world.event(STAY)
    controls = {one.control_id: one for one in world.hold(hold).controls}
    assert controls[deduction].text.startswith("RULE_STAY")
    assert world.refused(world.message(DEDUCT, hold_id=hold, amount_fen=10)) == "STAY"
    world.accepted(RENEW, hold_id=hold)
    world.event(STAY_ENDED)
    world.accepted(DEDUCT, hold_id=hold, amount_fen=10)


def test_deduction_that_left_before_the_stay_is_followed(world: World) -> None:
    hold = held(world)
    world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    ((bank, control),) = world.take()
    world.event(STAY)
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    assert world.hold(hold).deducted_fen == 10


def test_death_leaves_only_release_until_a_successor_is_named(world: World) -> None:
    hold = held(world, amount=50)
    waiting = world.freeze(world.account("b", 50, 1), 50, available_fen=50)
    world.event(DEATH, subject=person(1))
    assert world.hold(waiting).controls[0].text.startswith("RULE_DEATH")
    for kind in (RENEW, DEDUCT):
        order = world.message(kind, hold_id=hold, amount_fen=1 if kind == DEDUCT else 0)
        assert world.refused(order) == "DEATH"
    world.event(SUCCESSOR, subject=person(1), successor=person(9))
    world.accepted(RENEW, hold_id=hold)
    heir = world.freeze(world.account("c", 50, 2), 50, available_fen=50, debtor=9)
    assert world.hold(heir).subject == person(9)
    world.accepted(RELEASE, hold_id=hold, whole=True)


def test_transfer_hands_the_case_over_and_renews_what_ends_within_a_month(world: World) -> None:
    hold = held(world, amount=60)
    world.pass_time(days=340)
    later = held(world, "later", 40, 1)
    followed = world.event(TRANSFERRED, court_code=OTHER_COURT)
    assert len(followed) == 1
    world.settle()
    view = world.hold(hold)
    assert (view.controls[-1].cause, view.effective_until) == ("RENEWAL_BEFORE_TRANSFER", 20281028)
    assert [one.cause for one in world.hold(later).controls] == [""]
    assert world.ledger.court_of_hold(hold) == OTHER_COURT
    assert world.ledger.claim_view(COURT, "c1", world.now_ns) is None
    assert world.refused(world.message(RENEW, hold_id=hold)) == "FOREIGN_COURT"
    order = world.message(RENEW, hold_id=hold)
    order.court_code = OTHER_COURT
    order.mandate.CopyFrom(mandate(OTHER_COURT, "(2027)沪0101执9号"))
    assert isinstance(world.order(order, court(OTHER_COURT)), TakenOrder)


def test_transfer_with_a_month_and_a_day_left_renews_nothing(world: World) -> None:
    held(world)
    world.pass_time(days=334)  # 22 October 2027; the hold ends on 22 November
    assert world.event(TRANSFERRED, court_code=OTHER_COURT) == ()


def test_objection_leaves_the_hold_in_force_and_starts_the_days_of_the_court(world: World) -> None:
    hold = held(world)
    bank = world.bank_of(world.hold(hold).property.institution)
    objected = 5
    bank.holds[hold][0].version += 1
    bank.tell(bank.holds[hold][0], objected, "a pension account")
    world.hear()
    view = world.hold(hold)
    assert view.life == hold_pb2.HOLD_LIFE_EFFECTIVE
    assert (view.objections[0].answer_due, view.objections[0].answered) == (20261207, False)
    world.event(controls_pb2.CASE_EVENT_KIND_OBJECTION_ANSWERED, hold_id=hold)
    assert world.hold(hold).objections[0].answered


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": 0},
        {"kind": CREDITED},
        {"kind": CREDITED, "amount_fen": -5},
        {"kind": DEATH},
        {"kind": TRANSFERRED, "court_code": "nowhere"},
        {"kind": TRANSFERRED, "court_code": COURT},
        {"kind": controls_pb2.CASE_EVENT_KIND_VALUED, "amount_fen": 5},
    ],
)
def test_event_that_means_nothing_is_refused(world: World, fields: dict[str, object]) -> None:
    event = controls_pb2.CaseEvent(event_id="e", claim_id="c1", **fields)  # type: ignore[arg-type]
    refusal = world.do(lambda ledger: ledger.record(event, court()))
    assert isinstance(refusal, Refusal)
    assert refusal.name in ("MALFORMED", "NO_SUCH_HOLD")


@pytest.mark.parametrize(
    "change",
    [
        {"claim_id": ""},
        {"case_number": ""},
        {"principal_fen": -1},
        {"interest_ppm_per_day": 10_001},
        {"interest_ppm_per_day": 1, "interest_from": 20260230},
    ],
)
def test_claim_that_means_nothing_is_refused(world: World, change: dict[str, object]) -> None:
    claim = controls_pb2.Claim(claim_id="c5", court_code=COURT, case_number=f"{CASE}5")
    claim.debtors.add(subject=person(1))
    for field, value in change.items():
        setattr(claim, field, value)
    refusal = world.do(lambda ledger: ledger.put_claim(claim, court()))
    assert refusal is not None
    assert refusal.name == "MALFORMED"


def test_what_is_credited_in_all_is_bounded(world: World) -> None:
    world.event(CREDITED, amount_fen=(1 << 50) - 1)
    event = controls_pb2.CaseEvent(event_id="more", claim_id="c1", kind=CREDITED, amount_fen=2)
    refusal = world.do(lambda ledger: ledger.record(event, court()))
    assert isinstance(refusal, Refusal)
    assert "at most 1125899906842624 in all" in refusal.text


def test_events_of_a_claim_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.holds.claims.EVENTS_PER_CLAIM_MAX", 1)
    world.event(STAY)
    event = controls_pb2.CaseEvent(event_id="more", claim_id="c1", kind=STAY_ENDED)
    refusal = world.do(lambda ledger: ledger.record(event, court()))
    assert isinstance(refusal, Refusal)
    assert refusal.name == "FULL"


def test_event_about_no_hold_with_a_hold_is_refused(world: World) -> None:
    hold = held(world)
    for fields in (
        {"kind": TRANSFERRED, "court_code": "nowhere"},
        {"kind": TRANSFERRED, "court_code": OTHER_COURT},
        {"kind": DEATH, "subject": person(1)},
        {"kind": SUCCESSOR},
        {"kind": STAY},
    ):
        event = controls_pb2.CaseEvent(event_id="e", claim_id="c1", hold_id=hold, **fields)
        refusal = world.do(lambda ledger, event=event: ledger.record(event, court()))  # type: ignore[misc]
        assert isinstance(refusal, Refusal)
        assert refusal.name == "MALFORMED"
    assert world.look().court_code == COURT


def test_nobody_in_particular_neither_dies_nor_has_a_successor(world: World) -> None:
    for kind in (DEATH, SUCCESSOR):
        event = controls_pb2.CaseEvent(event_id="e", claim_id="c1", kind=kind, successor=person(5))
        event.subject.name = person(1).name
        refusal = world.do(lambda ledger, event=event: ledger.record(event, court()))  # type: ignore[misc]
        assert isinstance(refusal, Refusal)
        assert refusal.name == "MALFORMED"


def test_case_may_come_back_to_the_court_it_came_from(world: World) -> None:
    hold = held(world)
    world.event(TRANSFERRED, court_code=OTHER_COURT)
    back = controls_pb2.CaseEvent(event_id="b", claim_id="c1", kind=TRANSFERRED, court_code=COURT)
    assert world.do(lambda ledger: ledger.record(back, court(OTHER_COURT))) == ()
    assert world.look().court_code == COURT
    assert world.ledger.court_of_hold(hold) == COURT
    world.accepted(RELEASE, hold_id=hold, whole=True)


def test_case_does_not_go_to_a_court_that_has_a_claim_of_its_id(world: World) -> None:
    other = controls_pb2.Claim(claim_id="c1", court_code=OTHER_COURT, case_number="x", principal_fen=1)
    other.debtors.add(subject=person(2))
    world.do(lambda ledger: ledger.put_claim(other, court(OTHER_COURT)))
    event = controls_pb2.CaseEvent(event_id="e", claim_id="c1", kind=TRANSFERRED, court_code=OTHER_COURT)
    refusal = world.do(lambda ledger: ledger.record(event, court()))
    assert isinstance(refusal, Refusal)


def test_deduction_that_has_not_left_ends_when_the_case_goes_to_another_court(world: World) -> None:
    hold = held(world)
    first = world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    ((bank, control),) = world.take()
    second = world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    world.event(TRANSFERRED, court_code=OTHER_COURT)
    world.say(bank, bank.control(control))
    by_id = {one.control_id: one for one in world.hold(hold).controls}
    assert by_id[first].outcome == hold_pb2.CONTROL_OUTCOME_DONE
    assert by_id[second].outcome == hold_pb2.CONTROL_OUTCOME_REFUSED
    assert by_id[second].text.startswith("RULE_FOREIGN_COURT")
    assert world.take() == []


def test_order_that_waits_for_an_officer_ends_when_the_case_goes_to_another_court() -> None:
    world = World(Limits(approval_above_fen=50))
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 60)
    world.event(TRANSFERRED, court_code=OTHER_COURT)
    (control,) = world.hold(hold).controls
    assert control.outcome == hold_pb2.CONTROL_OUTCOME_REFUSED
    assert world.ledger.stats().controls_waiting == 0


def test_debtor_who_stands_in_for_another_is_himself_first(world: World) -> None:
    world.claim(100, caps=(10, 90))
    world.event(SUCCESSOR, subject=person(1), successor=person(2))
    world.freeze(world.account("a", 100), 50, debtor=2)


@pytest.mark.parametrize(("field", "size_max"), [("id_number", 20), ("name", 256)])
def test_numbers_and_names_have_the_length_of_the_contract(world: World, field: str, size_max: int) -> None:
    claim = controls_pb2.Claim(claim_id="c5", court_code=COURT, case_number=f"{CASE}5")
    claim.debtors.add(subject=person(1))
    event = controls_pb2.CaseEvent(event_id="e", claim_id="c1", kind=SUCCESSOR)
    event.subject.CopyFrom(person(1))
    event.successor.CopyFrom(person(2))
    for length, is_right in ((size_max + 1, False), (size_max, True)):
        setattr(claim.debtors[0].subject, field, "x" * length)
        setattr(event.successor, field, "x" * length)
        put = world.do(lambda ledger: ledger.put_claim(claim, court()))
        recorded = world.do(lambda ledger: ledger.record(event, court()))
        for refusal in (put, recorded):
            assert isinstance(refusal, Refusal) != is_right
            if isinstance(refusal, Refusal):
                assert refusal.name == "MALFORMED"
                assert str(size_max) in refusal.text
