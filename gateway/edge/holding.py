"""Holding: what became of holds, for the court they belong to; and whether institutions' books say the same.

Read from the Ledger at the time of the call, in pieces that keep nobody waiting. A hold of another court does
not exist.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from gateway.edge.control_call import CallError
from gateway.edge.errors import UnknownHoldError
from gateway.holds.differences import differences
from gateway.holds.face import HoldQuery
from runtime import requests
from runtime.clock import now_ns
from runtime.identity import Identity

if TYPE_CHECKING:
    from chakong.type.v1 import hold_pb2
    from gateway.edge.control_lines import ControlLines
    from gateway.edge.desk import Desk

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1_000
ORDER_BYTES_MAX: Final = 64
DAYS_MAX: Final = 3_660
# Holds looked at between two looks at everything else, and what a caller's library takes, less a hold.
SCAN_MAX: Final = 500
PAGE_BYTES_MAX: Final = 2 << 20
# A call that has looked at 50,000 ends with what it found, and the token to go on with.
SCANS_PER_CALL: Final = 100
HOLD_ID_MAX: Final = 2**63 - 1
# An institution's book in pages of this many holds, and so many institutions at a time.
BOOK_PAGE: Final = 1_000
AT_ONCE: Final = 16
DIFFERENCES_PER_RESPONSE: Final = 1_000
SECOND_LOOK_S: Final = 0.5


class Holding:
    """Handlers of GetHold, ListHolds and Reconcile."""

    def __init__(self, desk: "Desk", lines: "ControlLines") -> None:
        self._desk = desk
        self._lines = lines

    async def get(self, caller: Identity, message: bytes) -> bytes:
        """One hold with everything that was done to it."""
        request = requests.read(controls_pb2.GetHoldRequest, message)
        ledger = self._desk.ledger
        which = request.WhichOneof("key")
        if which is None or not getattr(request, which):
            raise requests.wrong("key", "is required: hold_id or order_id")
        hold_id = request.hold_id
        if which == "order_id":
            if len(request.order_id.encode()) > ORDER_BYTES_MAX:
                raise requests.wrong("order_id", f"must be at most {ORDER_BYTES_MAX} bytes")
            hold_id = ledger.hold_of_order(caller.court, request.order_id)
        view = ledger.hold_view(hold_id, now_ns())
        if view is None or ledger.court_of_hold(hold_id) != caller.court:
            raise UnknownHoldError(f"{which}: there is no such hold of this court{ledger.left_text}")
        return view.SerializeToString()

    async def list_holds(self, caller: Identity, message: bytes) -> bytes:
        """A page of the court's holds, by hold id."""
        request = requests.read(controls_pb2.ListHoldsRequest, message)
        size = requests.page_size(request.page_size, PAGE_DEFAULT, PAGE_MAX)
        for field in ("expiring_within_days", "idle_for_days"):
            days = getattr(request, field)
            if days > DAYS_MAX:
                raise requests.wrong(field, f"must be at most {DAYS_MAX}, {days} given")
        asked = controls_pb2.ListHoldsRequest()
        asked.CopyFrom(request)
        asked.ClearField("page_token")
        question = caller.court.encode() + asked.SerializeToString(deterministic=True)
        query = HoldQuery(
            court=caller.court,
            after_hold_id=requests.page_position(request.page_token, question, 0),
            count_max=SCAN_MAX,
            case_number=request.case_number,
            subject=request.subject if request.HasField("subject") else None,
            institution=request.institution if request.HasField("institution") else None,
            expiring_within_days=request.expiring_within_days,
            idle_for_days=request.idle_for_days,
            ended=request.ended,
        )
        response = controls_pb2.ListHoldsResponse()
        size_bytes = 0
        for _ in range(SCANS_PER_CALL):
            views, after_hold_id = self._desk.ledger.holds_among(query, SCAN_MAX, now_ns())
            for view in views:
                size_bytes += view.ByteSize()
                if len(response.holds) == size or (response.holds and size_bytes > PAGE_BYTES_MAX):
                    last_id = response.holds[-1].hold_id
                    response.next_page_token = requests.page_token(question, last_id)
                    return response.SerializeToString()
                response.holds.append(view)
            if not after_hold_id:
                return response.SerializeToString()
            query = replace(query, after_hold_id=after_hold_id)
            await asyncio.sleep(0)
        response.next_page_token = requests.page_token(question, query.after_hold_id)
        return response.SerializeToString()

    async def reconcile(self, request: controls_pb2.ReconcileRequest) -> AsyncGenerator[bytes, None]:
        """Every institution's word beside the ledger's, a few institutions at a time. InvalidError."""
        institutions = list(dict.fromkeys(request.institutions))
        unknown = [index for index in institutions if not self._lines.has_institution(index)]
        if unknown:
            raise requests.wrong("institutions", f"must be of the directory, {unknown[0]} given")
        waiting = iter(institutions or self._desk.ledger.institutions_with_holds())
        responses: asyncio.Queue[controls_pb2.ReconcileResponse | None] = asyncio.Queue(AT_ONCE)

        async def ask() -> None:
            for institution in waiting:
                async for response in self._compared(institution):
                    await responses.put(response)
            await responses.put(None)

        async with asyncio.TaskGroup() as tasks:
            asking = [tasks.create_task(ask()) for _ in range(AT_ONCE)]
            try:
                left_count = AT_ONCE
                while left_count:
                    response = await responses.get()
                    if response is None:
                        left_count -= 1
                    else:
                        yield response.SerializeToString()
            finally:
                for task in asking:
                    task.cancel()

    async def _compared(self, institution: int) -> AsyncGenerator[controls_pb2.ReconcileResponse, None]:
        """Page by page of its book; the last response has how many holds it has."""
        after_hold_id = hold_count = 0
        failure = ""
        response = controls_pb2.ReconcileResponse(institution=institution)
        while True:
            try:
                page, found = await self._page(institution, after_hold_id)
            except CallError as error:
                failure = str(error)
                break
            hold_count += len(page)
            for start in range(0, len(found), DIFFERENCES_PER_RESPONSE):
                if response.differences:
                    yield response
                    response = controls_pb2.ReconcileResponse(institution=institution)
                response.differences.extend(found[start : start + DIFFERENCES_PER_RESPONSE])
            if len(page) < BOOK_PAGE:
                break
            after_hold_id = page[-1].hold_id
        response.hold_count, response.failure = hold_count, failure
        yield response

    async def _page(
        self, institution: int, after_hold_id: int
    ) -> "tuple[list[hold_pb2.HoldStatement], list[controls_pb2.Difference]]":
        """A page of its book, and what differs at a second look, too: what was on its way has arrived."""
        page, found = await self._look(institution, after_hold_id)
        if found:
            await asyncio.sleep(SECOND_LOOK_S)
            before = {(one.hold_id, one.field) for one in found}
            page, again = await self._look(institution, after_hold_id)
            found = [one for one in again if (one.hold_id, one.field) in before]
        return page, found

    async def _look(
        self, institution: int, after_hold_id: int
    ) -> "tuple[list[hold_pb2.HoldStatement], list[controls_pb2.Difference]]":
        line = self._lines.line_of(institution)
        if line is None:
            raise CallError("NO_ADDRESS")
        request = institution_pb2.ListHoldsRequest(
            institution=institution, after_hold_id=after_hold_id, page_size=BOOK_PAGE
        )
        page = await line.list_holds(request)
        ids = [after_hold_id, *(one.hold_id for one in page)]
        if any(low >= high for low, high in pairwise(ids)):
            raise CallError("NOT_ASCENDING")
        last_id = ids[-1] if len(page) == BOOK_PAGE else HOLD_ID_MAX
        ours = self._desk.ledger.statements(institution, after_hold_id, last_id)
        return page, differences(ours, page, self._desk.ledger.had_hold)
