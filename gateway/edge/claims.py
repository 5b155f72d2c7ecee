"""Claims: what a case may hold in all, what happened to it, and how it is laid over what was found.

A plan rests on the latest answers of the case's inquiries, which are read from the projection when it has
all that is durable. It judges nothing; the Ledger does.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from gateway.edge.errors import UnavailableError, UnknownHoldError, UnknownInquiryError
from gateway.edge.refusals import accepted
from gateway.holds.query import ClaimQuery
from runtime import requests
from runtime.clock import now_ns
from runtime.identity import Identity

if TYPE_CHECKING:
    from gateway.edge.desk import Desk
    from gateway.edge.journal import Journal
    from gateway.edge.projection import Projection
    from gateway.edge.store import Store
    from gateway.holds.ledger import Ledger

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1_000
CATCH_UP_S_MAX: Final = 10.0
RETRY_MS: Final = 2_000
# A plan is laid over so many inquiries of a case at most, the newest.
INQUIRIES_MAX: Final = 1_000
# Their answers are read and told so many at a time: one may have thousands of findings.
ANSWERS_AT_ONCE: Final = 16
INQUIRY_ID_MAX: Final = 2**63 - 1
# Claims looked at between two looks at everything else, and what a caller's library takes, less a claim.
SCAN_MAX: Final = 500
PAGE_BYTES_MAX: Final = 2 << 20
# A call that has looked at 50,000 ends with what it found, and the token to go on with.
SCANS_PER_CALL: Final = 100


class Claims:
    """Handlers of PutClaim, GetClaim, ListClaims, RecordCaseEvent and PlanFreeze."""

    def __init__(self, desk: "Desk", journal: "Journal", projection: "Projection", store: "Store") -> None:
        self._desk = desk
        self._journal = journal
        self._projection = projection
        self._store = store

    async def put(self, caller: Identity, message: bytes) -> bytes:
        """Register a claim, or change its figures."""
        request = requests.read(controls_pb2.PutClaimRequest, message)
        refusal = await self._desk.decide(lambda ledger: ledger.put_claim(request.claim, caller))
        if refusal is not None:
            accepted(refusal)
        return self._view(caller.court, request.claim.claim_id)

    async def get(self, caller: Identity, message: bytes) -> bytes:
        """One claim."""
        request = requests.read(controls_pb2.GetClaimRequest, message)
        return self._view(caller.court, request.claim_id)

    async def list_claims(self, caller: Identity, message: bytes) -> bytes:
        """A page of the court's claims, by claim id."""
        request = requests.read(controls_pb2.ListClaimsRequest, message)
        size = requests.page_size(request.page_size, PAGE_DEFAULT, PAGE_MAX)
        question = f"{caller.court}\n{request.state}\n{request.exposed}\n{request.case_number}".encode()
        after = requests.page_text(request.page_token, question)
        query = ClaimQuery(
            caller.court, request.state, request.exposed, request.case_number, after, count_max=SCAN_MAX
        )
        response = controls_pb2.ListClaimsResponse()
        size_bytes = 0
        for _ in range(SCANS_PER_CALL):
            views, after = self._desk.ledger.claims_among(query, SCAN_MAX, now_ns())
            for view in views:
                size_bytes += view.ByteSize()
                if len(response.claims) == size or (response.claims and size_bytes > PAGE_BYTES_MAX):
                    last_id = response.claims[-1].claim.claim_id
                    response.next_page_token = requests.text_token(question, last_id)
                    return response.SerializeToString()
                response.claims.append(view)
            if not after:
                return response.SerializeToString()
            query = replace(query, after_claim_id=after)
            await asyncio.sleep(0)
        response.next_page_token = requests.text_token(question, query.after_claim_id)
        return response.SerializeToString()

    async def record(self, caller: Identity, message: bytes) -> bytes:
        """What happened to a case."""
        event = requests.read(controls_pb2.RecordCaseEventRequest, message).event
        decision = await self._desk.decide(lambda ledger: ledger.record(event, caller))
        response = controls_pb2.RecordCaseEventResponse(control_ids=accepted(decision))
        view = self._desk.ledger.claim_view(caller.court, event.claim_id, now_ns())
        if view is not None:  # a case that went to another court is not shown any more
            response.claim.CopyFrom(view)
        return response.SerializeToString()

    async def plan(self, caller: Identity, message: bytes) -> bytes:
        """Lay a claim over what was found, and carry the plan out if it is the one that was shown."""
        request = requests.read(controls_pb2.PlanFreezeRequest, message)
        claim = self._desk.ledger.claim_view(caller.court, request.claim_id, now_ns())
        if claim is None:
            raise self._unknown()
        case_number = claim.claim.case_number
        inquiry_ids = await self._inquiries(caller.court, case_number, request.inquiry_ids)
        for start in range(0, len(inquiry_ids), ANSWERS_AT_ONCE):
            some = inquiry_ids[start : start + ANSWERS_AT_ONCE]
            answers = await asyncio.to_thread(self._read_answers, caller.court, case_number, some)
            await self._tell(caller.court, answers)
        plan = await self._desk.decide(lambda ledger: ledger.plan(request, caller))
        return accepted(plan).SerializeToString()

    async def _tell(self, court: str, answers: Sequence[gateway_pb2.Answer]) -> None:
        self._desk.require_room(len(answers) + 1)
        # Each an input of its own: hundreds of them would keep the loop.
        sightings = [self._desk.post(partial(_sight, court, answer)) for answer in answers]
        for outcome in await asyncio.gather(*sightings, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _inquiries(self, court: str, case_number: str, wanted: Sequence[int]) -> Sequence[int]:
        """The case's inquiries, the newest first, or those named; the tables have their latest answers."""
        if len(wanted) > INQUIRIES_MAX:
            raise requests.wrong("inquiry_ids", f"must be at most {INQUIRIES_MAX}, {len(wanted)} given")
        if not await self._projection.reached(self._journal.last_seq, CATCH_UP_S_MAX):
            raise UnavailableError("the projection is behind the journal", retry_ms=RETRY_MS)
        if wanted:
            return wanted
        views = await asyncio.to_thread(
            self._store.of_case, court, case_number, INQUIRY_ID_MAX, INQUIRIES_MAX
        )
        return [view.inquiry_id for view in views]

    def _read_answers(
        self, court: str, case_number: str, inquiry_ids: Sequence[int]
    ) -> list[gateway_pb2.Answer]:
        answers = []
        for inquiry_id in inquiry_ids:
            view = self._store.by_id(court, inquiry_id) if inquiry_id <= INQUIRY_ID_MAX else None
            if view is None or view.case_number != case_number:
                raise UnknownInquiryError("inquiry_ids: one is no inquiry of this case")
            if view.HasField("answer"):
                answers.append(view.answer)
        return answers

    def _view(self, court: str, claim_id: str) -> bytes:
        view = self._desk.ledger.claim_view(court, claim_id, now_ns())
        if view is None:
            raise self._unknown()
        return view.SerializeToString()

    def _unknown(self) -> UnknownHoldError:
        left = self._desk.ledger.left_text
        return UnknownHoldError(f"claim_id: there is no such claim of this court{left}")


def _sight(court: str, answer: gateway_pb2.Answer, ledger: "Ledger") -> None:
    ledger.sight(court, answer)
