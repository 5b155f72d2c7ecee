"""Recorder: makes events of what the gateway told, and has them written, with the cursor last.

At least once: a cursor is kept only when everything up to it is. What was recorded before is recognised by
its id. What concerns a case that is not registered is kept as a stray until it is.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import grpc

from chakong.gateway.v1.controls_pb2 import HoldView, WatchHoldsResponse
from chakong.gateway.v1.gateway_pb2 import Answer, WatchResponse
from chakong.tracker.v1.case_pb2 import Event
from runtime.calendar import date_of
from runtime.clock import now_ns
from tracker.errors import ReusedError, UnknownCaseError
from tracker.follow import answers, holds, names
from tracker.follow.answers import ENDED, OWN_QUESTION, UNKNOWN_QUESTION, Question, question_of
from tracker.follow.counts import UNREGISTERED
from tracker.follow.strays import Kind, Stray, Strays
from tracker.store.judge import FOLLOWER
from tracker.store.work import Batch, Outcome, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.follow.counts import Counts
    from tracker.follow.gateway import Gateway
    from tracker.follow.known import Cases
    from tracker.store.desk import Desk

# Others' works are written in between.
WORKS_AT_ONCE: Final = 2_000
ASKED_AT_ONCE: Final = 16

log = logging.getLogger(__name__)


class Recorder:
    """`terms`: by item, the kind of property that it is; items without one are none."""

    def __init__(
        self,
        gateway: "Gateway",
        desk: "Desk",
        cases: "Cases",
        strays: Strays,
        terms: "Mapping[int, str]",
        counts: "Counts",
    ) -> None:
        self._gateway = gateway
        self._desk = desk
        self._cases = cases
        self._strays = strays
        self._terms = terms
        self._counts = counts

    async def take_answers(self, court: str, response: WatchResponse) -> None:
        """Record what the answers mean, and how far they were followed. CallError, grpc.RpcError: not all of
        it was recorded, and it is to be told again."""
        questions = await self._questions(court, response.answers)
        await self._answers(court, list(zip(response.answers, questions, strict=True)))
        await self._keep_cursor(answers_cursor(court), response.cursor)
        self._counts.answers += len(response.answers)

    async def take_holds(self, court: str, response: WatchHoldsResponse) -> None:
        """The same of holds."""
        await self._holds(court, response.holds)
        await self._keep_cursor(holds_cursor(court), response.cursor)
        self._counts.holds += len(response.holds)

    async def take_strays(self, court: str, strays: Sequence[Stray]) -> None:
        """What was told of cases before they were registered."""
        told = [Answer.FromString(stray.body) for stray in strays if stray.kind is Kind.ANSWER]
        questions = await self._questions(court, told)
        await self._answers(court, list(zip(told, questions, strict=True)))
        held = [HoldView.FromString(stray.body) for stray in strays if stray.kind is Kind.HOLD]
        await self._holds(court, held)

    async def record(self, court: str, events: Sequence[Event]) -> None:
        """Events of the follower; what the rules do not take is counted and logged."""
        for start in range(0, len(events), WORKS_AT_ONCE):
            some = events[start : start + WORKS_AT_ONCE]
            works = tuple(Record(court, event, FOLLOWER) for event in some)
            for event, outcome in zip(some, await self._desk.do(Batch(works)), strict=True):
                self._count(event, outcome)

    async def _answers(self, court: str, told: Sequence[tuple[Answer, Question]]) -> None:
        left = list(told)
        while left:
            today = date_of(now_ns())
            known = await asyncio.to_thread(self._cases.known, court, {one.case_number for one, _ in left})
            events: list[Event] = []
            strays: list[Stray] = []
            for answer, question in left:
                number = answer.case_number
                if number in known:
                    read = answers.read_answer(answer, question, known[number], self._terms, today)
                    events += read.events
                    known[number].found_fen.update(read.found_fen)
                    if read.asked is not None:
                        known[number].rounds.add(read.asked)
                    self._counts.left_out += read.left_out_count
                else:
                    body = answers.without_persons(answer).SerializeToString()
                    strays.append(Stray(court, number, Kind.ANSWER, answer.inquiry_id, body))
            await self.record(court, events)
            there = await self._keep(strays)
            left = [one for one in left if one[0].case_number in there - known.keys()]

    async def _holds(self, court: str, told: Sequence[HoldView]) -> None:
        left = list(told)
        while left:
            today = date_of(now_ns())
            numbers = {hold.case_number for hold in left}
            known = await asyncio.to_thread(self._cases.known, court, numbers)
            taken = await asyncio.to_thread(self._cases.taken, court, known)
            events: list[Event] = []
            strays: list[Stray] = []
            for hold in left:
                if hold.case_number in known:
                    events += holds.read_hold(hold, self._terms, taken, today)
                else:
                    body = holds.without_persons(hold).SerializeToString()
                    strays.append(Stray(court, hold.case_number, Kind.HOLD, hold.hold_id, body))
            await self.record(court, events)
            there = await self._keep(strays)
            left = [hold for hold in left if hold.case_number in there - known.keys()]

    async def _keep(self, strays: list[Stray]) -> set[str]:
        """Keep strays; the numbers of those whose cases have been registered since they were looked for."""
        if not strays:
            return set()
        there = await asyncio.to_thread(self._strays.keep, strays, now_ns())
        self._counts.strays += sum(stray.case_number not in there for stray in strays)
        return there

    async def _keep_cursor(self, name: str, cursor: int) -> None:
        await self._desk.do(Batch((), {name: cursor}))

    async def _questions(self, court: str, told: Sequence[Answer]) -> list[Question]:
        """What was asked, of answers that are complete; the rest needs it not."""
        room = asyncio.Semaphore(ASKED_AT_ONCE)

        async def question(answer: Answer) -> Question:
            if names.is_own(answer.order_id):
                return OWN_QUESTION
            if answer.stage not in ENDED:
                return UNKNOWN_QUESTION
            async with room:
                try:
                    return question_of(await self._gateway.inquiry(court, answer.inquiry_id))
                except grpc.aio.AioRpcError as error:
                    if error.code() is grpc.StatusCode.NOT_FOUND:
                        return UNKNOWN_QUESTION
                    raise

        return list(await asyncio.gather(*(question(answer) for answer in told)))

    def _count(self, event: Event, outcome: Outcome) -> None:
        error = outcome.error
        if error is None:
            self._counts.repeated += outcome.is_repeated
            self._counts.recorded += not outcome.is_repeated
        elif isinstance(error, ReusedError):
            # The same fact, told again on another day: the first word stands.
            self._counts.repeated += 1
        else:
            rule = UNREGISTERED if isinstance(error, UnknownCaseError) else error.rule or error.status.name
            self._counts.refused[rule] += 1
            log.info("an event was not taken", extra={"kind": event.kind, "reason": rule})


def answers_cursor(court: str) -> str:
    """The name under which the cursor of a court's answers is kept."""
    return f"answers:{court}"


def holds_cursor(court: str) -> str:
    """The same of its holds."""
    return f"holds:{court}"
