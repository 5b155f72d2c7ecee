"""Views: listings as the contract has them. Pure."""

from blacklist.model import Act, Listing, Objection, Proposal, ProposalKind
from blacklist.store.reader import Whole
from chakong.blacklist.v1 import listings_pb2, proposals_pb2
from chakong.type.v1 import type_pb2
from runtime.calendar import is_working_day


def listing_view(listing: Listing) -> listings_pb2.Listing:
    """A listing as it stands."""
    mandate = listing.mandate
    return listings_pb2.Listing(
        listing_id=listing.listing_id,
        kind=int(listing.kind),  # type: ignore[arg-type]
        status=int(listing.status),  # type: ignore[arg-type]
        subject=subject_view(listing.subject.id_type, listing.subject.id_number, listing.subject.name),
        mandate=type_pb2.Mandate(
            court_code=mandate.court,
            case_number=mandate.case_number,
            instrument_number=mandate.instrument,
            instrument_kind=type_pb2.INSTRUMENT_KIND_RULING,
            officer_id=mandate.officer,
            debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
        ),
        ground=listing.ground,
        since=listing.since,
        until=listing.until,
        extended_months=listing.extended_months,
        removal_due=listing.removal_due,
        removal_reason=listing.removal_reason,
        removed=listing.removed,
        principal_id=listing.principal_id,
        capacity=int(listing.capacity),  # type: ignore[arg-type]
        provisional=_is_provisional(listing.removal_due),
        unperformed=listing.unperformed,
        circumstances=sorted(map(int, listing.circumstances)),  # type: ignore[arg-type]
        approved_by=listing.approved_by,
    )


def subject_view(id_type: int, number: str, name: str) -> type_pb2.Subject:
    """Whom it is about."""
    return type_pb2.Subject(id_type=id_type, id_number=number, name=name)  # type: ignore[arg-type]


def whole_view(whole: Whole, *, is_repeated: bool = False) -> listings_pb2.ListingView:
    """A listing with all that was done to it."""
    return listings_pb2.ListingView(
        listing=listing_view(whole.listing),
        history=[_line(act) for act in whole.history],
        objections=[_objection(one) for one in whole.objections],
        repeated=is_repeated,
    )


def proposal_view(one: Proposal) -> proposals_pb2.Proposal:
    """A proposal as it stands."""
    return proposals_pb2.Proposal(
        proposal_id=one.proposal_id,
        kind=int(one.what),  # type: ignore[arg-type]
        status=int(one.status),  # type: ignore[arg-type]
        case_number=one.case_number,
        listing_id=one.listing_id,
        listing_kind=int(one.kind) if one.what is ProposalKind.LISTING else 0,  # type: ignore[arg-type]
        reason=one.reason,
        event_id=one.event_id,
        event_kind=one.event_kind,
        happened=one.happened,
        due=one.due,
        proposed_ns=one.proposed_ns,
        decided_ns=one.decided_ns,
        decided_by=one.decided_by,
        note=one.note,
    )


def _line(act: Act) -> listings_pb2.HistoryEntry:
    return listings_pb2.HistoryEntry(
        deed=int(act.deed),  # type: ignore[arg-type]
        day=act.day,
        recorded_ns=act.recorded_ns,
        court_code=act.court,
        actor=act.actor,
        reason=act.reason,
        instrument_number=act.instrument,
        objection_id=act.objection_id,
    )


def _objection(one: Objection) -> listings_pb2.Objection:
    return listings_pb2.Objection(
        objection_id=one.objection_id,
        status=int(one.status),  # type: ignore[arg-type]
        due=one.due,
        provisional=_is_provisional(one.due),
        settled=one.is_settled,
    )


def _is_provisional(due: int) -> bool:
    return bool(due) and is_working_day(due)[1]
