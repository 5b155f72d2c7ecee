"""Proposals over gRPC: shown, accepted by a mandate, dismissed by an officer, and how each is refused."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from blacklist.store.proposer import Proposer
from chakong.blacklist.v1 import listings_pb2
from chakong.blacklist.v1 import proposals_pb2 as pb
from chakong.type.v1 import type_pb2
from runtime.clock import now_ns
from tests.blacklist.build import LAW
from tests.blacklist.house import COURT, House, adult, draft, house
from tests.blacklist.rpc.test_listings import status_of
from tests.blacklist.store.town import event

CASE = "(2026)京0105执1号"
INVALID = grpc.StatusCode.INVALID_ARGUMENT
DECISION = type_pb2.Mandate(officer_id="officer-7", instrument_number="d1")


async def proposed(ours: House, *kinds: str) -> None:
    """A listing of the case without a term, and events in it."""
    await ours.list(adult(1), ground="able_but_refuses")
    proposer = Proposer(ours.alone.service.engine, LAW)
    told = [event(kind, f"e{index}", happened=20261101) for index, kind in enumerate(kinds)]
    await asyncio.to_thread(proposer.take, COURT, 0, told, len(told), now_ns())


async def shown(ours: House, **asked: Any) -> pb.ListProposalsResponse:
    found: pb.ListProposalsResponse = await ours.court.ListProposals(pb.ListProposalsRequest(**asked))
    return found


async def test_proposals_are_shown_in_pages_and_by_state(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await proposed(ours, "claim_satisfied", "bankruptcy_accepted", "consumption_restricted")
        first = await shown(ours, page_size=2)
        rest = await shown(ours, page_size=2, page_token=first.next_page_token)
        assert [one.proposal_id for one in (*first.proposals, *rest.proposals)] == [1, 2, 3]
        assert rest.next_page_token == ""
        assert [one.proposal_id for one in (await shown(ours, overdue=True)).proposals] == [1, 2]
        assert (await shown(ours, status=pb.PROPOSAL_STATUS_ACCEPTED)).proposals == []
        last = rest.proposals[0]
        assert (last.kind, last.listing_kind) == (
            pb.PROPOSAL_KIND_LISTING,
            listings_pb2.LISTING_KIND_RESTRICTED,
        )
        code, _ = await status_of(ours.court.ListProposals(pb.ListProposalsRequest(status=9)))  # type: ignore[arg-type]
        assert code is INVALID


async def test_removal_is_accepted_by_a_mandate_and_not_without(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await proposed(ours, "claim_satisfied")
        bare = (
            type_pb2.Mandate(),
            type_pb2.Mandate(officer_id="officer-7"),
            type_pb2.Mandate(instrument_number="d1"),
            type_pb2.Mandate(officer_id="officer-7", instrument_number="d1", case_number="other"),
        )
        for index, mandate in enumerate(bare):
            request = pb.AcceptProposalRequest(act_id=f"b{index}", proposal_id=1, mandate=mandate)
            assert (await status_of(ours.court.AcceptProposal(request)))[0] is INVALID
        with_draft = pb.AcceptProposalRequest(act_id="d", proposal_id=1, mandate=DECISION, draft=draft())
        assert (await status_of(ours.court.AcceptProposal(with_draft)))[0] is INVALID
        request = pb.AcceptProposalRequest(act_id="x", proposal_id=1, mandate=DECISION)
        first = await ours.court.AcceptProposal(request)
        again = await ours.court.AcceptProposal(request)
        assert (first.listing.repeated, again.listing.repeated) == (False, True)
        assert first.proposal.status == pb.PROPOSAL_STATUS_ACCEPTED
        last = first.listing.history[-1]
        assert (last.deed, last.actor, last.instrument_number) == (
            listings_pb2.DEED_REMOVE,
            "officer-7",
            "d1",
        )
        other = pb.AcceptProposalRequest(act_id="y", proposal_id=1, mandate=DECISION)
        found = await status_of(ours.court.AcceptProposal(other))
        assert found == (grpc.StatusCode.FAILED_PRECONDITION, "proposal_not_open")


async def test_listing_is_accepted_with_a_draft_of_the_case(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await proposed(ours, "consumption_restricted")
        given = draft(adult(2), ground="")
        given.ground = ""
        given.kind = listings_pb2.LISTING_KIND_UNSPECIFIED
        elsewhere, listed, bare = (listings_pb2.ListingDraft() for _ in range(3))
        for one in (elsewhere, listed, bare):
            one.CopyFrom(given)
        elsewhere.mandate.case_number = "other"
        listed.kind = listings_pb2.LISTING_KIND_LISTED
        bare.ClearField("mandate")
        for index, wrong in enumerate((elsewhere, listed, bare)):
            request = pb.AcceptProposalRequest(act_id=f"w{index}", proposal_id=1, draft=wrong)
            assert (await status_of(ours.court.AcceptProposal(request)))[0] is INVALID
        both = pb.AcceptProposalRequest(act_id="m", proposal_id=1, draft=given, mandate=DECISION)
        assert (await status_of(ours.court.AcceptProposal(both)))[0] is INVALID
        no_order = listings_pb2.ListingDraft()
        no_order.CopyFrom(given)
        no_order.mandate.instrument_number = ""
        request = pb.AcceptProposalRequest(act_id="n", proposal_id=1, draft=no_order)
        found = await status_of(ours.court.AcceptProposal(request))
        assert found == (grpc.StatusCode.FAILED_PRECONDITION, "no_mandate")
        request = pb.AcceptProposalRequest(act_id="x", proposal_id=1, draft=given)
        accepted = await ours.court.AcceptProposal(request)
        assert accepted.listing.listing.kind == listings_pb2.LISTING_KIND_RESTRICTED
        assert accepted.proposal.listing_id == accepted.listing.listing.listing_id == 2


async def test_event_finds_the_listing_of_its_case_however_that_was_spelled(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await ours.list(adult(1), case="（2026）京0105执１号", ground="able_but_refuses")
        proposer = Proposer(ours.alone.service.engine, LAW)
        told = [event("claim_satisfied", happened=20261101)]
        counts = await asyncio.to_thread(proposer.take, COURT, 0, told, 1, now_ns())
        assert counts == {"removal": 1}
        assert len((await shown(ours, case_number="〔2026〕京0105执1号")).proposals) == 1
        decision = type_pb2.Mandate(
            officer_id="officer-7", instrument_number="d1", case_number="(2026) 京0105执1号"
        )
        request = pb.AcceptProposalRequest(act_id="x", proposal_id=1, mandate=decision)
        removed = (await ours.court.AcceptProposal(request)).listing.listing
        assert removed.mandate.case_number == CASE
        asked = listings_pb2.ListListingsRequest(case_number="（2026）京0105执1号")
        assert len((await ours.court.ListListings(asked)).listings) == 1


async def test_dismissal_needs_an_officer_and_a_reason(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await proposed(ours, "claim_satisfied")
        for bare in ({"reason": "no"}, {"officer_id": "officer-7"}):
            request = pb.DismissProposalRequest(act_id="b", proposal_id=1, **bare)
            assert (await status_of(ours.court.DismissProposal(request)))[0] is INVALID
        officer = ours.caller("chakong://officer/%E4%BA%AC0105/officer-8")
        other = pb.DismissProposalRequest(act_id="o", proposal_id=1, reason="no", officer_id="officer-7")
        assert (await status_of(officer.DismissProposal(other)))[0] is INVALID
        request = pb.DismissProposalRequest(act_id="x", proposal_id=1, reason="no")
        first, again = await officer.DismissProposal(request), await officer.DismissProposal(request)
        assert (first.repeated, again.repeated) == (False, True)
        assert (first.proposal.decided_by, first.proposal.note) == ("officer-8", "no")
        view = await ours.court.GetListing(listings_pb2.GetListingRequest(listing_id=1))
        assert view.listing.status == listings_pb2.LISTING_STATUS_IN_FORCE


async def test_proposals_to_another_court_do_not_exist(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await proposed(ours, "claim_satisfied")
        assert (await ours.superior.ListProposals(pb.ListProposalsRequest())).proposals == []
        calls = (
            ours.superior.AcceptProposal(
                pb.AcceptProposalRequest(act_id="x", proposal_id=1, mandate=DECISION)
            ),
            ours.superior.DismissProposal(
                pb.DismissProposalRequest(act_id="x", proposal_id=1, reason="no", officer_id="o")
            ),
        )
        for call in calls:
            assert (await status_of(call))[0] is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("uri", ["chakong://unit/railway", "chakong://operator/a"])
async def test_only_courts_may_decide(tmp_path: Path, uri: str) -> None:
    async with house(tmp_path) as ours:
        code, _ = await status_of(ours.caller(uri).ListProposals(pb.ListProposalsRequest()))
        assert code is grpc.StatusCode.PERMISSION_DENIED
