"""The sample as messages: courts, order, and every word of the file translated."""

from collections import Counter

import pytest

from benchmarks.sample import load_sample, parse_sample
from chakong.gateway.v1.gateway_pb2 import REACH_LIST, REACH_PROVINCE, URGENCY_PATROL
from chakong.type.v1.type_pb2 import DEBTOR_ROLE_THIRD_PARTY, ID_TYPE_PASSPORT, INSTRUMENT_KIND_RULING

LINE = (
    '{"order_id": "A-1", "court_code": "X1", "mandate": {"case_number": "c", "instrument_number": "i", '
    '"instrument_kind": "RULING", "officer_id": "o", "debtor_role": "THIRD_PARTY"}, "subject": '
    '{"id_type": "PASSPORT", "id_number": "E1234567", "name": "n"}, "scope": "list", "items": [1, 23], '
    '"urgency": "PATROL", "claim_fen": 7, "expect": "not_the_debtor", "institutions": [5, 99999]}'
)


def test_sample_has_ten_thousand_inquiries_of_eight_courts() -> None:
    sample = load_sample()
    assert len(sample) == 8
    assert sum(len(court.inquiries) for court in sample) == 10_000
    assert Counter(line.expect for court in sample for line in court.inquiries)["ok"] == 9_124


def test_court_keeps_the_order_of_the_file() -> None:
    lines = [LINE.replace("A-1", f"A-{number}") for number in (3, 1, 2)]
    (court,) = parse_sample(lines)
    assert [line.inquiry.order_id for line in court.inquiries] == ["A-3", "A-1", "A-2"]


def test_courts_are_kept_apart() -> None:
    sample = parse_sample([LINE, LINE.replace('"X1"', '"X0"')])
    assert [(court.court, len(court.inquiries)) for court in sample] == [("X0", 1), ("X1", 1)]


def test_every_field_of_a_line_reaches_the_message() -> None:
    (court,) = parse_sample([LINE], deadline_s=45)
    inquiry, expect = court.inquiries[0].inquiry, court.inquiries[0].expect
    assert expect == "not_the_debtor"
    assert (inquiry.order_id, inquiry.court_code) == ("A-1", "X1")
    assert inquiry.mandate.instrument_kind == INSTRUMENT_KIND_RULING
    assert inquiry.mandate.debtor_role == DEBTOR_ROLE_THIRD_PARTY
    assert (inquiry.mandate.case_number, inquiry.mandate.instrument_number) == ("c", "i")
    assert inquiry.mandate.officer_id == "o"
    assert (inquiry.subject.id_type, inquiry.subject.id_number) == (ID_TYPE_PASSPORT, "E1234567")
    assert (inquiry.subject.name, inquiry.claim_fen) == ("n", 7)
    assert inquiry.scope.reach == REACH_LIST
    assert list(inquiry.scope.institutions) == [5, 99999]
    assert list(inquiry.items) == [1, 23]
    assert inquiry.urgency == URGENCY_PATROL
    assert inquiry.deadline_s == 45
    assert not inquiry.HasField("freshness_s")


def test_all_items_are_an_empty_list_and_a_province_is_kept() -> None:
    line = LINE.replace("[1, 23]", '"all"').replace('"list"', '"province"')
    (court,) = parse_sample([line.replace('"institutions": [5, 99999]', '"province": "33"')])
    inquiry = court.inquiries[0].inquiry
    assert list(inquiry.items) == []
    assert (inquiry.scope.reach, inquiry.scope.province) == (REACH_PROVINCE, "33")


def test_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match="SOMEWHERE"):
        parse_sample([LINE.replace('"list"', '"somewhere"')])
