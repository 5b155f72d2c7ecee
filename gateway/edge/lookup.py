"""Lookup: one inquiry, the inquiries of a case, and the end of one; each for the court it belongs to.

Reads its own writes: before a question is put to the projection, the projection has what the journal had when
the call came, or the caller is told to come again. An inquiry of another court does not exist. Whom one was
about is read from the journal: the projection does not have it.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2
from gateway.edge.errors import DamagedError, UnavailableError, UnknownInquiryError
from runtime import requests
from runtime.identity import Identity

if TYPE_CHECKING:
    from gateway.edge.journal import Journal
    from gateway.edge.projection import Projection
    from gateway.edge.pump import Pump
    from gateway.edge.store import Store

CATCH_UP_S_MAX: Final = 10.0
RETRY_MS: Final = 2_000
PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1_000
ORDER_BYTES_MAX: Final = 64
# Inquiry ids are stored as signed numbers.
INQUIRY_ID_MAX: Final = 2**63 - 1

log = logging.getLogger(__name__)


class Lookup:
    """Handlers of GetInquiry, ListInquiries and CancelInquiry."""

    def __init__(self, journal: "Journal", projection: "Projection", store: "Store", pump: "Pump") -> None:
        self._journal = journal
        self._projection = projection
        self._store = store
        self._pump = pump

    async def get(self, caller: Identity, message: bytes) -> bytes:
        """One inquiry with its latest answer, and whom it was about."""
        request = requests.read(gateway_pb2.GetInquiryRequest, message)
        which = request.WhichOneof("key")
        if which is None or not getattr(request, which):
            raise requests.wrong("key", "is required: inquiry_id or order_id")
        if len(request.order_id.encode()) > ORDER_BYTES_MAX:
            raise requests.wrong("order_id", f"must be at most {ORDER_BYTES_MAX} bytes")
        await self._catch_up()
        if which == "order_id":
            found = await asyncio.to_thread(self._store.by_order_id, caller.court, request.order_id)
        elif request.inquiry_id > INQUIRY_ID_MAX:
            found = None
        else:
            found = await asyncio.to_thread(self._store.by_id, caller.court, request.inquiry_id)
        if found is None:
            raise UnknownInquiryError(f"{which}: there is no such inquiry of this court")
        await asyncio.to_thread(self._tell_subject, caller.court, found)
        return found.SerializeToString()

    async def list_case(self, caller: Identity, message: bytes) -> bytes:
        """A page of the inquiries of a case, newest first."""
        request = requests.read(gateway_pb2.ListInquiriesRequest, message)
        case_number = requests.case_number(request.case_number)
        size = requests.page_size(request.page_size, PAGE_DEFAULT, PAGE_MAX)
        question = f"{caller.court}\n{case_number}".encode()
        before_id = requests.page_position(request.page_token, question, INQUIRY_ID_MAX)
        await self._catch_up()
        views = await asyncio.to_thread(
            self._store.of_case, caller.court, case_number, min(before_id, INQUIRY_ID_MAX), size + 1
        )
        response = gateway_pb2.ListInquiriesResponse(inquiries=views[:size])
        if len(views) > size:
            response.next_page_token = requests.page_token(question, views[size - 1].inquiry_id)
        return response.SerializeToString()

    async def cancel(self, caller: Identity, message: bytes) -> bytes:
        """End an inquiry's open queries."""
        request = requests.read(gateway_pb2.CancelInquiryRequest, message)
        court = await asyncio.to_thread(self._journal.court_of, request.inquiry_id)
        if court != caller.court:
            raise UnknownInquiryError("inquiry_id: there is no such inquiry of this court")
        await self._pump.cancel(request.inquiry_id, caller.court)
        return gateway_pb2.CancelInquiryResponse().SerializeToString()

    def _tell_subject(self, court: str, view: gateway_pb2.InquiryView) -> None:
        """As it was ordered; nothing of one whose order is not kept any more."""
        try:
            frame = self._journal.admission_of(view.inquiry_id)
        except DamagedError:
            # A file may be let go of while it is read; and what was found is told without it too.
            log.warning("an order cannot be read any more", extra={"inquiry_id": view.inquiry_id})
            return
        if frame is None or frame.court != court:
            return
        inquiries = journal_pb2.Admission.FromString(frame.body).inquiries
        entry = inquiries[view.inquiry_id - frame.first_inquiry_id].entry
        if entry.HasField("subject"):
            view.subject.CopyFrom(entry.subject)

    async def _catch_up(self) -> None:
        if not await self._projection.reached(self._journal.last_seq, CATCH_UP_S_MAX):
            raise UnavailableError("the projection is behind the journal", retry_ms=RETRY_MS)
