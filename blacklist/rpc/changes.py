"""Changes: what units follow the list by, and confirm that they act on it as it is.

A unit is shown what concerns it: every listing, and of restrictions those whose measures bind it. A cursor it
is given may be beyond the last change that it is shown.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from blacklist.model import Kind
from blacklist.rpc.bindings import Bindings
from blacklist.rpc.views import subject_view
from blacklist.rules.units import Measures
from blacklist.store.entries import Change, Entries
from blacklist.store.ledger import EXCEPTIONS_MAX, Ledger, Standing
from chakong.blacklist.v1 import changes_pb2
from runtime import requests
from runtime.calendar import date_of, date_of_day
from runtime.clock import now_ns
from runtime.errors import UnavailableError
from runtime.identity import Identity, Role

if TYPE_CHECKING:
    from blacklist.store.desk import Desk

PAGE_SIZE_DEFAULT: Final = 1_000
PAGE_SIZE_MAX: Final = 10_000
RETRY_MS: Final = 2_000


class ChangeCalls:
    """The calls of chakong.blacklist.v1.Changes, bytes in and bytes out."""

    def __init__(self, desk: "Desk", entries: Entries, ledger: Ledger, bindings: Bindings) -> None:
        self._desk = desk
        self._entries = entries
        self._ledger = ledger
        self._bindings = bindings

    async def list_page(self, caller: Identity, message: bytes) -> bytes:
        """Changes after a cursor."""
        request = requests.read(changes_pb2.ListChangesRequest, message)
        size = requests.page_size(request.page_size, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)
        today = date_of(now_ns())
        self._bindings.check(caller.name, today)
        try:
            found, version = await asyncio.to_thread(self._entries.since, request.after_cursor, size)
        except SQLAlchemyError as error:
            kind = type(error).__name__
            text = f"the blacklist's database cannot be read: {kind}"
            raise UnavailableError(text, retry_ms=RETRY_MS) from error
        is_complete = len(found) < size
        response = changes_pb2.ListChangesResponse(
            changes=shown(found, self._bindings.units.binding(caller.name, today)),
            cursor=max(version, request.after_cursor) if is_complete else found[-1].cursor,
            complete=is_complete,
        )
        return response.SerializeToString()

    async def acknowledge(self, caller: Identity, message: bytes) -> bytes:
        """A unit has carried out what it was told."""
        request = requests.read(changes_pb2.AcknowledgeRequest, message)
        exceptions = list(request.except_cursors)
        if len(exceptions) > EXCEPTIONS_MAX:
            raise requests.wrong(
                "except_cursors", f"must be at most {EXCEPTIONS_MAX}, {len(exceptions)} given"
            )
        if any(not 0 < one <= request.cursor for one in exceptions):
            raise requests.wrong("except_cursors", f"must be 1 to the cursor, {request.cursor}")
        unit, cursor = caller.name, request.cursor
        self._bindings.check(unit, date_of(now_ns()))
        await self._desk.do(lambda at_ns: self._ledger.acknowledge(unit, cursor, exceptions, at_ns))
        standing = await asyncio.to_thread(self._standing, unit)
        response = changes_pb2.AcknowledgeResponse(acknowledgement=_acknowledgement(standing))
        return response.SerializeToString()

    async def list_standing(self, caller: Identity, message: bytes) -> bytes:
        """How far units are: for a unit itself, for an operator all of them."""
        request = requests.read(changes_pb2.ListAcknowledgementsRequest, message)
        standings, version = await asyncio.to_thread(self._standings, caller)
        response = changes_pb2.ListAcknowledgementsResponse(
            acknowledgements=[
                _acknowledgement(one) for one in standings if one.overdue_removals or not request.overdue
            ],
            cursor=version,
        )
        return response.SerializeToString()

    def all_standings(self) -> list[Standing]:
        """Of every unit of today. Blocks."""
        return [self._standing(unit) for unit in self._bindings.units.on(date_of(now_ns()))]

    def _standings(self, caller: Identity) -> tuple[list[Standing], int]:
        found = [self._standing(caller.name)] if caller.role is Role.UNIT else self.all_standings()
        return found, self._entries.version()

    def _standing(self, unit: str) -> Standing:
        at_ns = now_ns()
        return self._ledger.standing(unit, self._bindings.bounds(unit, date_of(at_ns)), at_ns)


def shown(changes: Sequence[Change], binding: Measures) -> list[changes_pb2.Change]:
    """Those that a unit with this binding is shown."""
    return [
        _change(change, binding) for change in changes if change.kind is Kind.LISTED or binding[change.row[5]]
    ]


def _change(change: Change, binding: Measures) -> changes_pb2.Change:
    id_type, number, name, listing_id, _, bound, since_day, until_day = change.row
    kind = changes_pb2.CHANGE_KIND_ADDED if change.is_added else changes_pb2.CHANGE_KIND_REMOVED
    return changes_pb2.Change(
        cursor=change.cursor,
        kind=kind,
        listing_id=listing_id,
        deed=int(change.deed),  # type: ignore[arg-type]
        listing_kind=int(change.kind),  # type: ignore[arg-type]
        subject=subject_view(id_type, number.decode(), name),
        since=date_of_day(since_day),
        until=date_of_day(until_day) if until_day is not None else 0,
        measures=sorted(binding[bound]),
        changed_ns=change.changed_ns,
    )


def _acknowledgement(one: Standing) -> changes_pb2.Acknowledgement:
    return changes_pb2.Acknowledgement(
        unit=one.unit,
        cursor=one.cursor,
        except_cursors=one.exceptions,
        acknowledged_ns=one.acknowledged_ns,
        open_removals=one.open_removals,
        overdue_removals=one.overdue_removals,
        due=one.due,
    )
