"""Bulk: messages of many registrations, or of many events, each acknowledged once it is durable.

One that is refused harms no other of its message; a message that cannot be read, or finds no room, is refused
whole, and the stream goes on. What a stream tells is done in its order: a message has its place before the
next one is read.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from chakong.tracker.v1 import tracker_pb2
from runtime import requests
from runtime.bulk import acknowledge_each
from runtime.errors import CallError, code_number
from runtime.identity import Identity
from tracker.rpc import intake
from tracker.store.work import Batch, Outcome, Work

if TYPE_CHECKING:
    from runtime.guard import Context
    from tracker.store.desk import Desk

OK: Final = 0
# Messages of one stream that are read before the first of them is acknowledged: two transactions of the
# largest messages, since a transaction writes the fewer bytes a case the more cases are in it.
IN_FLIGHT_MAX: Final = 8

Counts = tuple[int, int, int]
Response = TypeVar("Response", tracker_pb2.RegisterCasesResponse, tracker_pb2.RecordEventsResponse)


class Bulk:
    """Handlers of RegisterCases and RecordEvents. `draining`: nothing new is read."""

    def __init__(self, desk: "Desk", draining: asyncio.Event) -> None:
        self._desk = desk
        self._draining = draining
        # One message is read at a time, and has its place before the next: that is a stream's order, and each
        # thread more would take the interpreter's lock from the writer's.
        self._in_order = asyncio.Lock()

    async def register(self, caller: Identity, context: "Context") -> None:
        """RegisterCases."""

        async def acknowledge(message: bytes) -> bytes:
            response = tracker_pb2.RegisterCasesResponse()
            try:
                async with self._in_order:
                    response.tag, works = await asyncio.to_thread(_registrations, caller, message)
                    written = self._put(works)
                counts = _tell(works, iter(await written if written else ()), response)
                response.registered, response.repeated, response.refused = counts
            except CallError as error:
                _refuse(response, error)
            return response.SerializeToString()

        await acknowledge_each(context, self._draining, acknowledge, IN_FLIGHT_MAX)

    async def record(self, caller: Identity, context: "Context") -> None:
        """RecordEvents."""

        async def acknowledge(message: bytes) -> bytes:
            response = tracker_pb2.RecordEventsResponse()
            try:
                async with self._in_order:
                    response.tag, works = await asyncio.to_thread(_events, caller, message)
                    written = self._put(works)
                counts = _tell(works, iter(await written if written else ()), response)
                response.recorded, response.repeated, response.refused = counts
            except CallError as error:
                _refuse(response, error)
            return response.SerializeToString()

        await acknowledge_each(context, self._draining, acknowledge, IN_FLIGHT_MAX)

    def _put(self, works: Sequence[Work | CallError]) -> asyncio.Future[list[Outcome]] | None:
        """What becomes of those that could be read; None: none could."""
        good = tuple(work for work in works if not isinstance(work, CallError))
        return self._desk.put(Batch(good)) if good else None


def _tell(works: Sequence[Work | CallError], outcomes: Iterator[Outcome], response: Response) -> Counts:
    """How many were done, were done before, and are refused; the verdicts are in the response."""
    repeated = refused = 0
    for index, work in enumerate(works):
        outcome = Outcome(error=work) if isinstance(work, CallError) else next(outcomes)
        if outcome.error is not None:
            refused += 1
            code = code_number(outcome.error.status)
            error = outcome.error
            response.verdicts.add(index=index, code=code, rule=error.rule, message=error.message)
        elif outcome.is_repeated:
            repeated += 1
            response.verdicts.add(index=index, code=OK)
    return len(works) - repeated - refused, repeated, refused


def _registrations(caller: Identity, message: bytes) -> tuple[int, list[Work | CallError]]:
    request = requests.read(tracker_pb2.RegisterCasesRequest, message)
    _check_count("registrations", len(request.registrations))
    return request.tag, [intake.registration(caller, one) for one in request.registrations]


def _events(caller: Identity, message: bytes) -> tuple[int, list[Work | CallError]]:
    request = requests.read(tracker_pb2.RecordEventsRequest, message)
    _check_count("events", len(request.events))
    return request.tag, [intake.event(caller, one) for one in request.events]


def _check_count(field: str, count: int) -> None:
    if count > intake.WORKS_MAX:
        raise requests.wrong(field, f"must be at most {intake.WORKS_MAX}, {count} given")


def _refuse(response: Response, error: CallError) -> None:
    response.error.code = code_number(error.status)
    response.error.message = error.message
    response.error.retry_after_ms = error.retry_ms
