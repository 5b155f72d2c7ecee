"""Debtors: whom a court lists of the cases that it registered, and what screening must then say. Pure.

Everything is taken by its place in the list, so that a run can be repeated.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chakong.blacklist.v1.listings_pb2 import LISTING_KIND_LISTED, CreateListingRequest, ListingDraft
from chakong.blacklist.v1.screening_pb2 import OUTCOME_CHECK_BY_HAND, OUTCOME_CLEAR, OUTCOME_LISTED
from chakong.tracker.v1.tracker_pb2 import RegisterCaseRequest
from chakong.type.v1.type_pb2 import (
    DEBTOR_ROLE_JUDGMENT_DEBTOR,
    ID_TYPE_CREDIT_CODE,
    ID_TYPE_RESIDENT_ID,
    INSTRUMENT_KIND_RULING,
    Mandate,
    Subject,
)
from runtime.calendar import add_months

LISTED_PER_COURT: Final = 100
# In one of so many listed cases the debtor performs.
PERFORMED_EVERY: Final = 5
GROUND: Final = "able_but_refuses"
ADULT_MONTHS: Final = 18 * 12
BIRTH_AT: Final = slice(6, 14)


@dataclass(frozen=True, slots=True)
class Debtor:
    """Of one case."""

    case_number: str
    officer: str
    subject: Subject

    def listing(self) -> CreateListingRequest:
        """The order to list."""
        mandate = Mandate(
            case_number=self.case_number,
            instrument_number=f"{self.case_number}之一",
            instrument_kind=INSTRUMENT_KIND_RULING,
            officer_id=self.officer,
            debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
        )
        draft = ListingDraft(kind=LISTING_KIND_LISTED, subject=self.subject, mandate=mandate, ground=GROUND)
        return CreateListingRequest(act_id=f"list-{self.case_number}"[:64], draft=draft)


def debtors(cases: Iterable[RegisterCaseRequest], today: int) -> list[Debtor]:
    """Of the first cases whose first subject may be listed."""
    found: list[Debtor] = []
    for one in cases:
        if len(found) < LISTED_PER_COURT and one.case.subjects and may_be_listed(one.case.subjects[0], today):
            found.append(Debtor(one.case.case_number, one.case.handler, one.case.subjects[0]))
    return found


def may_be_listed(subject: Subject, today: int) -> bool:
    """An organisation, or a person whose number says that he is of age."""
    if subject.id_type != ID_TYPE_RESIDENT_ID:
        return subject.id_type == ID_TYPE_CREDIT_CODE
    return add_months(int(subject.id_number[BIRTH_AT]), ADULT_MONTHS) <= today


def performing(listed: Sequence[Debtor]) -> list[Debtor]:
    """Those who perform."""
    return list(listed[::PERFORMED_EVERY])


class Expected:
    """What screening must say while these are on the list. Whoever is in two cases is on it by either."""

    def __init__(self, listed: Iterable[Debtor]) -> None:
        self._names: dict[tuple[int, str], set[str]] = {}
        for one in listed:
            self._names.setdefault(_number(one.subject), set()).add(one.subject.name)

    def outcome(self, subject: Subject) -> int:
        """Of one subject. Names are those of the orders, letter for letter."""
        names = self._names.get(_number(subject))
        if names is None:
            return OUTCOME_CLEAR
        return OUTCOME_LISTED if subject.name in names else OUTCOME_CHECK_BY_HAND


def distinct(subjects: Iterable[Subject]) -> Iterator[Subject]:
    """Each once."""
    seen: set[tuple[int, str, str]] = set()
    for one in subjects:
        key = (*_number(one), one.name)
        if key not in seen:
            seen.add(key)
            yield one


def _number(subject: Subject) -> tuple[int, str]:
    return subject.id_type, subject.id_number
