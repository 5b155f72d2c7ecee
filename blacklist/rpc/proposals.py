"""Proposals: what the calls about proposals do: show them, and have one accepted or dismissed.

Accepting one is what it proposes, done by an officer's mandate; it is refused without. An act is answered
once it is durable.
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from blacklist.model import Kind, Proposal, ProposalKind, ProposalStatus
from blacklist.rpc import intake, pages
from blacklist.rpc.intake import (
    INSTRUMENT_BYTES_MAX,
    OFFICER_BYTES_MAX,
    REASON_BYTES_MAX,
    Intake,
)
from blacklist.rpc.views import proposal_view, whole_view
from blacklist.store.turn import By
from chakong.blacklist.v1 import listings_pb2, proposals_pb2
from runtime import requests
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.errors import UnavailableError
from runtime.identity import Identity, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from blacklist.store.desk import Desk
    from blacklist.store.proposal_reader import ProposalReader
    from blacklist.store.writer import Done, Writer

RETRY_MS: Final = 1_000
KINDS: Final = {
    Kind.LISTED: listings_pb2.LISTING_KIND_LISTED,
    Kind.RESTRICTED: listings_pb2.LISTING_KIND_RESTRICTED,
}


class ProposalCalls:
    """The calls of chakong.blacklist.v1.Proposals, bytes in and bytes out."""

    def __init__(
        self, desk: "Desk", writer: "Writer", reader: "ProposalReader", draining: asyncio.Event
    ) -> None:
        self._desk = desk
        self._writer = writer
        self._reader = reader
        self._draining = draining
        self._intake = Intake()

    async def list_page(self, caller: Identity, message: bytes) -> bytes:
        """Proposals to the court."""
        request = requests.read(proposals_pb2.ListProposalsRequest, message)
        case_number = intake.case_asked_for(request.case_number)
        if request.status not in (0, *ProposalStatus):
            raise requests.wrong("status", "must be one that is known")
        page = pages.asked(request, caller.court, case_number, request.status, request.overdue)
        today = date_of(now_ns()) if request.overdue else 0
        found = await asyncio.to_thread(
            self._reader.proposals,
            caller.court,
            case_number,
            request.status,
            page.position,
            page.limit,
            today,
        )
        shown, token = page.cut(found, lambda one: one.proposal_id)
        response = proposals_pb2.ListProposalsResponse(
            proposals=[proposal_view(one) for one in shown], next_page_token=token
        )
        return response.SerializeToString()

    async def accept(self, caller: Identity, message: bytes) -> bytes:
        """Do what was proposed."""
        request = requests.read(proposals_pb2.AcceptProposalRequest, message)
        by = intake.by(caller, request.act_id, request)
        proposal = await asyncio.to_thread(self._reader.proposal, caller.court, request.proposal_id)
        by = replace(by, proposal_id=proposal.proposal_id)
        if proposal.what is ProposalKind.REMOVAL:
            act = self._removing(caller, proposal, request, by)
        else:
            act = self._listing(caller, proposal, request, by)
        done = await self._do(act)
        whole = await asyncio.to_thread(self._reader.whole, done.listing_id, caller.court)
        decided = await asyncio.to_thread(self._reader.proposal, caller.court, proposal.proposal_id)
        response = proposals_pb2.AcceptProposalResponse(
            proposal=proposal_view(decided), listing=whole_view(whole, is_repeated=done.is_repeated)
        )
        return response.SerializeToString()

    async def dismiss(self, caller: Identity, message: bytes) -> bytes:
        """Do nothing of what was proposed."""
        request = requests.read(proposals_pb2.DismissProposalRequest, message)
        by = intake.by(caller, request.act_id, request)
        intake.check_texts(request, reason=REASON_BYTES_MAX, officer_id=OFFICER_BYTES_MAX)
        if not request.reason:
            raise requests.wrong("reason", f"must be 1 to {REASON_BYTES_MAX} bytes, 0 given")
        by = replace(by, actor=_officer(caller, request.officer_id, "officer_id"))
        proposal_id, reason = request.proposal_id, request.reason
        done = await self._do(lambda at_ns: self._writer.dismiss(proposal_id, reason, by, at_ns))
        decided = await asyncio.to_thread(self._reader.proposal, caller.court, proposal_id)
        response = proposals_pb2.DismissProposalResponse(
            proposal=proposal_view(decided), repeated=done.is_repeated
        )
        return response.SerializeToString()

    def _removing(
        self,
        caller: Identity,
        proposal: Proposal,
        request: proposals_pb2.AcceptProposalRequest,
        by: By,
    ) -> "Callable[[int], Done]":
        if request.HasField("draft"):
            raise requests.wrong("draft", "must not be set, a removal was proposed")
        given = intake.mandate(caller, request.mandate, "mandate")
        officer = _officer(caller, given.officer, "mandate.officer_id")
        if not given.instrument:
            raise requests.wrong("mandate.instrument_number", f"must be 1 to {INSTRUMENT_BYTES_MAX} bytes")
        if given.case_number not in ("", proposal.case_number):
            raise requests.wrong("mandate.case_number", "must be empty, or the proposal's")
        by = replace(by, actor=officer)
        return lambda at_ns: self._writer.remove(
            proposal.listing_id, proposal.reason, given.instrument, 0, by, at_ns
        )

    def _listing(
        self,
        caller: Identity,
        proposal: Proposal,
        request: proposals_pb2.AcceptProposalRequest,
        by: By,
    ) -> "Callable[[int], Done]":
        if request.HasField("mandate"):
            raise requests.wrong("mandate", "must not be set, a listing has its mandate in its draft")
        wanted = listings_pb2.ListingDraft()
        wanted.CopyFrom(request.draft)
        if not wanted.kind:
            wanted.kind = KINDS[proposal.kind]
        draft = self._intake.draft(caller, wanted)
        if draft.kind is not Kind(proposal.kind):
            raise requests.wrong("draft.kind", f"must be {proposal.kind.name}, as was proposed")
        if draft.mandate.case_number != proposal.case_number:
            raise requests.wrong("draft.mandate.case_number", "must be the proposal's")
        return lambda at_ns: self._writer.create(draft, by, at_ns)

    async def _do(self, act: "Callable[[int], Done]") -> "Done":
        if self._draining.is_set():
            raise UnavailableError("the blacklist is stopping; nothing was taken", retry_ms=RETRY_MS)
        return await self._desk.do(act)


def _officer(caller: Identity, given: str, field: str) -> str:
    """Who decides. A court is no officer: it must name one. InvalidError."""
    if caller.role is Role.OFFICER:
        if given not in ("", caller.name):
            raise requests.wrong(field, "must be empty, or the certificate's officer")
        return caller.name
    if not given:
        raise requests.wrong(field, f"must be 1 to {OFFICER_BYTES_MAX} bytes, a court names its officer")
    return given
