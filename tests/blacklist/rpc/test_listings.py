"""Every call of a court over gRPC, and how each is refused."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from chakong.blacklist.v1 import listings_pb2 as pb
from tests.blacklist.house import adult, draft, firm, house


async def status_of(call: Awaitable[Any]) -> tuple[grpc.StatusCode, str]:
    """Status of a call that is refused, and the rule it names."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    call_: Any = raised.value
    status = rpc_status.from_call(call_)
    rule = error_details_pb2.ErrorInfo()
    for detail in status.details if status else ():
        detail.Unpack(rule)
    return raised.value.code(), rule.reason


def create(act_id: str, given: pb.ListingDraft) -> pb.CreateListingRequest:
    return pb.CreateListingRequest(act_id=act_id, draft=given)


async def test_bad_listings_are_refused_with_the_rule(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        no_mandate = draft()
        no_mandate.mandate.instrument_number = ""
        cases = (
            (draft(adult(1, born=20150101)), "minor"),
            (
                draft(adult(1), capacity=pb.CAPACITY_LEGAL_REPRESENTATIVE),
                "representative_for_the_firms_debt",
            ),
            (draft(adult(1), ground="no such"), "unknown_ground"),
            (no_mandate, "no_mandate"),
        )
        for number, (given, rule) in enumerate(cases):
            found = await status_of(ours.court.CreateListing(create(f"a{number}", given)))
            assert found == (grpc.StatusCode.FAILED_PRECONDITION, rule)
        without_ground = draft()
        without_ground.ground = ""
        found = await status_of(ours.court.CreateListing(create("b", without_ground)))
        assert found == (grpc.StatusCode.FAILED_PRECONDITION, "no_ground")
        bad_number = draft(adult(1))
        bad_number.subject.id_number = "110105198001010011"
        code, _ = await status_of(ours.court.CreateListing(create("c", bad_number)))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert (await ours.court.ListListings(pb.ListListingsRequest())).listings == []


async def test_same_act_again_is_answered_and_another_content_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        first = await ours.list(adult(1), "same")
        again = await ours.list(adult(1), "same")
        assert (first.repeated, again.repeated) == (False, True)
        assert again.listing == first.listing
        code, _ = await status_of(ours.list(adult(2), "same"))
        assert code is grpc.StatusCode.ALREADY_EXISTS


async def test_listing_is_corrected_extended_proposed_rejected_and_removed(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        one = (await ours.list(adult(1))).listing.listing_id
        court = ours.court
        correction = pb.CorrectListingRequest(act_id="c", listing_id=one, subject=adult(2), reason="a digit")
        view = await court.CorrectListing(correction)
        assert view.listing.subject == adult(2)
        reason = pb.EXTENSION_REASON_SEVERAL_ACTS
        extension = pb.ExtendListingRequest(
            act_id="e", listing_id=one, months=12, reason=reason, instrument_number="d"
        )
        view = await court.ExtendListing(extension)
        assert view.listing.extended_months == 12
        proposal = pb.ProposeRemovalRequest(act_id="p", listing_id=one, reason="performed")
        view = await court.ProposeRemoval(proposal)
        assert view.listing.status == pb.LISTING_STATUS_REMOVAL_DUE
        assert view.listing.removal_due
        view = await court.RejectRemoval(
            pb.RejectRemovalRequest(act_id="r", listing_id=one, reason="not his payment")
        )
        assert view.listing.status == pb.LISTING_STATUS_IN_FORCE
        removal = pb.RemoveListingRequest(act_id="x", listing_id=one, reason="listed_in_error")
        view = await court.RemoveListing(removal)
        assert view.listing.status == pb.LISTING_STATUS_REMOVED
        assert len(view.history) == 6
        found = await status_of(
            court.RemoveListing(pb.RemoveListingRequest(act_id="y", listing_id=one, reason="listed_in_error"))
        )
        assert found == (grpc.StatusCode.FAILED_PRECONDITION, "not_in_this_state")


async def test_objection_is_reviewed_by_the_superior_court(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        one = (await ours.list(adult(1))).listing.listing_id
        view = await ours.court.ObjectToListing(pb.ObjectToListingRequest(act_id="o", listing_id=one))
        (objection,) = view.objections
        assert objection.due
        decision = {"listing_id": one, "objection_id": objection.objection_id, "instrument_number": "d"}
        await ours.court.DecideObjection(pb.DecideObjectionRequest(act_id="d1", **decision))
        await ours.court.ObjectToListing(
            pb.ObjectToListingRequest(act_id="r", listing_id=one, objection_id=objection.objection_id)
        )
        found = await status_of(
            ours.court.DecideObjection(pb.DecideObjectionRequest(act_id="d2", upheld=True, **decision))
        )
        assert found == (grpc.StatusCode.FAILED_PRECONDITION, "not_the_superior_court")
        view = await ours.superior.DecideObjection(
            pb.DecideObjectionRequest(act_id="d3", upheld=True, **decision)
        )
        assert view.objections[0].status == pb.OBJECTION_STATUS_UPHELD


async def test_derived_subject_is_restricted_through_the_firm(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        principal = (await ours.list(firm())).listing.listing_id
        view = await ours.list(
            adult(4),
            "derived",
            kind=pb.LISTING_KIND_DERIVED,
            principal_id=principal,
            capacity=pb.CAPACITY_LEGAL_REPRESENTATIVE,
        )
        assert view.listing.kind == pb.LISTING_KIND_DERIVED
        assert view.listing.principal_id == principal


async def test_pages_follow_each_other_and_a_token_is_of_its_question(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        for number in range(3):
            await ours.list(adult(number), f"a{number}")
        first = await ours.court.ListListings(pb.ListListingsRequest(page_size=2))
        assert [one.listing_id for one in first.listings] == [1, 2]
        second = await ours.court.ListListings(
            pb.ListListingsRequest(page_size=2, page_token=first.next_page_token)
        )
        assert [one.listing_id for one in second.listings] == [3]
        assert second.next_page_token == ""
        other = pb.ListListingsRequest(case_number="x", page_token=first.next_page_token)
        code, _ = await status_of(ours.court.ListListings(other))
        assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_another_court_is_told_of_no_listing(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        one = (await ours.list(adult(1))).listing.listing_id
        other = ours.caller("chakong://court/%E6%B2%AA0101")
        for call in (
            other.GetListing(pb.GetListingRequest(listing_id=one)),
            other.RemoveListing(pb.RemoveListingRequest(act_id="x", listing_id=one, reason="performed")),
        ):
            assert (await status_of(call))[0] is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("ExtendListing", pb.ExtendListingRequest(act_id="e", listing_id=1, months=12)),
        ("RejectRemoval", pb.RejectRemovalRequest(act_id="e", listing_id=1)),
        ("ProposeRemoval", pb.ProposeRemovalRequest(act_id="e", listing_id=1, happened=1)),
        ("ListListings", pb.ListListingsRequest(page_size=1_001)),
        ("RemoveListing", pb.RemoveListingRequest(listing_id=1)),
        ("RemoveListing", pb.RemoveListingRequest(act_id="e", listing_id=2**63)),
        ("GetListing", pb.GetListingRequest(listing_id=2**64 - 1)),
        ("CreateListing", pb.CreateListingRequest(act_id="e", draft=draft(principal_id=2**63, kind=3))),
    ],
)
async def test_what_is_malformed_is_told(tmp_path: Path, method: str, request_: Any) -> None:
    async with house(tmp_path) as ours:
        code, _ = await status_of(getattr(ours.court, method)(request_))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
