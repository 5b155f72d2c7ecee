"""Stage: a peer's gateway and its desk as processes of their own, and the court that drives and checks them.

Every answer is checked against what the desk must have said: a fast wrong answer is a PeerError.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engine.world import COURT
from benchmarks.floor.played import Played
from benchmarks.peers.desk import keeper
from benchmarks.peers.reach import Reach
from benchmarks.stack import free_port
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import (
    STAGE_FINAL,
    Answer,
    Scope,
    SubmitBulkRequest,
    SubmitBulkResponse,
    WatchResponse,
)
from gateway.directory import Directory

ROUND_S_MAX = 600.0
INQUIRIES_PER_MESSAGE = 4_000


class PeerError(RuntimeError):
    """A peer answered wrongly, or not at all: there is no figure. Names an order, no person."""


class Stage(Played):
    """Use as an async context: entered, the peer is ready. Logs go to `out`."""

    def __init__(self, way: str, out: Path, *, channel_count: int, in_flight_max: int) -> None:
        super().__init__(out)
        self._way = way
        self._limits = (str(channel_count), str(in_flight_max))
        self._reach = Reach(Directory.load())
        self._next = 0

    async def queries_per_second(self, scopes: Sequence[Scope]) -> float:
        """Ask about a fresh subject for each scope, wait for all final answers, and check them.

        Queries are institutions concerned, those that cannot be inquired of included, as in coverage.total.
        PeerError for a wrong answer, RuntimeError for a process that has ended; TimeoutError.
        """
        requests, expected = self._requests(scopes)
        messages = [request.SerializeToString() for request in requests]
        started = time.perf_counter()
        try:
            async with asyncio.timeout(ROUND_S_MAX), asyncio.TaskGroup() as tasks:
                tasks.create_task(self._submit(messages, len(scopes)))
                answers = await self._answers(len(scopes))
        except BaseException:
            self.require_alive()
            raise
        seconds = time.perf_counter() - started
        for answer in answers:
            require_right(answer, expected.pop(answer.order_id, None), self._reach)
        return sum(answer.coverage.total for answer in answers) / seconds

    def _requests(
        self, scopes: Sequence[Scope]
    ) -> tuple[list[SubmitBulkRequest], dict[str, tuple[str, Scope]]]:
        """The messages, and of each order id the subject's number and the scope."""
        inquiries = []
        expected = {}
        for scope in scopes:
            inquiry = load_inquiry(COURT, f"p-{self._next}", self._next)
            inquiry.scope.CopyFrom(scope)
            inquiry.ClearField("items")
            inquiries.append(inquiry)
            expected[inquiry.order_id] = (inquiry.subject.id_number, scope)
            self._next += 1
        cuts = range(0, len(inquiries), INQUIRIES_PER_MESSAGE)
        return [
            SubmitBulkRequest(inquiries=inquiries[at : at + INQUIRIES_PER_MESSAGE]) for at in cuts
        ], expected

    async def _submit(self, messages: Sequence[bytes], inquiry_count: int) -> None:
        accepted = 0
        for message in messages:
            await self.bulk.write(message)
            response = await self.bulk.read()
            if not isinstance(response, bytes):
                raise PeerError(f"{self._way}: the bulk stream ended")
            accepted += SubmitBulkResponse.FromString(response).accepted
        if accepted != inquiry_count:
            raise PeerError(f"{self._way}: {accepted} accepted, {inquiry_count} sent")

    async def _answers(self, count: int) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) < count:
            message = await self.watch.read()
            if not isinstance(message, bytes):
                raise PeerError(f"{self._way}: the watch stream ended")
            answers += WatchResponse.FromString(message).answers
        return answers

    async def start(self) -> None:
        port, desk_port = free_port(), free_port()
        await self.serve("benchmarks.peers.desk", str(desk_port))
        await self.serve("benchmarks.peers.gateway", self._way, str(port), str(desk_port), *self._limits)
        await self.connect(port)


def require_right(answer: Answer, expected: tuple[str, Scope] | None, reach: Reach) -> None:
    """PeerError unless everybody concerned is counted, and the one keeper was found where it was asked."""
    if expected is None:
        raise PeerError(f"order {answer.order_id}: answered twice, or never sent")
    id_number, scope = expected
    concerned = reach.scope(scope) or 0
    asked = concerned & reach.capable
    keepers = [keeper(id_number)] if asked >> keeper(id_number) & 1 else []
    coverage = answer.coverage
    counts = (coverage.total, coverage.found, coverage.none, coverage.incapable)
    right = (
        concerned.bit_count(),
        len(keepers),
        asked.bit_count() - len(keepers),
        (concerned ^ asked).bit_count(),
    )
    if answer.stage != STAGE_FINAL or counts != right:
        raise PeerError(f"order {answer.order_id}: {counts} counted, {right} expected")
    found = [
        (finding.institution, [one.holder_number for one in finding.records]) for finding in answer.findings
    ]
    if found != [(index, [id_number]) for index in keepers]:
        raise PeerError(f"order {answer.order_id}: wrong findings")
