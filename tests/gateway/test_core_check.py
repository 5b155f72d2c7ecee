"""Engine.check: verdicts, order ids, frames, and what is refused whole."""

from typing import TYPE_CHECKING

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from chakong.type.v1 import type_pb2 as types
from tests.model.face import CHECK_INVALID, CHECK_OK
from tests.model.verdict import Spoil, faults, put, verdicts
from tests.model.world import (
    BANK,
    CAR_UNIT,
    COURT,
    KEY,
    NOON_NS,
    OTHER_COURT,
    SECOND_NS,
    Desk,
    bulk,
    inquiry,
    only,
    person,
    resident_id,
)

if TYPE_CHECKING:
    from gateway._core import Engine


def number(id_type: "types.IdType.ValueType", text: str) -> Spoil:
    def spoil(spoiled: gateway.Inquiry) -> None:
        spoiled.subject.id_type = id_type
        spoiled.subject.id_number = text

    return spoil


RESIDENT, CREDIT, PASSPORT = types.ID_TYPE_RESIDENT_ID, types.ID_TYPE_CREDIT_CODE, types.ID_TYPE_PASSPORT
GOOD_ID = person(0).id_number
WRONG_CHECK_ID = GOOD_ID[:17] + ("1" if GOOD_ID[17] != "1" else "2")

SINGLE_FAULTS: dict[str, tuple[Spoil, str, str]] = {
    "foreign court": (put("court_code", OTHER_COURT), "FOREIGN_COURT", "court_code"),
    "foreign mandate": (put("mandate.court_code", OTHER_COURT), "FOREIGN_COURT", "mandate.court_code"),
    "no order id": (put("order_id", ""), "ORDER_ID_MISSING", "order_id"),
    "long order id": (put("order_id", "令" * 22), "TOO_LONG", "order_id"),
    "long case number": (put("mandate.case_number", "c" * 129), "TOO_LONG", "mandate.case_number"),
    "long instrument": (put("mandate.instrument_number", "c" * 129), "TOO_LONG", "mandate.instrument_number"),
    "long officer": (put("mandate.officer_id", "o" * 33), "TOO_LONG", "mandate.officer_id"),
    "long name": (put("subject.name", "王" * 86), "TOO_LONG", "subject.name"),
    "no number": (put("subject.id_number", ""), "ID_NUMBER_MISSING", "subject.id_number"),
    "short number": (number(RESIDENT, GOOD_ID[:17]), "BAD_LENGTH", "subject.id_number"),
    "letter in number": (number(RESIDENT, "A" + GOOD_ID[1:]), "BAD_LENGTH", "subject.id_number"),
    "short credit code": (number(CREDIT, "93370102FX9A4UWCQ"), "BAD_LENGTH", "subject.id_number"),
    "small credit code": (number(CREDIT, "93370102fx9a4uwcq0"), "BAD_LENGTH", "subject.id_number"),
    "letter I in credit code": (number(CREDIT, "93370102IX9A4UWCQ0"), "BAD_LENGTH", "subject.id_number"),
    "short passport": (number(PASSPORT, "E123"), "BAD_LENGTH", "subject.id_number"),
    "dash in passport": (number(PASSPORT, "E-12345"), "BAD_LENGTH", "subject.id_number"),
    "born on February 30": (
        number(RESIDENT, resident_id("33010619850230000")),
        "BAD_BIRTH_DATE",
        "subject.id_number",
    ),
    "born in 1899": (
        number(RESIDENT, resident_id("33010618991231000")),
        "BAD_BIRTH_DATE",
        "subject.id_number",
    ),
    "born tomorrow": (
        number(RESIDENT, resident_id("33010620260303000")),
        "BAD_BIRTH_DATE",
        "subject.id_number",
    ),
    "check digit": (number(RESIDENT, WRONG_CHECK_ID), "BAD_CHECK_DIGIT", "subject.id_number"),
    "check character": (number(CREDIT, "93370102FX9A4UWCQ1"), "BAD_CHECK_DIGIT", "subject.id_number"),
    "no name": (put("subject.name", ""), "NAME_MISSING", "subject.name"),
    "blank name": (put("subject.name", "  "), "NAME_MISSING", "subject.name"),
    "no case": (put("mandate.case_number", ""), "MANDATE_INCOMPLETE", "mandate.case_number"),
    "no instrument": (
        put("mandate.instrument_number", ""),
        "MANDATE_INCOMPLETE",
        "mandate.instrument_number",
    ),
    "no instrument kind": (
        put("mandate.instrument_kind", 0),
        "MANDATE_INCOMPLETE",
        "mandate.instrument_kind",
    ),
    "no officer": (put("mandate.officer_id", ""), "MANDATE_INCOMPLETE", "mandate.officer_id"),
    "no role": (put("mandate.debtor_role", 0), "MANDATE_INCOMPLETE", "mandate.debtor_role"),
    "guarantor": (put("mandate.debtor_role", 3), "NOT_THE_DEBTOR", "mandate.debtor_role"),
    "unknown kind": (put("mandate.instrument_kind", 9), "UNKNOWN_VALUE", "mandate.instrument_kind"),
    "no id type": (put("subject.id_type", 0), "UNKNOWN_VALUE", "subject.id_type"),
    "unknown id type": (put("subject.id_type", 4), "UNKNOWN_VALUE", "subject.id_type"),
    "no reach": (put("scope.reach", 0), "UNKNOWN_VALUE", "scope.reach"),
    "unknown reach": (put("scope.reach", 6), "UNKNOWN_VALUE", "scope.reach"),
    "unknown urgency": (put("urgency", 4), "UNKNOWN_VALUE", "urgency"),
    "item 26": (lambda made: made.items.append(26), "UNKNOWN_VALUE", "items"),
    "item 0": (lambda made: made.items.append(0), "UNKNOWN_VALUE", "items"),
    "empty province": (put("scope.reach", gateway.REACH_PROVINCE), "UNKNOWN_VALUE", "scope.province"),
    "freshness over a week": (put("freshness_s", 604_801), "OUT_OF_RANGE", "freshness_s"),
    "deadline over a month": (put("deadline_s", 2_592_001), "OUT_OF_RANGE", "deadline_s"),
    "negative claim": (put("claim_fen", -1), "OUT_OF_RANGE", "claim_fen"),
    "empty list": (put("scope.reach", gateway.REACH_LIST), "UNKNOWN_INSTITUTION", "scope.institutions"),
}


@pytest.mark.parametrize("name", SINGLE_FAULTS)
def test_a_single_fault_is_refused_with_its_field(desk: Desk, name: str) -> None:
    spoil, reason, field = SINGLE_FAULTS[name]
    spoiled = inquiry("a")
    spoil(spoiled)
    checked = desk.check(spoiled)
    assert faults(checked) == {(reason, field)}
    assert checked.refused_by_reason == {gateway.Reason.Value(f"REASON_{reason}"): 1}
    assert (checked.accepted, checked.refused, checked.frame, checked.orders) == (0, 1, b"", b"")


@pytest.mark.parametrize("province", ["99", "3", "333", "ab", "00"])
def test_a_province_that_seats_nobody_is_unknown(desk: Desk, province: str) -> None:
    checked = desk.check(inquiry("a", scope=gateway.Scope(reach=gateway.REACH_PROVINCE, province=province)))
    assert faults(checked) == {("UNKNOWN_VALUE", "scope.province")}


def test_an_institution_beyond_the_directory_is_unknown(desk: Desk) -> None:
    assert faults(desk.check(inquiry("a", scope=only(BANK, 7)))) == {
        ("UNKNOWN_INSTITUTION", "scope.institutions")
    }


def test_a_scope_that_keeps_none_of_the_items_concerns_nobody(desk: Desk) -> None:
    for number_of_order, made in enumerate(
        (
            inquiry("a", scope=only(CAR_UNIT), items=[1]),
            inquiry("b", scope=gateway.Scope(reach=gateway.REACH_BANKS), items=[25]),
        )
    ):
        (verdict,) = verdicts(desk.check(made))
        assert verdict == (0, gateway.REASON_NOBODY_CONCERNED), number_of_order


def test_a_list_of_more_than_4096_indexes_is_too_long(desk: Desk) -> None:
    assert desk.check(inquiry("a", scope=only(*[BANK] * 4096))).accepted == 1
    assert ("TOO_LONG", "scope.institutions") in faults(desk.check(inquiry("b", scope=only(*[BANK] * 4097))))


def test_all_faults_are_listed_and_the_lowest_is_the_reason(desk: Desk) -> None:
    spoiled = inquiry("", person(0, " "), scope=only(99), claim_fen=-5)
    spoiled.court_code = OTHER_COURT
    spoiled.subject.id_number = "33010620260303000" + "1"  # born tomorrow, and the check digit is wrong
    spoiled.mandate.officer_id = ""
    checked = desk.check(spoiled)
    assert verdicts(checked) == [(0, gateway.REASON_FOREIGN_COURT)]
    assert faults(checked) == {
        ("FOREIGN_COURT", "court_code"),
        ("ORDER_ID_MISSING", "order_id"),
        ("NAME_MISSING", "subject.name"),
        ("BAD_BIRTH_DATE", "subject.id_number"),
        ("BAD_CHECK_DIGIT", "subject.id_number"),
        ("MANDATE_INCOMPLETE", "mandate.officer_id"),
        ("UNKNOWN_INSTITUTION", "scope.institutions"),
        ("OUT_OF_RANGE", "claim_fen"),
    }


def test_an_empty_inquiry_has_every_fault_of_its_parts(desk: Desk) -> None:
    checked = desk.check(gateway.Inquiry())
    assert faults(checked) >= {
        ("FOREIGN_COURT", "court_code"),
        ("ORDER_ID_MISSING", "order_id"),
        ("ID_NUMBER_MISSING", "subject.id_number"),
        ("NAME_MISSING", "subject.name"),
        ("MANDATE_INCOMPLETE", "mandate.case_number"),
        ("MANDATE_INCOMPLETE", "mandate.debtor_role"),
        ("UNKNOWN_VALUE", "subject.id_type"),
        ("UNKNOWN_VALUE", "scope.reach"),
    }


@pytest.mark.parametrize(
    "part", [b"\x0a\x05ab", b"\x0a\x02\xff\xfe", b"\x0f", b"\x22\x04\x12\x02\xc3\x28", b"\x0a\x02a\x00"]
)
def test_an_unreadable_inquiry_harms_no_other(desk: Desk, part: bytes) -> None:
    good = [gateway.SubmitRequest(inquiry=inquiry(order)).SerializeToString() for order in "ab"]
    message = good[0] + b"\x0a" + bytes([len(part)]) + part + good[1]
    checked = desk.engine.check(message, COURT, desk.now_ns)
    assert (checked.status, checked.accepted, checked.refused) == (CHECK_OK, 2, 1)
    assert verdicts(checked) == [(1, gateway.REASON_MALFORMED)]
    assert faults(checked) == {("MALFORMED", "")}


@pytest.mark.parametrize("message", [b"\x0a\x05ab", b"\x0a", b"\x07", b"\x10"])
def test_an_unreadable_message_is_refused_whole(desk: Desk, message: bytes) -> None:
    checked = desk.engine.check(message, COURT, desk.now_ns)
    assert (checked.status, checked.accepted, checked.frame) == (CHECK_INVALID, 0, b"")
    assert checked.error


def test_more_inquiries_or_bytes_than_allowed_are_refused_whole(desk: Desk) -> None:
    many = desk.engine.check(b"\x0a\x00" * 8193, COURT, desk.now_ns)
    assert (many.status, many.refused) == (CHECK_INVALID, 0)
    large = desk.engine.check(b"\x1a\x80\x80\x80\x02" + bytes(4 << 20), COURT, desk.now_ns)
    assert large.status == CHECK_INVALID
    assert desk.engine.check(b"\x0a\x00" * 8192, COURT, desk.now_ns).refused == 8192


def test_a_message_without_inquiries_is_fine(desk: Desk) -> None:
    checked = desk.engine.check(b"\x10\x07", COURT, desk.now_ns)
    assert (checked.status, checked.accepted, checked.frame) == (CHECK_OK, 0, b"")
    assert gateway.SubmitBulkResponse.FromString(checked.response) == gateway.SubmitBulkResponse(tag=7)


def test_the_response_counts_and_echoes_the_tag(desk: Desk) -> None:
    bad = inquiry("b")
    bad.subject.name = ""
    checked = desk.check(inquiry("a"), bad, inquiry("c"), inquiry("a"))
    response = gateway.SubmitBulkResponse.FromString(checked.response)
    assert (response.tag, response.accepted, response.repeated, response.refused) == (7, 2, 1, 1)
    assert response.first_inquiry_id == checked.first_inquiry_id == 1
    assert verdicts(checked) == [(1, gateway.REASON_NAME_MISSING), (3, gateway.REASON_SAME_RECEIPT)]
    assert response.verdicts[1].inquiry_id == 1
    assert not response.verdicts[1].violations


def test_ids_follow_without_a_gap(desk: Desk) -> None:
    assert desk.submit(inquiry("a"), inquiry("b")) == [1, 2]
    assert desk.submit(inquiry("c")) == [3]


def test_the_frame_is_canonical(desk: Desk) -> None:
    subject = types.Subject(id_type=RESIDENT, id_number=resident_id("33010619850307018"), name="李")
    assert subject.id_number.endswith("X")
    small = types.Subject(id_type=RESIDENT, id_number=subject.id_number.lower(), name="李")
    made = inquiry("a", small, items=[5, 2, 2], claim_fen=12, deadline_s=60)
    made.scope.CopyFrom(gateway.Scope(reach=gateway.REACH_LIST, institutions=[3, 1, 3], province="ignored"))
    part = made.SerializeToString() + b"\xfa\x01\x03abc"  # with a field that nobody knows
    checked = desk.engine.check(_field(1, part), COURT, desk.now_ns)
    frame = journal.Admission.FromString(checked.frame)
    (row,) = frame.inquiries
    assert (frame.admitted_ns, frame.court_code, frame.first_inquiry_id) == (NOON_NS, COURT, 1)
    assert row.entry.subject == subject
    assert row.entry.mandate.court_code == COURT
    assert list(row.entry.items) == [2, 5]
    assert (list(row.entry.institutions), row.entry.kind) == ([], 0)
    assert row.scope == gateway.Scope(reach=gateway.REACH_LIST, institutions=[1, 3])
    assert (row.urgency, row.freshness_s, row.claim_fen) == (gateway.URGENCY_NORMAL, 86_400, 12)
    assert row.deadline_ns == NOON_NS + 60 * SECOND_NS
    assert (len(row.content_hash), row.order_id) == (16, "a")
    assert frame.SerializeToString(deterministic=True) == checked.frame
    assert b"abc" not in checked.frame


def _field(tag: int, part: bytes) -> bytes:
    """A length-delimited field."""
    length = b""
    rest = len(part)
    while rest > 127:
        length += bytes([rest & 127 | 128])
        rest >>= 7
    return bytes([tag << 3 | 2]) + length + bytes([rest]) + part


@pytest.mark.parametrize("arguments", [{"key": bytes(15)}, {"attempts_max": 0}, {"inquiries_max": 0}])
def test_impossible_limits_are_refused(engine_class: "type[Engine]", arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        engine_class(**{"key": KEY, **arguments})  # type: ignore[arg-type]


def test_a_bulk_of_one_and_a_single_submit_are_the_same(desk: Desk) -> None:
    single = gateway.SubmitRequest(inquiry=inquiry("a")).SerializeToString()
    assert single == bulk(inquiry("a"), tag=0)
    assert desk.engine.check(single, COURT, desk.now_ns).accepted == 1
