"""Public: the person's side over gRPC: the look-up of a portal, and which units were told of a person, which
an officer shows them. What a look-up comes to is public/looking.py's."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from blacklist.errors import UnknownListingError
from blacklist.model import Subject
from blacklist.public.limiter import network
from blacklist.rpc import pages
from blacklist.rpc.intake import Intake
from blacklist.store.turn import By
from chakong.blacklist.v1 import public_pb2
from runtime import requests
from runtime.errors import UnavailableError

if TYPE_CHECKING:
    from blacklist.public.looking import Looking
    from blacklist.store.desk import Desk
    from blacklist.store.hits import Hit, Hits
    from blacklist.store.recording import Recording
    from blacklist.store.writer import Writer
    from runtime.identity import Identity

RETRY_MS: Final = 1_000
ADDRESS_BYTES_MAX: Final = 64

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """What an officer shows: hits that were written, and those that wait."""

    hits: "Hits"
    recording: "Recording"


class PublicCalls:
    """The calls of chakong.blacklist.v1.Public, bytes in and bytes out."""

    def __init__(
        self,
        looking: "Looking",
        desk: "Desk",
        writer: "Writer",
        shown: "Shown",
        draining: asyncio.Event,
    ) -> None:
        self._looking = looking
        self._desk = desk
        self._writer = writer
        self._shown = shown
        self._draining = draining
        self._intake = Intake()

    async def look_up(self, _caller: "Identity", message: bytes) -> bytes:
        """LookUp."""
        self._check_open()
        request = requests.read(public_pb2.LookUpRequest, message)
        given = request.subject
        whom = self._intake.asked((given.id_type, given.id_number, given.name), "subject.")
        try:
            address = ip_address(request.client_address[:ADDRESS_BYTES_MAX])
        except ValueError:
            raise requests.wrong("client_address", "must be an IP address") from None
        return (await self._looking.look_up(whom, network(address))).SerializeToString()

    async def hits_of(self, caller: "Identity", message: bytes) -> bytes:
        """HitsOf. That it was shown is recorded before it is."""
        self._check_open()
        request = requests.read(public_pb2.HitsOfRequest, message)
        whom, mandate = self._intake.showing(caller, request)
        page = pages.asked(request, caller.court, whom.id_type, whom.id_number, whom.name)
        listings = await _read(lambda: self._shown.hits.listings_of(whom, caller.court))
        if mandate.case_number not in listings.values():
            raise UnknownListingError("subject: was not listed in the mandate's case by this court")
        by = By(caller.court, caller.name)
        await self._desk.do(
            lambda at_ns: self._writer.show_hits(list(listings), mandate.instrument, by, at_ns)
        )
        # What waits would be shown tomorrow, and the person is here today.
        await self._shown.recording.write()
        found = await self._page(whom, caller.court, page.position, page.limit)
        shown, token = page.cut(found, lambda one: one[0])
        response = public_pb2.HitsOfResponse(hits=[_view(one) for _, one in shown], next_page_token=token)
        return response.SerializeToString()

    async def _page(self, whom: Subject, court: str, before_id: int, limit: int) -> "list[tuple[int, Hit]]":
        return await _read(lambda: self._shown.hits.page(whom, court, before_id, limit))

    def _check_open(self) -> None:
        if self._draining.is_set():
            raise UnavailableError("the blacklist is stopping", retry_ms=RETRY_MS)


async def _read(ask: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(ask)
    except SQLAlchemyError as error:
        kind = type(error).__name__
        text = f"the blacklist's database cannot be read: {kind}"
        raise UnavailableError(text, retry_ms=RETRY_MS) from error


def _view(one: "Hit") -> public_pb2.Hit:
    return public_pb2.Hit(
        listing_id=one.listing_id,
        unit=one.unit,
        version=one.version,
        at_ns=one.at_ns,
        outcome=one.outcome,  # type: ignore[arg-type]
    )
