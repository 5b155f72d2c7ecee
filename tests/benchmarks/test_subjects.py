"""Made-up subjects: valid, all different, and none beyond the numbers' room."""

import pytest
from stdnum.cn import ric

from benchmarks.subjects import SUBJECT_COUNT, load_inquiry, resident_id, subject
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, REACH_LIST, REACH_PROVINCE

SPREAD = range(0, SUBJECT_COUNT, SUBJECT_COUNT // 997)


@pytest.mark.parametrize("place", range(0, len(SPREAD), 50))
def test_resident_id_is_valid(place: int) -> None:
    number = resident_id(SPREAD[place])
    assert ric.calc_check_digit(number) == number[-1]
    assert 1950 <= ric.get_birth_date(number).year <= 2004


def test_resident_ids_differ() -> None:
    assert len({resident_id(number) for number in range(20_000)}) == 20_000
    assert len({resident_id(number) for number in SPREAD}) == len(SPREAD)


def test_first_and_last_subject_exist_and_none_beyond() -> None:
    assert resident_id(0)[:6] == "110101"
    assert len(resident_id(SUBJECT_COUNT - 1)) == 18
    for number in (-1, SUBJECT_COUNT):
        with pytest.raises(ValueError, match="number"):
            resident_id(number)


def test_subject_has_a_name() -> None:
    assert all(len(subject(number).name) == 3 for number in range(500))


def test_one_inquiry_of_twenty_asks_everybody_and_lists_have_no_repetition() -> None:
    inquiries = [load_inquiry("X1", str(number), number) for number in range(200)]
    reaches = [inquiry.scope.reach for inquiry in inquiries]
    assert [reaches.count(one) for one in (REACH_ALL, REACH_PROVINCE, REACH_LIST)] == [10, 50, 140]
    for inquiry in inquiries:
        listed = list(inquiry.scope.institutions)
        assert len(set(listed)) == len(listed)
        assert all(institution < 3_916 for institution in listed)
