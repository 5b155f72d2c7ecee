"""Controls: each about the same hold, in the same case, with a ruling; and receipts in short."""

from chakong.institution.v1.institution_pb2 import ControlReceipt
from chakong.type.v1 import hold_pb2, type_pb2
from conformance.controls import deduct, freeze, life, release, renew, told
from conformance.fixture import Fixture


def test_a_freeze_names_itself_as_hold_and_rests_on_a_ruling(fixture: Fixture) -> None:
    control = freeze(9, fixture.accounts.full, fixture.courts[0], 500, 2)
    assert (control.hold_id, control.ceiling_fen, control.whole, control.months) == (9, 500, False, 2)
    assert control.mandate.instrument_kind == type_pb2.INSTRUMENT_KIND_RULING
    assert control.notice_number
    assert control.property.locator == fixture.accounts.full.locator
    assert freeze(9, fixture.accounts.full, fixture.courts[0]).whole


def test_what_follows_is_about_the_same_hold(fixture: Fixture) -> None:
    frozen = freeze(9, fixture.accounts.full, fixture.courts[0], 500)
    later = [release(10, frozen), release(11, frozen, 5), renew(12, frozen, 3), deduct(13, frozen, "1", 7)]
    assert [control.control_id for control in later] == [10, 11, 12, 13]
    assert {control.hold_id for control in later} == {9}
    assert all(control.mandate == frozen.mandate and control.property == frozen.property for control in later)
    assert [control.whole for control in later] == [True, False, False, False]
    assert deduct(13, frozen, "1").whole


def test_receipts_and_holds_are_told_in_short() -> None:
    assert told(ControlReceipt(outcome=hold_pb2.CONTROL_OUTCOME_DONE)) == "DONE"
    refused = ControlReceipt(
        outcome=hold_pb2.CONTROL_OUTCOME_REFUSED, refusal=hold_pb2.CONTROL_REFUSAL_EXEMPT
    )
    assert told(refused) == "REFUSED EXEMPT"
    assert life(hold_pb2.HoldStatement(life=hold_pb2.HOLD_LIFE_QUEUED)) == "QUEUED"
    ended = hold_pb2.HoldStatement(life=hold_pb2.HOLD_LIFE_ENDED, end=hold_pb2.HOLD_END_EXPIRED)
    assert life(ended) == "ENDED EXPIRED"


def test_a_value_that_the_contract_does_not_have_is_told_as_its_number() -> None:
    receipt = ControlReceipt.FromString(b"\x10\x63")
    assert told(receipt) == "99"
