"""Messages: the bytes are those of the stubs, with valid and distinct persons."""

import numpy as np
import pytest

from benchmarks import subjects
from benchmarks.bench.messages import COURT, MESSAGE_COUNT_MAX, Template, digits, names, resident_ids
from benchmarks.subjects import SUBJECT_COUNT
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope, SubmitBulkRequest

NUMBERS = np.array([0, 1, 7, 8, 20_000 * 8 - 1, 123_456, 99_999_999, SUBJECT_COUNT - 1])


def read(message: bytes) -> SubmitBulkRequest:
    return SubmitBulkRequest.FromString(message)


def test_persons_are_those_of_subjects() -> None:
    wanted = [subjects.subject(int(number)) for number in NUMBERS]
    assert [row.tobytes().decode() for row in resident_ids(NUMBERS)] == [one.id_number for one in wanted]
    assert [row.tobytes().decode() for row in names(NUMBERS)] == [one.name for one in wanted]


def test_subject_beyond_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match="subjects"):
        resident_ids(np.array([SUBJECT_COUNT]))


def test_message_with_a_scope() -> None:
    inquiries = read(Template(Scope(reach=REACH_ALL)).message(NUMBERS)).inquiries
    assert [one.order_id for one in inquiries] == [f"b-{number:010}" for number in NUMBERS]
    assert [one.subject for one in inquiries] == [subjects.subject(int(number)) for number in NUMBERS]
    assert {one.scope.reach for one in inquiries} == {REACH_ALL}
    assert {one.court_code for one in inquiries} == {COURT}
    assert len({one.mandate.case_number for one in inquiries}) == len(NUMBERS)


def test_each_inquiry_may_have_an_institution_of_its_own() -> None:
    institutions = np.array([0, 1, 127, 128, 129, 255, 256, 3_915])
    inquiries = read(Template().message(NUMBERS, institutions=institutions)).inquiries
    assert [list(one.scope.institutions) for one in inquiries] == [[index] for index in institutions]


def test_subjects_may_differ_from_orders() -> None:
    orders, persons = np.array([5, 6]), np.array([9, 9])
    inquiries = read(Template(Scope(reach=REACH_ALL)).message(orders, persons)).inquiries
    assert [one.order_id for one in inquiries] == ["b-0000000005", "b-0000000006"]
    assert [one.subject for one in inquiries] == [subjects.subject(9)] * 2


def test_institutions_need_a_template_without_scope() -> None:
    with pytest.raises(ValueError, match="institutions"):
        Template().message(NUMBERS)
    with pytest.raises(ValueError, match="institutions"):
        Template(Scope(reach=REACH_ALL)).message(NUMBERS, institutions=NUMBERS)


def test_more_than_a_message_may_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="orders"):
        Template(Scope(reach=REACH_ALL)).message(np.arange(MESSAGE_COUNT_MAX + 1))


def test_digits_have_leading_zeros() -> None:
    assert [row.tobytes() for row in digits(np.array([0, 42, 999]), 3)] == [b"000", b"042", b"999"]
