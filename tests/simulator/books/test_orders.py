"""FREEZE, RENEW, RELEASE and DEDUCT: what is done and what is refused, control by control."""

from dataclasses import replace

import pytest

from chakong.type.v1 import hold_pb2, type_pb2
from simulator.books.audit import faults
from simulator.books.books import Books, Opening
from simulator.books.orders import HOLDS_PER_ACCOUNT_MAX
from simulator.books.property import Holder
from tests.simulator.books.acts import (
    ACCOUNT,
    BANK,
    DAY_NS,
    DONE,
    EFFECTIVE,
    ENDED,
    HOLDER,
    LOCATOR,
    NOW_NS,
    OTHER_COURT,
    QUEUED,
    THING,
    WEAK_BANK,
    bank,
    control,
    deduct,
    events,
    freeze,
    refusal,
    release,
    renew,
)


def test_a_freeze_holds_what_is_there_up_to_its_ceiling() -> None:
    books = bank(700)
    first = books.control(freeze(1, 500), NOW_NS)
    assert (first.outcome, first.requested_fen) == (DONE, 500)
    assert first.hold == hold_pb2.HoldStatement(
        hold_id=1,
        institution=BANK,
        version=1,
        life=EFFECTIVE,
        ceiling_fen=500,
        controlled_fen=500,
        effective_from=20260331,
        effective_until=20270331,
        available_fen=200,
        stated_ns=NOW_NS,
    )
    second = books.control(freeze(2, 500), NOW_NS).hold
    assert (second.life, second.controlled_fen, second.available_fen) == (EFFECTIVE, 200, 0)
    third = books.control(freeze(3, 100, court=OTHER_COURT), NOW_NS).hold
    assert (third.life, third.controlled_fen, third.queue_position) == (QUEUED, 0, 1)
    assert (third.effective_from, third.effective_until) == (0, 0)
    assert list(third.ahead_court_codes) == ["京0105", "京0105"]
    assert events(books) == []
    assert faults(books) == []


def test_a_hold_at_zero_is_in_force_and_filled_by_what_comes() -> None:
    books = bank(0)
    hold = books.control(freeze(1, 500), NOW_NS).hold
    assert (hold.life, hold.controlled_fen) == (EFFECTIVE, 0)
    books.credit(BANK, LOCATOR, 300, NOW_NS)
    books.credit(BANK, LOCATOR, 300, NOW_NS)
    books.credit(BANK, LOCATOR, 300, NOW_NS)
    said = books.events_after(0, 10)
    assert [(one.seq, one.hold.version, one.hold.controlled_fen) for one in said] == [
        (1, 2, 300),
        (2, 3, 500),
    ]
    assert said[1].hold.available_fen == 100


def test_what_is_protected_stays_free() -> None:
    books = bank(200_000, kind="personal")
    hold = books.control(freeze(1), NOW_NS).hold
    assert (hold.whole, hold.ceiling_fen, hold.controlled_fen, hold.available_fen) == (True, 0, 92_000, 0)
    assert books.account(BANK, LOCATOR).protected_fen == 108_000


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": "migrant_wage_special"}, "EXEMPT"),
        ({"kind": "social_security_fund"}, "EXEMPT"),
        ({"kind": "statutory_reserve"}, "RESERVE"),
        ({"kind": "closed"}, "ACCOUNT_CLOSED"),
        ({"kind": "margin"}, ""),
        ({"holder": Holder(2, HOLDER.id_number, "远大")}, "NAME_MISMATCH"),
        ({"holder": Holder(1, HOLDER.id_number, HOLDER.name)}, "NAME_MISMATCH"),
        ({"item": 2}, "NAME_MISMATCH"),
        ({"locator": "62002"}, "NO_SUCH_PROPERTY"),
        ({"institution": WEAK_BANK}, "NO_SUCH_PROPERTY"),
    ],
)
def test_a_freeze_looks_at_the_account(changes: dict[str, object], expected: str) -> None:
    books = bank(500, **changes)
    receipt = books.control(freeze(1, 100), NOW_NS)
    assert refusal(receipt) == expected
    assert receipt.HasField("hold") == (not expected)
    assert (books.hold(1) is None) == bool(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"months": 13}, "TERM_TOO_LONG"),
        ({"months": 0}, "OTHER"),
        ({"ceiling_fen": -5}, "OTHER"),
        ({"ceiling_fen": 2**61}, "OTHER"),
        ({"hold_id": 9}, "OTHER"),
        ({"notice_number": ""}, "OTHER"),
        ({"kind": 0}, "OTHER"),
        ({"kind": 9}, "OTHER"),
    ],
)
def test_a_freeze_that_makes_no_sense_is_refused_with_a_reason(
    changes: dict[str, object], expected: str
) -> None:
    order = freeze(1, 100)
    for name, value in changes.items():
        setattr(order, name, value)
    receipt = bank(500).control(order, NOW_NS)
    assert refusal(receipt) == expected
    assert receipt.text


def test_an_order_without_ruling_is_refused() -> None:
    order = freeze(1, 100)
    order.mandate.instrument_kind = type_pb2.INSTRUMENT_KIND_INQUIRY_NOTICE
    assert refusal(bank(500).control(order, NOW_NS)) == "OTHER"


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        (replace(ACCOUNT, institution=4), "INCAPABLE"),
        (replace(ACCOUNT, item=6), "INCAPABLE"),
        (replace(ACCOUNT, item=24), "INCAPABLE"),
    ],
)
def test_where_nothing_can_be_held_a_freeze_is_refused(opening: Opening, expected: str) -> None:
    assert refusal(bank(500).control(freeze(1, 100, opening=opening), NOW_NS)) == expected


def test_a_thing_is_held_whole_by_one_and_for_two_years_at_most() -> None:
    books = bank()
    assert refusal(books.control(freeze(1, 100, opening=THING), NOW_NS)) == "OTHER"
    assert refusal(books.control(freeze(2, months=25, opening=THING), NOW_NS)) == "TERM_TOO_LONG"
    first = books.control(freeze(3, months=24, opening=THING), NOW_NS).hold
    assert (first.life, first.whole, first.controlled_fen, first.ceiling_fen) == (EFFECTIVE, True, 0, 0)
    assert first.effective_until == 20280331
    second = books.control(freeze(4, opening=THING), NOW_NS).hold
    assert (second.life, second.queue_position) == (QUEUED, 1)
    assert refusal(books.control(release(5, 3, 10), NOW_NS)) == "OTHER"
    assert refusal(books.control(deduct(6, 3), NOW_NS)) == "INCAPABLE"
    assert books.control(release(7, 3), NOW_NS).hold.end == hold_pb2.HOLD_END_RELEASED
    assert events(books) == [("PROMOTED", 4)]
    assert faults(books) == []


def test_a_release_lowers_the_ceiling_and_never_raises_it() -> None:
    books = bank(1_000)
    books.control(freeze(1, 800), NOW_NS)
    lowered = books.control(release(2, 1, 300), NOW_NS)
    assert (lowered.requested_fen, lowered.hold.ceiling_fen, lowered.hold.controlled_fen) == (300, 300, 300)
    assert (lowered.hold.version, lowered.hold.available_fen) == (2, 700)
    again = books.control(release(3, 1, 500), NOW_NS)
    assert (again.outcome, again.hold.ceiling_fen, again.hold.version) == (DONE, 300, 2)
    ended = books.control(release(4, 1), NOW_NS).hold
    assert (ended.life, ended.end, ended.controlled_fen) == (ENDED, hold_pb2.HOLD_END_RELEASED, 0)
    assert refusal(books.control(release(5, 1), NOW_NS)) == "HOLD_ENDED"
    assert refusal(books.control(release(6, 77), NOW_NS)) == "NO_SUCH_HOLD"


def test_a_release_of_the_whole_leaves_a_ceiling() -> None:
    books = bank(1_000)
    books.control(freeze(1), NOW_NS)
    hold = books.control(release(2, 1, 400), NOW_NS).hold
    assert (hold.whole, hold.ceiling_fen, hold.controlled_fen) == (False, 400, 400)


def test_what_is_released_goes_to_those_behind_in_their_order() -> None:
    books = bank(1_000)
    for hold_id in (1, 2, 3):
        books.control(freeze(hold_id, 1_000), NOW_NS)
    books.control(release(4, 1, 300), NOW_NS)
    assert [(books.hold(one).life, books.hold(one).controlled_fen) for one in (1, 2, 3)] == [  # type: ignore[union-attr]
        (EFFECTIVE, 300), (EFFECTIVE, 700), (QUEUED, 0),
    ]  # fmt: skip
    books.control(release(5, 2, 200), NOW_NS)
    assert books.hold(3).controlled_fen == 500  # type: ignore[union-attr]
    assert events(books) == [("PROMOTED", 2), ("MOVED", 3), ("PROMOTED", 3)]
    assert faults(books) == []


def test_who_is_ahead_changes_with_every_end() -> None:
    books = bank(100)
    for hold_id, court in ((1, "京0105"), (2, "沪0101"), (3, "粤0104")):
        books.control(freeze(hold_id, 500, court=court), NOW_NS)
    books.control(release(4, 2), NOW_NS)
    (moved,) = books.events_after(0, 10)
    assert (moved.hold.hold_id, moved.hold.version, moved.hold.queue_position) == (3, 2, 1)
    assert list(moved.hold.ahead_court_codes) == ["京0105"]


def test_a_renewal_lasts_from_its_own_day() -> None:
    books = bank(100)
    books.control(freeze(1, 100, months=6), NOW_NS)
    later_ns = NOW_NS + 60 * DAY_NS
    renewed = books.control(renew(2, 1), later_ns)
    assert (renewed.hold.effective_from, renewed.hold.effective_until) == (20260331, 20270530)
    assert renewed.hold.version == 2
    assert books.control(renew(3, 1), later_ns).hold.version == 2
    assert refusal(books.control(renew(4, 1, months=13), later_ns)) == "TERM_TOO_LONG"
    books.control(freeze(5, 100), later_ns)
    queued = books.control(renew(6, 5), later_ns)
    assert (refusal(queued), queued.hold.hold_id) == ("HOLD_QUEUED", 5)


def test_deductions_take_part_after_part_and_the_ceiling_falls_with_them() -> None:
    books = bank(1_000)
    books.control(freeze(1, 800), NOW_NS)
    first = books.control(deduct(2, 1, 300), NOW_NS)
    assert (first.requested_fen, first.deducted_fen) == (300, 300)
    assert (first.hold.ceiling_fen, first.hold.controlled_fen, first.hold.deducted_fen) == (500, 500, 300)
    too_much = books.control(deduct(3, 1, 501), NOW_NS)
    assert (refusal(too_much), too_much.deducted_fen) == ("TOO_MUCH", 0)
    last = books.control(deduct(4, 1), NOW_NS)
    assert (last.deducted_fen, last.hold.deducted_fen, last.hold.ceiling_fen) == (500, 800, 0)
    assert (last.hold.life, last.hold.end) == (ENDED, hold_pb2.HOLD_END_DEDUCTED)
    assert books.account(BANK, LOCATOR).balance_fen == 200
    assert faults(books) == []


def test_a_deduction_of_a_part_leaves_the_hold_to_be_filled() -> None:
    books = bank(300)
    books.control(freeze(1, 800), NOW_NS)
    assert books.control(deduct(2, 1), NOW_NS).deducted_fen == 300
    nothing = books.control(deduct(3, 1), NOW_NS)
    assert (nothing.outcome, nothing.deducted_fen, nothing.hold.version) == (DONE, 0, 2)
    books.credit(BANK, LOCATOR, 900, NOW_NS)
    assert (books.hold(1).ceiling_fen, books.hold(1).controlled_fen) == (500, 500)  # type: ignore[union-attr]


def test_money_goes_to_the_courts_registered_account_only() -> None:
    books = bank(300)
    books.control(freeze(1, 800), NOW_NS)
    assert refusal(books.control(deduct(2, 1, 100, payee="3101010000000002"), NOW_NS)) == "FOREIGN_PAYEE"
    elsewhere = deduct(3, 1, 100)
    elsewhere.mandate.court_code = "京9999"
    assert refusal(books.control(elsewhere, NOW_NS)) == "FOREIGN_PAYEE"
    assert refusal(books.control(deduct(4, 1, -100), NOW_NS)) == "OTHER"
    assert books.account(BANK, LOCATOR).deducted_fen == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": "margin"}, "PLEDGED"),
        ({"currency": "USD"}, "OTHER"),
        ({"institution": WEAK_BANK}, "INCAPABLE"),
    ],
)
def test_some_money_is_held_and_never_deducted(changes: dict[str, object], expected: str) -> None:
    books = bank(300, **changes)
    opening = replace(ACCOUNT, institution=changes.get("institution", BANK))  # type: ignore[arg-type]
    assert books.control(freeze(1, 100, opening=opening), NOW_NS).hold.controlled_fen == 100
    assert refusal(books.control(deduct(2, 1, 50), NOW_NS)) == expected


def test_nothing_is_deducted_from_the_queue() -> None:
    books = bank(300)
    books.control(freeze(1), NOW_NS)
    books.control(freeze(2, 100), NOW_NS)
    assert refusal(books.control(deduct(3, 2), NOW_NS)) == "HOLD_QUEUED"


def test_a_hold_is_found_at_its_institution_only() -> None:
    books = bank(300)
    books.control(freeze(1, 100), NOW_NS)
    order = release(2, 1)
    order.property.institution = WEAK_BANK
    assert refusal(books.control(order, NOW_NS)) == "NO_SUCH_HOLD"
    assert refusal(books.control(control(3, 3, hold_id=1, whole=True), NOW_NS)) == ""


def test_an_account_takes_only_so_many_holds() -> None:
    books = bank(300)
    for hold_id in range(1, HOLDS_PER_ACCOUNT_MAX + 1):
        assert books.control(freeze(hold_id, 100), NOW_NS).outcome == DONE
    receipt = books.control(freeze(9_999, 100), NOW_NS)
    assert (receipt.outcome, receipt.text.split(":")[0]) == (hold_pb2.CONTROL_OUTCOME_UNAVAILABLE, "holds")
    assert faults(books) == []


def test_a_small_x_is_the_same_holder() -> None:
    person = Holder(type_pb2.ID_TYPE_RESIDENT_ID, "11010519491231002X", "王芳")
    books: Books = bank(300, holder=person)
    small = Holder(person.id_type, person.id_number.lower(), person.name)
    assert books.control(freeze(1, 100, holder=small), NOW_NS).outcome == DONE
