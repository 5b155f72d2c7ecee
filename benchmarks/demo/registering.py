"""Registering: the cases of the inquiries that were answered, as their courts register them at the tracker.

Pure. Every case came in some days ago, by its place in the list, was filed within a few days and then given
to its handler: so some things are due soon, and some were done late.
"""

from collections.abc import Iterable
from typing import Final

from chakong.gateway.v1.gateway_pb2 import Inquiry
from chakong.tracker.v1.case_pb2 import Case, Event
from chakong.tracker.v1.tracker_pb2 import RegisterCaseRequest
from runtime.calendar import add_days

SUBJECTS_MAX: Final = 16
# How many days ago the application came in, and how many days filing took: 0 to one less.
DAYS_AGO: Final = 14
FILING_DAYS: Final = 10


def registrations(court: str, inquiries: Iterable[Inquiry], today: int) -> list[RegisterCaseRequest]:
    """One for each case, in the order of their first inquiries."""
    cases: dict[str, Case] = {}
    for inquiry in inquiries:
        mandate = inquiry.mandate
        case = cases.setdefault(
            mandate.case_number,
            Case(case_number=mandate.case_number, court_code=court, handler=mandate.officer_id),
        )
        case.claim_fen = max(case.claim_fen, inquiry.claim_fen)
        if inquiry.subject not in case.subjects and len(case.subjects) < SUBJECTS_MAX:
            case.subjects.append(inquiry.subject)
    return [_registration(case, position, today) for position, case in enumerate(cases.values())]


def _registration(case: Case, position: int, today: int) -> RegisterCaseRequest:
    days_ago = position % DAYS_AGO
    received = add_days(today, -days_ago)
    filed = add_days(received, min(days_ago, position % FILING_DAYS))
    days = {"application_received": received, "filing": filed, "distribution": filed}
    events = [
        Event(event_id=kind, kind=kind, effective=day, officer=case.handler) for kind, day in days.items()
    ]
    return RegisterCaseRequest(case=case, events=events)
