"""Listings: what the calls of courts do: read the request, have it done, show the listing as it then stands.

The court, and the officer, are the certificate's. An act is answered once it is durable.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from blacklist.model import Status
from blacklist.rpc import intake, pages
from blacklist.rpc.intake import INSTRUMENT_BYTES_MAX, KEY_BYTES_MAX, REASON_BYTES_MAX, Intake
from blacklist.rpc.views import listing_view, whole_view
from blacklist.store.reader import Reader
from blacklist.store.writer import Done, Writer
from chakong.blacklist.v1 import listings_pb2
from runtime import requests
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.errors import UnavailableError
from runtime.identity import Identity

if TYPE_CHECKING:
    from blacklist.store.desk import Desk

RETRY_MS: Final = 1_000
EXTENSION_REASONS: Final = {1: "serious_violence_or_threats", 2: "several_acts"}


class ListingCalls:
    """The calls of chakong.blacklist.v1.Listings, bytes in and bytes out."""

    def __init__(self, desk: "Desk", writer: Writer, reader: Reader, draining: asyncio.Event) -> None:
        self._desk = desk
        self._writer = writer
        self._reader = reader
        self._draining = draining
        self._intake = Intake()

    async def create(self, caller: Identity, message: bytes) -> bytes:
        """List, or restrict."""
        request = requests.read(listings_pb2.CreateListingRequest, message)
        by = intake.by(caller, request.act_id, request)
        draft = self._intake.draft(caller, request.draft)
        return await self._do(caller, lambda at_ns: self._writer.create(draft, by, at_ns))

    async def get(self, caller: Identity, message: bytes) -> bytes:
        """A listing with its history."""
        request = requests.read(listings_pb2.GetListingRequest, message)
        intake.check_id("listing_id", request.listing_id)
        whole = await asyncio.to_thread(self._reader.whole, request.listing_id, caller.court)
        return whole_view(whole).SerializeToString()

    async def list_page(self, caller: Identity, message: bytes) -> bytes:
        """Listings of the court."""
        request = requests.read(listings_pb2.ListListingsRequest, message)
        case_number = intake.case_asked_for(request.case_number)
        if request.status not in (0, *Status):
            raise requests.wrong("status", "must be one that is known")
        page = pages.asked(request, caller.court, case_number, request.status, request.overdue)
        today = date_of(now_ns()) if request.overdue else 0
        found = await asyncio.to_thread(
            self._reader.page, caller.court, case_number, request.status, page.position, page.limit, today
        )
        shown, token = page.cut(found, lambda one: one.listing_id)
        response = listings_pb2.ListListingsResponse(
            listings=[listing_view(one) for one in shown], next_page_token=token
        )
        return response.SerializeToString()

    async def correct(self, caller: Identity, message: bytes) -> bytes:
        """Put right what a listing says."""
        request = requests.read(listings_pb2.CorrectListingRequest, message)
        by = intake.by(caller, request.act_id, request)
        right = self._intake.correction(request)
        listing_id, reason, objection_id = request.listing_id, request.reason, request.objection_id
        return await self._do(
            caller,
            lambda at_ns: self._writer.correct(listing_id, right, reason, objection_id, by, at_ns),
        )

    async def extend(self, caller: Identity, message: bytes) -> bytes:
        """Add to a term."""
        request = requests.read(listings_pb2.ExtendListingRequest, message)
        by = intake.by(caller, request.act_id, request)
        intake.check_texts(request, instrument_number=INSTRUMENT_BYTES_MAX)
        reason = EXTENSION_REASONS.get(request.reason)
        if reason is None:
            raise requests.wrong("reason", "must be SERIOUS_VIOLENCE_OR_THREATS or SEVERAL_ACTS")
        listing_id, months, instrument = request.listing_id, request.months, request.instrument_number
        return await self._do(
            caller, lambda at_ns: self._writer.extend(listing_id, months, reason, instrument, by, at_ns)
        )

    async def propose(self, caller: Identity, message: bytes) -> bytes:
        """Something came to pass by which a listing ends."""
        request = requests.read(listings_pb2.ProposeRemovalRequest, message)
        by = intake.by(caller, request.act_id, request)
        intake.check_texts(request, reason=KEY_BYTES_MAX)
        intake.check_date("happened", request.happened)
        listing_id, reason, happened = request.listing_id, request.reason, request.happened
        return await self._do(
            caller, lambda at_ns: self._writer.propose(listing_id, reason, happened, by, at_ns)
        )

    async def reject(self, caller: Identity, message: bytes) -> bytes:
        """What was proposed is not so."""
        request = requests.read(listings_pb2.RejectRemovalRequest, message)
        by = intake.by(caller, request.act_id, request)
        intake.check_texts(request, reason=REASON_BYTES_MAX)
        if not request.reason:
            raise requests.wrong("reason", f"must be 1 to {REASON_BYTES_MAX} bytes, 0 given")
        listing_id, reason = request.listing_id, request.reason
        return await self._do(caller, lambda at_ns: self._writer.reject(listing_id, reason, by, at_ns))

    async def remove(self, caller: Identity, message: bytes) -> bytes:
        """Take a listing off."""
        request = requests.read(listings_pb2.RemoveListingRequest, message)
        by = intake.by(caller, request.act_id, request)
        intake.check_texts(request, reason=KEY_BYTES_MAX, instrument_number=INSTRUMENT_BYTES_MAX)
        listing_id, reason, instrument = request.listing_id, request.reason, request.instrument_number
        objection_id = request.objection_id
        return await self._do(
            caller,
            lambda at_ns: self._writer.remove(listing_id, reason, instrument, objection_id, by, at_ns),
        )

    async def object_to(self, caller: Identity, message: bytes) -> bytes:
        """Take in an objection."""
        request = requests.read(listings_pb2.ObjectToListingRequest, message)
        by = intake.by(caller, request.act_id, request)
        intake.check_date("received", request.received)
        intake.check_date("served", request.served)
        if request.served and not request.objection_id:
            raise requests.wrong("served", "must be 0 unless review is asked for")
        listing_id, objection_id = request.listing_id, request.objection_id
        received, served = request.received, request.served
        return await self._do(
            caller,
            lambda at_ns: self._writer.object_to(listing_id, objection_id, received, by, at_ns, served),
        )

    async def decide(self, caller: Identity, message: bytes) -> bytes:
        """Decide an objection. The superior court is shown a listing that it reviews."""
        request = requests.read(listings_pb2.DecideObjectionRequest, message)
        by = intake.by(caller, request.act_id, request)
        intake.check_texts(request, instrument_number=INSTRUMENT_BYTES_MAX)
        listing_id, objection_id, is_upheld = request.listing_id, request.objection_id, request.upheld
        instrument = request.instrument_number
        return await self._do(
            None,
            lambda at_ns: self._writer.decide(listing_id, objection_id, is_upheld, instrument, by, at_ns),
        )

    async def _do(self, caller: Identity | None, act: Callable[[int], Done]) -> bytes:
        if self._draining.is_set():
            raise UnavailableError("the blacklist is stopping; nothing was taken", retry_ms=RETRY_MS)
        done = await self._desk.do(act)
        court = caller.court if caller else ""
        whole = await asyncio.to_thread(self._reader.whole, done.listing_id, court)
        return whole_view(whole, is_repeated=done.is_repeated).SerializeToString()
