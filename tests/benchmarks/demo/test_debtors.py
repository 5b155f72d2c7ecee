"""Debtors: whom the demo lists, and what screening must then say of whom."""

import pytest

from benchmarks.demo.debtors import (
    LISTED_PER_COURT,
    Debtor,
    Expected,
    debtors,
    distinct,
    may_be_listed,
    performing,
)
from benchmarks.subjects import subject
from chakong.blacklist.v1.screening_pb2 import OUTCOME_CHECK_BY_HAND, OUTCOME_CLEAR, OUTCOME_LISTED
from chakong.tracker.v1.case_pb2 import Case
from chakong.tracker.v1.tracker_pb2 import RegisterCaseRequest
from chakong.type.v1.type_pb2 import ID_TYPE_CREDIT_CODE, ID_TYPE_PASSPORT, ID_TYPE_RESIDENT_ID, Subject

TODAY = 20261122


@pytest.mark.parametrize(
    ("id_type", "number", "expected"),
    [
        (ID_TYPE_RESIDENT_ID, "110105200811220016", True),
        (ID_TYPE_RESIDENT_ID, "110105200811230017", False),
        (ID_TYPE_CREDIT_CODE, "91350100M000100Y43", True),
        (ID_TYPE_PASSPORT, "E12345678", False),
    ],
)
def test_minors_and_who_shows_no_age_are_left_out(id_type: int, number: str, expected: bool) -> None:
    one = Subject(id_type=id_type, id_number=number, name="x")  # type: ignore[arg-type]
    assert may_be_listed(one, TODAY) is expected


def test_first_subjects_of_the_first_cases_are_listed_by_their_officers() -> None:
    cases = [
        RegisterCaseRequest(case=Case(case_number=str(index), handler="o", subjects=[subject(index)]))
        for index in range(2 * LISTED_PER_COURT)
    ]
    found = debtors(cases, TODAY)
    assert [one.case_number for one in found] == [str(index) for index in range(LISTED_PER_COURT)]
    request = found[0].listing()
    assert (request.draft.mandate.officer_id, request.draft.mandate.case_number) == ("o", "0")
    assert [one.case_number for one in performing(found)][:3] == ["0", "5", "10"]


def test_screening_must_find_number_and_name_and_leave_the_rest_to_people() -> None:
    listed, other = subject(1), Subject()
    other.CopyFrom(listed)
    other.name = "another"
    expected = Expected([Debtor("c", "o", listed)])
    assert expected.outcome(listed) == OUTCOME_LISTED
    assert expected.outcome(other) == OUTCOME_CHECK_BY_HAND
    assert expected.outcome(subject(2)) == OUTCOME_CLEAR
    assert list(distinct([listed, other, listed])) == [listed, other]
