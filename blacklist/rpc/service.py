"""Service: the methods of chakong.blacklist.v1, as gRPC is told of them. What a call does is beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc

from runtime.guard import CallCounts, Guard
from runtime.server import Methods

if TYPE_CHECKING:
    from blacklist.rpc.changes import ChangeCalls
    from blacklist.rpc.listings import ListingCalls
    from blacklist.rpc.offline import OfflineCalls
    from blacklist.rpc.proposals import ProposalCalls
    from blacklist.rpc.public import PublicCalls
    from blacklist.rpc.screening import UnitCalls

LISTINGS: Final = "chakong.blacklist.v1.Listings"
SCREENING: Final = "chakong.blacklist.v1.Screening"
CHANGES: Final = "chakong.blacklist.v1.Changes"
OFFLINE: Final = "chakong.blacklist.v1.Offline"
PROPOSALS: Final = "chakong.blacklist.v1.Proposals"
PUBLIC: Final = "chakong.blacklist.v1.Public"
SERVICES: Final = (LISTINGS, SCREENING, CHANGES, OFFLINE, PROPOSALS, PUBLIC)


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the calls do."""

    listings: "ListingCalls"
    screening: "UnitCalls"
    changes: "ChangeCalls"
    offline: "OfflineCalls"
    proposals: "ProposalCalls"
    public: "PublicCalls"


def blacklist_methods(handlers: Handlers, counts: CallCounts, *, plaintext: bool) -> Methods:
    """The handlers of all services, each behind a guard."""
    listings, screening, changes = handlers.listings, handlers.screening, handlers.changes
    guard = Guard(f"/{LISTINGS}/", counts, plaintext=plaintext)
    unary = {
        "CreateListing": listings.create,
        "GetListing": listings.get,
        "ListListings": listings.list_page,
        "CorrectListing": listings.correct,
        "ExtendListing": listings.extend,
        "ProposeRemoval": listings.propose,
        "RejectRemoval": listings.reject,
        "RemoveListing": listings.remove,
        "ObjectToListing": listings.object_to,
        "DecideObjection": listings.decide,
    }
    of_listings: dict[str, Any] = {name: guard.unary(name, call) for name, call in unary.items()}
    guard = Guard(f"/{SCREENING}/", counts, plaintext=plaintext)
    of_screening: dict[str, Any] = {
        "Screen": guard.unary("Screen", screening.one),
        "ScreenBulk": guard.streaming("ScreenBulk", screening.bulk),
    }
    guard = Guard(f"/{CHANGES}/", counts, plaintext=plaintext)
    of_changes: dict[str, Any] = {
        "ListChanges": guard.unary("ListChanges", changes.list_page),
        "Follow": guard.serving("Follow", changes.follow),
        "Acknowledge": guard.unary("Acknowledge", changes.acknowledge),
        "ListAcknowledgements": guard.unary("ListAcknowledgements", changes.list_standing),
        "GetRemovalProof": guard.unary("GetRemovalProof", changes.proof),
    }
    guard = Guard(f"/{OFFLINE}/", counts, plaintext=plaintext)
    of_offline: dict[str, Any] = {
        "GetSnapshot": guard.serving("GetSnapshot", handlers.offline.snapshot),
        "GetSnapshotKey": guard.unary("GetSnapshotKey", handlers.offline.key),
        "GetDelta": guard.unary("GetDelta", handlers.offline.delta),
    }
    guard = Guard(f"/{PROPOSALS}/", counts, plaintext=plaintext)
    of_proposals: dict[str, Any] = {
        "ListProposals": guard.unary("ListProposals", handlers.proposals.list_page),
        "AcceptProposal": guard.unary("AcceptProposal", handlers.proposals.accept),
        "DismissProposal": guard.unary("DismissProposal", handlers.proposals.dismiss),
    }
    guard = Guard(f"/{PUBLIC}/", counts, plaintext=plaintext)
    of_public: dict[str, Any] = {
        "LookUp": guard.unary("LookUp", handlers.public.look_up),
        "HitsOf": guard.unary("HitsOf", handlers.public.hits_of),
    }
    also = (
        _methods(SCREENING, of_screening),
        _methods(CHANGES, of_changes),
        _methods(OFFLINE, of_offline),
        _methods(PROPOSALS, of_proposals),
        _methods(PUBLIC, of_public),
    )
    return Methods(LISTINGS, grpc.method_handlers_generic_handler(LISTINGS, of_listings), also)


def _methods(service: str, handlers: dict[str, Any]) -> Methods:
    return Methods(service, grpc.method_handlers_generic_handler(service, handlers))
