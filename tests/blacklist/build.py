"""Build: drafts and listings that are in order, to be changed where a test wants it."""

from dataclasses import replace
from typing import Any

from blacklist.model import Draft, Kind, Listing, Mandate, Status, Subject
from blacklist.rules import law
from runtime.calendar import DAY_NS, midnight_ns
from runtime.data import listing_text
from tests.blacklist.house import COURT, resident_number

LAW = law.load(listing_text())
TODAY = 20261123
NOON_NS = midnight_ns(TODAY) + DAY_NS // 2
FIRM = Subject(2, "91350100M000100Y43", "某某有限公司")


def person(index: int = 0, born: int = 19800101) -> Subject:
    return Subject(1, resident_number(index, born), f"张三{index}")


def mandate(case: str = "(2026)京0105执1号", court: str = COURT) -> Mandate:
    return Mandate(court, case, "之一", True, "officer-1", True)


def draft(whom: Subject | None = None, case: str = "(2026)京0105执1号", **changes: Any) -> Draft:
    made = Draft(Kind.LISTED, whom or person(), mandate(case), "evasion", 20261101)
    return replace(made, **changes)


def listing(whom: Subject | None = None, **changes: Any) -> Listing:
    made = Listing(
        1, Kind.LISTED, Status.IN_FORCE, whom or person(), mandate(), "evasion", 20261101, 20281101
    )
    return replace(made, **changes)
