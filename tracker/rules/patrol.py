"""Patrol: when a case that was ended for now is asked about again.

Pure. Every 6 months for 5 years (终本规定 (2016) art 9). So that cases ended on one day are not all asked
about on one day, each is asked a number of days earlier, drawn from its id: the first time within the first 6
months.
"""

import hashlib

from runtime import calendar
from tracker.rules.law import Law


def days(law: Law, case_id: str, ended_on: int) -> tuple[int, ...]:
    """All days on which a case is asked about, in their order."""
    every, until = law.again.every.amount, law.again.until.amount
    first = calendar.add_months(ended_on, every)
    earlier = _draw(case_id, calendar.day_of_date(first) - calendar.day_of_date(ended_on))
    return tuple(
        calendar.add_days(calendar.add_months(ended_on, months), -earlier)
        for months in range(every, until + 1, every)
    )


def next_day(law: Law, case_id: str, ended_on: int, after: int) -> int:
    """The first of them later than `after`; 0: there is none any more."""
    return next((day for day in days(law, case_id, ended_on) if day > after), 0)


def last_day(law: Law, case_id: str, ended_on: int, until: int) -> int:
    """The last of them that is not later than `until`; 0: there is none yet, or the 5 years are over."""
    if until > calendar.add_months(ended_on, law.again.until.amount):
        return 0
    return max((day for day in days(law, case_id, ended_on) if day <= until), default=0)


def _draw(case_id: str, count: int) -> int:
    """A number below `count`, the same for a case on every machine, and even over cases."""
    digest = hashlib.sha256(case_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") % count
