"""Inquiry: every fault of an inquiry is found, and no other."""

import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types
from gateway.core.testing import field_name, fill_faults, parse_inquiry
from tests.gateway.core.samples import COURT, TODAY, good_inquiries, inquiries, sample, set_field, unhurried
from tests.model.validate import faults as model_faults
from tests.model.wire import Directory, Institution, Limits

NOON_NS = 1_767_240_000_000_000_000  # 2026-01-01 12:00 in Beijing
ITEMS_ALL = 2**25 - 1
# Every province is seated and every index known: what is left to judge is the inquiry itself.
EVERYBODY = Directory(1, tuple(Institution(0, 1, at % 100, ITEMS_ALL) for at in range(4096)), (Limits(1, 1),))

Fault = tuple[int, str]


def faults(inquiry: gateway.Inquiry, court: str = COURT) -> object:
    return parse_inquiry(inquiry.SerializeToString(), court.encode(), TODAY)["faults"]


def changed(path: str, value: object) -> gateway.Inquiry:
    """The sample with one field set; None clears it."""
    inquiry = sample()
    set_field(inquiry, path, value)
    return inquiry


@settings(unhurried, max_examples=1000)
@given(inquiries(st.integers(0, 4095)), st.sampled_from([COURT, "", "33"]))
def test_faults_are_those_of_the_model(inquiry: gateway.Inquiry, court: str) -> None:
    assert faults(inquiry, court) == model_faults(inquiry, court, EVERYBODY, NOON_NS)


@unhurried
@given(good_inquiries)
def test_good_inquiry_has_no_fault(inquiry: gateway.Inquiry) -> None:
    assert faults(inquiry) == []
    assert model_faults(inquiry, COURT, EVERYBODY, NOON_NS) == []


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("order_id", None, gateway.REASON_ORDER_ID_MISSING),
        ("order_id", "a" * 65, gateway.REASON_TOO_LONG),
        ("court_code", None, gateway.REASON_FOREIGN_COURT),
        ("court_code", COURT + " ", gateway.REASON_FOREIGN_COURT),
        ("mandate.court_code", "京0106", gateway.REASON_FOREIGN_COURT),
        ("mandate.case_number", None, gateway.REASON_MANDATE_INCOMPLETE),
        ("mandate.case_number", "号" * 43, gateway.REASON_TOO_LONG),
        ("mandate.instrument_number", None, gateway.REASON_MANDATE_INCOMPLETE),
        ("mandate.instrument_number", "a" * 129, gateway.REASON_TOO_LONG),
        ("mandate.instrument_kind", None, gateway.REASON_MANDATE_INCOMPLETE),
        ("mandate.instrument_kind", 3, gateway.REASON_UNKNOWN_VALUE),
        ("mandate.instrument_kind", -1, gateway.REASON_UNKNOWN_VALUE),
        ("mandate.officer_id", None, gateway.REASON_MANDATE_INCOMPLETE),
        ("mandate.officer_id", "a" * 33, gateway.REASON_TOO_LONG),
        ("mandate.debtor_role", None, gateway.REASON_MANDATE_INCOMPLETE),
        ("mandate.debtor_role", types.DEBTOR_ROLE_GUARANTOR, gateway.REASON_NOT_THE_DEBTOR),
        ("subject.id_type", None, gateway.REASON_UNKNOWN_VALUE),
        ("subject.id_type", 4, gateway.REASON_UNKNOWN_VALUE),
        ("subject.id_number", None, gateway.REASON_ID_NUMBER_MISSING),
        ("subject.id_number", "11010519491231002", gateway.REASON_BAD_LENGTH),
        ("subject.id_number", "110105194902300021", gateway.REASON_BAD_BIRTH_DATE),
        ("subject.id_number", "110105194912310021", gateway.REASON_BAD_CHECK_DIGIT),
        ("subject.name", None, gateway.REASON_NAME_MISSING),
        ("subject.name", "   ", gateway.REASON_NAME_MISSING),
        ("subject.name", "名" * 86, gateway.REASON_TOO_LONG),
        ("scope.reach", None, gateway.REASON_UNKNOWN_VALUE),
        ("scope.reach", 6, gateway.REASON_UNKNOWN_VALUE),
        ("scope.institutions", None, gateway.REASON_UNKNOWN_INSTITUTION),
        ("scope.institutions", [0] * 4097, gateway.REASON_TOO_LONG),
        ("items", [0], gateway.REASON_UNKNOWN_VALUE),
        ("items", [1, 26], gateway.REASON_UNKNOWN_VALUE),
        ("items", [2**32 - 1], gateway.REASON_UNKNOWN_VALUE),
        ("urgency", 4, gateway.REASON_UNKNOWN_VALUE),
        ("freshness_s", 604_801, gateway.REASON_OUT_OF_RANGE),
        ("deadline_s", 2_592_001, gateway.REASON_OUT_OF_RANGE),
        ("claim_fen", -1, gateway.REASON_OUT_OF_RANGE),
    ],
)
def test_one_fault_is_found_with_its_field(path: str, value: object, reason: int) -> None:
    found = faults(changed(path, value))
    assert isinstance(found, list)
    assert found[0] == (reason, path)
    assert found == model_faults(changed(path, value), COURT, EVERYBODY, NOON_NS)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("order_id", "a" * 64),
        ("mandate.court_code", None),
        ("mandate.case_number", "a" * 128),
        ("mandate.officer_id", "a" * 32),
        ("subject.id_number", "11010519491231002x"),
        ("subject.name", "a" * 256),
        ("subject.name", " 曹 明 "),
        ("scope.institutions", [0] * 4096),
        ("scope.province", "not looked at"),
        ("items", list(range(1, 26)) * 2),
        ("urgency", None),
        ("freshness_s", 604_800),
        ("freshness_s", 0),
        ("deadline_s", 2_592_000),
        ("claim_fen", 2**63 - 1),
    ],
)
def test_value_at_its_limit_is_no_fault(path: str, value: object) -> None:
    assert faults(changed(path, value)) == []


@pytest.mark.parametrize("province", ["", "3", "333", "00", "3a", "３３", " 3", "+3"])
def test_province_is_two_digits_and_not_both_zero(province: str) -> None:
    inquiry = sample()
    inquiry.scope.reach = gateway.REACH_PROVINCE
    inquiry.scope.province = province
    assert faults(inquiry) == [(gateway.REASON_UNKNOWN_VALUE, "scope.province")]


def test_empty_inquiry_has_all_its_faults() -> None:
    assert faults(gateway.Inquiry()) == model_faults(gateway.Inquiry(), COURT, EVERYBODY, NOON_NS)
    assert len(model_faults(gateway.Inquiry(), COURT, EVERYBODY, NOON_NS)) == 11


def test_birth_date_is_judged_by_the_day_that_the_caller_names() -> None:
    raw = changed("subject.id_number", "11010520251231003X").SerializeToString()
    reasons = [
        {reason for reason, _ in parse_inquiry(raw, COURT.encode(), today)["faults"]}  # type: ignore[attr-defined]
        for today in (20251230, 20251231, 20260101)
    ]
    assert [gateway.REASON_BAD_BIRTH_DATE in found for found in reasons] == [True, False, False]


def test_fault_is_listed_once_and_a_full_list_stays_as_it_is() -> None:
    assert fill_faults([(16, 1), (7, 10), (16, 1), (16, 2)]) == ([(16, 1), (7, 10), (16, 2)], 7)
    pairs = [(9, at) for at in range(32)]
    assert fill_faults([*pairs, (1, 40)]) == (pairs, 9)
    assert fill_faults([]) == ([], 0)


def test_every_field_has_its_path_and_a_number_beyond_has_none() -> None:
    paths = [field_name(at) for at in range(21)]
    assert len(set(paths)) == 21
    for path in paths[1:]:
        message = sample().DESCRIPTOR
        for name in path.split("."):
            field = message.fields_by_name[name]
            message = field.message_type or message
    assert [field_name(at) for at in (0, 21, 2**32 - 1)] == ["", "", ""]


# -- the sample file

BY_SUBJECT_OR_MANDATE = {
    "id_number_missing": gateway.REASON_ID_NUMBER_MISSING,
    "bad_length": gateway.REASON_BAD_LENGTH,
    "bad_birth_date": gateway.REASON_BAD_BIRTH_DATE,
    "bad_check_digit": gateway.REASON_BAD_CHECK_DIGIT,
    "name_missing": gateway.REASON_NAME_MISSING,
    "mandate_incomplete": gateway.REASON_MANDATE_INCOMPLETE,
    "not_the_debtor": gateway.REASON_NOT_THE_DEBTOR,
}
# These are about order ids and the directory, which others look at.
BY_OTHERS = {"ok", "same_receipt", "unknown_institution", "nobody_concerned"}


def from_line(line: str) -> tuple[gateway.Inquiry, str]:
    row = json.loads(line)
    mandate, subject = row["mandate"], row["subject"]
    inquiry = gateway.Inquiry(
        order_id=row["order_id"],
        court_code=row["court_code"],
        mandate=types.Mandate(
            case_number=mandate["case_number"],
            instrument_number=mandate["instrument_number"],
            instrument_kind=types.InstrumentKind.Value(f"INSTRUMENT_KIND_{mandate['instrument_kind']}"),
            officer_id=mandate["officer_id"],
            debtor_role=types.DebtorRole.Value(f"DEBTOR_ROLE_{mandate['debtor_role']}"),
        ),
        subject=types.Subject(
            id_type=types.IdType.Value(f"ID_TYPE_{subject['id_type']}"),
            id_number=subject["id_number"],
            name=subject["name"],
        ),
        scope=gateway.Scope(
            reach=gateway.Reach.Value(f"REACH_{row['scope'].upper()}"),
            province=row.get("province", ""),
            institutions=row.get("institutions", []),
        ),
        items=[] if row["items"] == "all" else row["items"],
        urgency=gateway.Urgency.Value(f"URGENCY_{row['urgency']}"),
        claim_fen=row["claim_fen"],
    )
    return inquiry, row["expect"]


def test_every_line_of_the_sample_gets_the_first_fault_it_expects() -> None:
    lines = files("runtime.data").joinpath("inquiries.jsonl").read_text(encoding="utf-8").splitlines()
    wrong, seen = [], set()
    for number, line in enumerate(lines, 1):
        inquiry, expect = from_line(line)
        found = parse_inquiry(inquiry.SerializeToString(), inquiry.court_code.encode(), TODAY)
        seen.add(expect)
        # A reused order id hides the faults after it.
        is_right = expect == "order_id_reused" or found["first_reason"] == BY_SUBJECT_OR_MANDATE.get(
            expect, 0
        )
        if not is_right:
            wrong.append((number, expect, found["first_reason"]))
    assert wrong == []
    assert len(lines) == 10_000
    assert seen == {*BY_SUBJECT_OR_MANDATE, *BY_OTHERS, "order_id_reused"}
