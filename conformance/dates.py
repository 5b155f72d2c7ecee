"""Dates: what an institution says of days, checked before anything is reckoned with it.

Pure. Whatever comes over the wire is a FailedError at worst.
"""

from typing import Final

from chakong.type.v1.hold_pb2 import HoldStatement
from conformance.law import months_max
from conformance.verdict import FailedError, require_that
from runtime.calendar import date_of, day_of_date, is_date

# As far as a test bench may be put forward at a time.
DAYS_MAX: Final = 3_700


def stated_on(hold: HoldStatement) -> int:
    """The date of the institution's own clock."""
    try:
        return date_of(hold.stated_ns)
    except (ValueError, OverflowError):
        raise FailedError("stated_ns: a time of day", str(hold.stated_ns)) from None


def days_left(hold: HoldStatement) -> int:
    """From the first day in force to the last."""
    dates = (hold.effective_from, hold.effective_until)
    require_that(
        all(is_date(date) for date in dates), "dates in effective_from and effective_until", str(dates)
    )
    days = day_of_date(hold.effective_until) - day_of_date(hold.effective_from)
    require_that(0 < days < DAYS_MAX, "effective_until after effective_from", str(dates))
    return days


def longest_months(item: int, hold: HoldStatement) -> int:
    """Of a hold on such an item, by the law of the institution's today."""
    day = stated_on(hold)
    try:
        return months_max(item, day)
    except LookupError:
        raise FailedError("stated_ns: a day on which the law has a term for the item", str(day)) from None
