"""Dates: whatever an institution says of days, it is a failure at worst."""

import pytest

from chakong.type.v1.hold_pb2 import HoldStatement
from conformance.dates import days_left, longest_months, stated_on
from conformance.verdict import FailedError
from runtime.calendar import midnight_ns

DEPOSIT, BUILDING = 1, 15


def test_the_date_is_that_of_beijing() -> None:
    midnight = midnight_ns(20261122)
    assert stated_on(HoldStatement(stated_ns=midnight)) == 20261122
    assert stated_on(HoldStatement(stated_ns=midnight - 1)) == 20261121


def test_days_are_counted_from_the_first_to_the_last() -> None:
    assert days_left(HoldStatement(effective_from=20270131, effective_until=20270228)) == 28


@pytest.mark.parametrize("dates", [(0, 0), (20270131, 20270230), (20270131, 20270131), (20270131, 99991231)])
def test_what_is_no_term_is_a_failure(dates: tuple[int, int]) -> None:
    with pytest.raises(FailedError):
        days_left(HoldStatement(effective_from=dates[0], effective_until=dates[1]))


def test_the_longest_term_is_that_of_the_item_and_the_day() -> None:
    now = HoldStatement(stated_ns=midnight_ns(20261122))
    assert longest_months(DEPOSIT, now) == 12
    assert longest_months(BUILDING, now) == 36
    assert longest_months(DEPOSIT, HoldStatement(stated_ns=midnight_ns(20100101))) == 6
    with pytest.raises(FailedError):
        longest_months(DEPOSIT, HoldStatement(stated_ns=1))
    with pytest.raises(FailedError):
        longest_months(DEPOSIT, HoldStatement(stated_ns=-(2**63)))
