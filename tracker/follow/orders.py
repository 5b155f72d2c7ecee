"""Orders: the inquiries that the tracker asks for by itself, on the authority that a case was registered
with.

Pure. Without an authority there are none, and none in a case that another court has now: its officer gave
none. Each asks everybody for everything.
"""

from typing import Final, NamedTuple

from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    URGENCY_NORMAL,
    URGENCY_PATROL,
    Inquiry,
    Scope,
    Urgency,
)
from chakong.tracker.v1.case_pb2 import Case
from chakong.type.v1.type_pb2 import DEBTOR_ROLE_JUDGMENT_DEBTOR, INSTRUMENT_KIND_INQUIRY_NOTICE, Mandate
from tracker.follow.names import first_order, patrol_order

# A patrol is not in a hurry: institutions that are down today may be up tomorrow.
PATROL_DEADLINE_S: Final = 3 * 86_400


class Owned(NamedTuple):
    """A case as it was registered, and the court that has it now."""

    court: str
    case: Case


def first_inquiries(owned: Owned, profiles: frozenset[str]) -> list[Inquiry]:
    """One for each subject, where the registration asks for it, or the case's profile is one of these."""
    case = owned.case
    is_wanted = case.authority.inquire_at_registration or (case.profile or "national") in profiles
    if not is_wanted or not _has_authority(owned):
        return []
    return [
        _inquiry(owned, index, first_order(owned.court, case.case_number, index), URGENCY_NORMAL, 0)
        for index in range(len(case.subjects))
    ]


def patrols(owned: Owned, day: int) -> list[Inquiry]:
    """One for each subject of a case that is ended for now, where its authority says so."""
    case = owned.case
    if not case.authority.patrol or not _has_authority(owned):
        return []
    return [
        _inquiry(
            owned,
            index,
            patrol_order(owned.court, case.case_number, day, index),
            URGENCY_PATROL,
            PATROL_DEADLINE_S,
        )
        for index in range(len(case.subjects))
    ]


def _has_authority(owned: Owned) -> bool:
    case = owned.case
    if not case.HasField("authority") or case.court_code != owned.court:
        return False
    return bool(case.authority.officer_id and case.authority.instrument_number)


def _inquiry(owned: Owned, index: int, order_id: str, urgency: Urgency.ValueType, deadline_s: int) -> Inquiry:
    case = owned.case
    return Inquiry(
        order_id=order_id,
        court_code=owned.court,
        mandate=Mandate(
            court_code=owned.court,
            case_number=case.case_number,
            instrument_number=case.authority.instrument_number,
            instrument_kind=INSTRUMENT_KIND_INQUIRY_NOTICE,
            officer_id=case.authority.officer_id,
            debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
        ),
        subject=case.subjects[index],
        scope=Scope(reach=REACH_ALL),
        urgency=urgency,
        deadline_s=deadline_s,
        claim_fen=case.claim_fen,
    )
