"""Changes: what units follow the list by and confirm that they act on it as it is, and what courts see of
that.

A unit is shown what its measures bind it to. A cursor it is given may be beyond the last change that it
is shown. What a mark, a deadline and a proof are, is in blacklist/push.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from blacklist.errors import AheadError
from blacklist.push.follow import Followers
from blacklist.push.marks import Failure
from blacklist.push.telling import Telling
from blacklist.push.views import changes_view, proof_view, standing_view
from blacklist.rpc.bindings import Bindings
from blacklist.store.entries import Entries
from blacklist.store.ledger import EXCEPTIONS_MAX, Ledger
from blacklist.store.proving import Proving
from chakong.blacklist.v1 import changes_pb2
from runtime import requests
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.errors import UnavailableError
from runtime.identity import Identity, Role

if TYPE_CHECKING:
    from blacklist.store.desk import Desk
    from runtime.guard import Context

PAGE_SIZE_DEFAULT: Final = 1_000
PAGE_SIZE_MAX: Final = 10_000
RETRY_MS: Final = 2_000
CURSOR_MAX: Final = 2**63 - 1
FAILURES: Final = frozenset(int(one) for one in Failure)


@dataclass(frozen=True, slots=True)
class Books:
    """What is read and written."""

    entries: Entries
    ledger: Ledger
    proving: Proving


class ChangeCalls:
    """The calls of chakong.blacklist.v1.Changes, bytes in and bytes out."""

    def __init__(
        self, desk: "Desk", books: Books, bindings: Bindings, followers: Followers, telling: Telling
    ) -> None:
        self._desk = desk
        self._books = books
        self._bindings = bindings
        self._followers = followers
        self._telling = telling

    async def list_page(self, caller: Identity, message: bytes) -> bytes:
        """Changes after a cursor."""
        request = requests.read(changes_pb2.ListChangesRequest, message)
        size = requests.page_size(request.page_size, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)
        after = _cursor(request.after_cursor, "after_cursor")
        today = date_of(now_ns())
        self._bindings.check(caller.name, today)
        try:
            found, version = await asyncio.to_thread(self._books.entries.since, after, size)
        except SQLAlchemyError as error:
            kind = type(error).__name__
            text = f"the blacklist's database cannot be read: {kind}"
            raise UnavailableError(text, retry_ms=RETRY_MS) from error
        if after > version:
            # Whoever went on from there would miss what comes up to it.
            raise AheadError(f"after_cursor: {after} given, the last change is {version}")
        is_complete = len(found) < size
        cursor = version if is_complete else found[-1].cursor
        response = changes_pb2.ListChangesResponse(
            changes=changes_view(found, self._bindings.units.binding(caller.name, today)),
            cursor=cursor,
            complete=is_complete,
        )
        self._telling.note(caller.name, after, cursor)
        return response.SerializeToString()

    async def follow(self, caller: Identity, message: bytes, context: "Context") -> None:
        """Changes as they come about."""
        request = requests.read(changes_pb2.FollowRequest, message)
        unit, at_ns = caller.name, now_ns()
        self._bindings.check(unit, date_of(at_ns))
        mark, version = await asyncio.to_thread(self._books.ledger.mark, unit, at_ns)
        is_given = request.HasField("after_cursor")
        after = _cursor(request.after_cursor, "after_cursor") if is_given else mark.cursor
        async with aclosing(self._followers.follow(unit, after, version)) as responses:
            async for response in responses:
                await context.write(response)

    async def acknowledge(self, caller: Identity, message: bytes) -> bytes:
        """A unit has carried out what it was told."""
        request = requests.read(changes_pb2.AcknowledgeRequest, message)
        cursor = _cursor(request.cursor, "cursor")
        exceptions = _exceptions(request.exceptions, cursor)
        unit = caller.name
        # Here too: nothing that can be refused at once waits at the desk.
        self._bindings.check(unit, date_of(now_ns()))

        def act(at_ns: int) -> None:
            self._bindings.check(unit, date_of(at_ns))
            self._books.ledger.acknowledge(unit, cursor, exceptions, at_ns)

        await self._desk.do(act)
        standing = await asyncio.to_thread(self._books.ledger.standing, unit, now_ns())
        response = changes_pb2.AcknowledgeResponse(acknowledgement=standing_view(standing))
        return response.SerializeToString()

    async def list_standing(self, caller: Identity, message: bytes) -> bytes:
        """How far units are: for a unit itself, for an operator all of them."""
        request = requests.read(changes_pb2.ListAcknowledgementsRequest, message)
        at_ns = now_ns()
        units = (caller.name,) if caller.role is Role.UNIT else ()
        if units:
            self._bindings.check(caller.name, date_of(at_ns))
        standings = await asyncio.to_thread(self._books.ledger.standings, at_ns, units)
        version = await asyncio.to_thread(self._books.ledger.version)
        response = changes_pb2.ListAcknowledgementsResponse(
            acknowledgements=[
                standing_view(one) for one in standings if one.overdue_removals or not request.overdue
            ],
            cursor=version,
        )
        return response.SerializeToString()

    async def proof(self, caller: Identity, message: bytes) -> bytes:
        """Who has confirmed that a listing was removed."""
        request = requests.read(changes_pb2.GetRemovalProofRequest, message)
        listing_id = _cursor(request.listing_id, "listing_id")
        # What was told a moment ago is in it.
        await self._telling.flush()
        at_ns = now_ns()
        found = await asyncio.to_thread(self._books.proving.proof, listing_id, caller.court, at_ns)
        return proof_view(listing_id, found, date_of(at_ns)).SerializeToString()


def _cursor(given: int, field: str) -> int:
    """What a database can be asked for."""
    if given > CURSOR_MAX:
        raise requests.wrong(field, f"must be at most {CURSOR_MAX}, {given} given")
    return given


def _exceptions(given: Sequence[changes_pb2.FailedChange], cursor: int) -> dict[int, Failure]:
    if len(given) > EXCEPTIONS_MAX:
        raise requests.wrong("exceptions", f"must be at most {EXCEPTIONS_MAX}, {len(given)} given")
    found: dict[int, Failure] = {}
    for place, one in enumerate(given):
        field = f"exceptions[{place}]"
        if not 0 < one.cursor <= cursor:
            raise requests.wrong(f"{field}.cursor", f"must be 1 to the cursor, {cursor}")
        if one.failure not in FAILURES:
            raise requests.wrong(f"{field}.failure", "must be a reason of the contract")
        if one.cursor in found:
            raise requests.wrong(f"{field}.cursor", f"is {one.cursor}, which was named before")
        found[one.cursor] = Failure(one.failure)
    return found
