"""Cases: the calls that register a case, record an event in one, and show one.

What is heard of a case is judged and written by the store; here it is read and answered.
"""

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime import requests
from runtime.calendar import date_of, is_date
from runtime.clock import now_ns
from runtime.errors import CallError, ForbiddenError
from runtime.guard import Unary
from runtime.identity import Identity
from tracker.rpc import intake, pages
from tracker.rpc.views import case_view
from tracker.rules import suspension
from tracker.store.messages import case_of
from tracker.store.work import Batch, Outcome, Work

if TYPE_CHECKING:
    from tracker.rpc.lawyer import Lawyer
    from tracker.store.desk import Desk
    from tracker.store.reader import Found, Reader
    from tracker.store.ruling import Ruling

NS_MAX: Final = 2**63 - 1
STOP: Final = "clock_stopped"
RESUME: Final = "clock_resumed"
EXTEND: Final = "extension_granted"
CLOSE: Final = "closing"
REOPEN: Final = "resumption"
ENDED_FOR_NOW: Final = "ended_for_now"
_RESULTS: Final = {
    suspension.FULFILLED: tracker_pb2.CHECK_STATE_FULFILLED,
    suspension.MISSING: tracker_pb2.CHECK_STATE_MISSING,
    suspension.NOT_APPLICABLE: tracker_pb2.CHECK_STATE_NOT_APPLICABLE,
}


class Cases:
    """Handlers of the unary calls on one case."""

    def __init__(self, desk: "Desk", reader: "Reader", lawyer: "Lawyer") -> None:
        self._desk = desk
        self._reader = reader
        self._lawyer = lawyer

    async def register(self, caller: Identity, message: bytes) -> bytes:
        """RegisterCase."""
        request = requests.read(tracker_pb2.RegisterCaseRequest, message)
        await self._do(_wanted(intake.registration(caller, request)))
        view = await self._now(caller.court, request.case.case_number)
        return view.SerializeToString()

    async def record(self, caller: Identity, message: bytes) -> bytes:
        """RecordEvent."""
        return await self._record(caller, requests.read(tracker_pb2.RecordEventRequest, message).event)

    def recording(self, kind: str) -> Unary:
        """A method that records events of one kind."""

        async def record(caller: Identity, message: bytes) -> bytes:
            event = requests.read(tracker_pb2.RecordEventRequest, message).event
            _fill(event, kind)
            if kind == CLOSE and event.detail.manner == ENDED_FOR_NOW:
                raise requests.wrong("event.detail.manner", "must not be ended_for_now; EndForNow does that")
            return await self._record(caller, event)

        return record

    async def end_for_now(self, caller: Identity, message: bytes) -> bytes:
        """EndForNow."""
        request = requests.read(tracker_pb2.EndForNowRequest, message)
        event = request.event
        _fill(event, CLOSE)
        if event.detail.reason not in ("", request.override_reason):
            raise requests.wrong("override_reason", "must be event.detail.reason if both are given")
        event.detail.manner = ENDED_FOR_NOW
        event.detail.reason = request.override_reason
        return await self._record(caller, event)

    async def check_ending(self, caller: Identity, message: bytes) -> bytes:
        """CheckEnding."""
        request = requests.read(tracker_pb2.CheckEndingRequest, message)
        as_of = _day(request.as_of)

        def check() -> tracker_pb2.CheckEndingResponse:
            found, ruling = self._found(caller.court, request.case_number)
            state = ruling.state(found.case, found.events, as_of, now_ns())
            case = case_of(found.case, found.court)
            findings = suspension.check(ruling.law, case, state, as_of)
            checks = [
                tracker_pb2.Check(
                    key=one.key,
                    text=one.text,
                    state=_RESULTS[one.result],
                    article=one.article,
                    event_id=one.event_id,
                )
                for one in findings
            ]
            return tracker_pb2.CheckEndingResponse(checks=checks, may_end=not suspension.missing(findings))

        return (await asyncio.to_thread(check)).SerializeToString()

    async def get(self, caller: Identity, message: bytes) -> bytes:
        """GetCase."""
        request = requests.read(tracker_pb2.GetCaseRequest, message)
        if not 0 <= request.known_ns <= NS_MAX:
            raise requests.wrong("known_ns", f"must be 0 to {NS_MAX}, {request.known_ns} given")
        return (await asyncio.to_thread(self._view, caller.court, request)).SerializeToString()

    async def _record(self, caller: Identity, event: case_pb2.Event) -> bytes:
        work = _wanted(intake.event(caller, event))
        number = event.case_number
        outcome = await self._do(work)
        response = tracker_pb2.RecordEventResponse(repeated=outcome.is_repeated)
        try:
            view = await self._now(caller.court, number)
        except ForbiddenError:
            return response.SerializeToString()  # it went to another court with this event
        response.case.CopyFrom(view)
        return response.SerializeToString()

    async def _do(self, work: Work) -> Outcome:
        (outcome,) = await self._desk.do(Batch((work,)))
        if outcome.error is not None:
            raise outcome.error
        return outcome

    async def _now(self, court: str, number: str) -> case_pb2.CaseView:
        """The case as it stands; of a large one the first page."""
        return await asyncio.to_thread(self._view, court, tracker_pb2.GetCaseRequest(case_number=number))

    def _view(self, court: str, request: tracker_pb2.GetCaseRequest) -> case_pb2.CaseView:
        size = requests.page_size(request.page_size, pages.SIZE_MAX, pages.SIZE_MAX)
        asked = f"{court}\n{request.case_number}\n{request.as_of}\n{request.known_ns}".encode()
        place = _place(requests.page_text(request.page_token, asked))
        found, ruling = self._found(court, request.case_number)
        as_of = place.as_of if place else _day(request.as_of)
        known_ns = place.known_ns if place else request.known_ns or now_ns()
        if place and place.law_version != ruling.law.version:
            raise requests.wrong(
                "page_token", "is of another law than is in force now; begin with the first page"
            )
        state = ruling.state(found.case, found.events, as_of, known_ns)
        whole = case_view(ruling.law, found, state, known_ns)
        page, first = pages.cut(whole, place.first if place else 0, size)
        if first:
            more = f"{first} {as_of} {known_ns} {ruling.law.version}"
            page.next_page_token = requests.text_token(asked, more)
        return page

    def _found(self, court: str, number: str) -> "tuple[Found, Ruling]":
        if not number:
            raise requests.wrong("case_number", "is required")
        found = self._reader.case(court, number)
        return found, self._lawyer.ruling(found.law_id)


class _Place(NamedTuple):
    """Where a page begins, and of which day, moment and law the first one was."""

    first: int
    as_of: int
    known_ns: int
    law_version: str


def _place(given: str) -> _Place | None:
    """What a page token says; None: there is none."""
    if not given:
        return None
    try:
        first, as_of, known_ns, law_version = given.split()
        place = _Place(int(first), int(as_of), int(known_ns), law_version)
    except ValueError:
        place = None
    if place is None or place.first < 1 or not is_date(place.as_of) or not 0 <= place.known_ns <= NS_MAX:
        raise requests.wrong("page_token", "must be next_page_token of the page before")
    return place


def _fill(event: case_pb2.Event, kind: str) -> None:
    if event.kind not in ("", kind):
        raise requests.wrong("event.kind", f"must be {kind} or empty")
    event.kind = kind


def _day(given: int) -> int:
    """Today for 0. InvalidError for what is no date."""
    if not given:
        return date_of(now_ns())
    if not is_date(given):
        raise requests.wrong("as_of", f"must be a date such as 20261122, {given} given")
    return given


def _wanted(work: Work | CallError) -> Work:
    if isinstance(work, CallError):
        raise work
    return work
