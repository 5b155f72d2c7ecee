"""Tracking: the last part of a run: a tracker is started, the courts register the cases of their inquiries,
and the tracker fills them in from what the gateway tells it.

It is a process of its own, started after everything else was measured: it follows the gateway from its
beginning. What it recorded is compared with the answers and holds that the courts saw themselves. It says how
far it is and prints nothing else.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.controls import Controls
from benchmarks.demo.exchange import Exchange
from benchmarks.demo.inbox import Inbox
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.registering import registrations
from benchmarks.demo.tracker_report import TrackerReport
from benchmarks.stack import Stack
from chakong.gateway.v1.gateway_pb2 import Coverage
from chakong.tracker.v1.case_pb2 import URGENCY_AMBER, URGENCY_RED, Event
from chakong.tracker.v1.tracker_pb2 import (
    GetStatisticsRequest,
    ListNodesRequest,
    RegisterCaseRequest,
    RegisterCasesRequest,
    WatchEventsRequest,
)
from chakong.tracker.v1.tracker_pb2_grpc import TrackerStub
from runtime.calendar import date_of
from runtime.clock import now_ns

if TYPE_CHECKING:
    from chakong.tracker.v1.tracker_pb2_grpc import TrackerAsyncStub

CASES_PER_MESSAGE = 1_000
PAGE_SIZE = 1_000
CALL_S_MAX = 60.0
LOOK_EVERY_S = 0.5
# After so long without everything being there, the run is judged as it stands.
FOLLOW_S_MAX = 600.0


@dataclass(frozen=True, slots=True)
class Tracked:
    """`faults`: name -> how often, none of them 0."""

    report: TrackerReport
    faults: Mapping[str, int]
    seconds: float


@dataclass(slots=True)
class _Seen:
    """Events of one court, and what is still to come: ids of events."""

    awaited: set[str]
    wanted_count: int
    event_count: int = 0
    without_property: set[int] = field(default_factory=set)


async def track(stack: Stack, exchange: Exchange, progress: RunProgress) -> Tracked:
    """An ExceptionGroup has what went wrong: RuntimeError when the tracker does not start, grpc.RpcError."""
    faults: Counter[str] = Counter()
    progress.stage("Starting the tracker")
    await stack.start_tracker()
    progress.stage("Registering the cases; the tracker fills them in from answers and holds")
    begun_ns = now_ns()
    seen: list[_Seen] = []

    def show() -> None:
        wanted_count = sum(one.wanted_count for one in seen)
        left_count = sum(len(one.awaited) for one in seen)
        progress.show_events((now_ns() - begun_ns) / 1e9, wanted_count - left_count, wanted_count)

    async with asyncio.TaskGroup() as tasks:
        looking = tasks.create_task(_look(show))
        async with asyncio.TaskGroup() as courts:
            running = [
                courts.create_task(_court(stack, inbox, exchange, faults, seen))
                for inbox in exchange.inboxes.values()
            ]
        looking.cancel()
    show()
    reports = [task.result() for task in running]
    total = TrackerReport(*(sum(column) for column in zip(*map(_figures, reports), strict=True)))
    return Tracked(total, +faults, (now_ns() - begun_ns) / 1e9)


def _figures(report: TrackerReport) -> tuple[int, ...]:
    return report.cases, report.events, report.nodes_done, report.due_soon, report.overdue


async def _look(show: Callable[[], None]) -> None:
    """Until cancelled."""
    while True:
        show()
        await asyncio.sleep(LOOK_EVERY_S)


async def _court(
    stack: Stack, inbox: Inbox, exchange: Exchange, faults: Counter[str], everybody: list[_Seen]
) -> TrackerReport:
    answered = [inquiry for _, inquiry in exchange.answered(inbox.court)]
    cases = registrations(inbox.court, answered, date_of(now_ns()))
    async with stack.court(inbox.court) as gateway, stack.tracker_court(inbox.court) as tracker:
        stub = TrackerStub(tracker.channel)
        await _register(stub, cases, faults)
        holds = await Controls(gateway.channel).holds(ended=True)
        tracked = {one.case.case_number for one in cases}
        in_force = [one for one in holds if one.effective_from and one.case_number in tracked]
        awaited = {f"inquiry-{inquiry_id}-ended" for inquiry_id in inbox.finals}
        awaited |= {f"hold-{one.hold_id}-effective" for one in in_force}
        seen = _Seen(awaited, len(awaited))
        everybody.append(seen)
        try:
            async with asyncio.timeout(FOLLOW_S_MAX):
                await _watch(stub, seen)
        except TimeoutError:
            faults["event_missing"] += len(seen.awaited)
        clean = {inquiry_id for inquiry_id, coverage in inbox.finals.items() if is_nothing_there(coverage)}
        faults["without_property_wrongly"] += len(seen.without_property - clean)
        return await _report(stub, len(cases), seen.event_count)


def is_nothing_there(coverage: Coverage) -> bool:
    """Every query ended NONE or INCAPABLE."""
    return coverage.none + coverage.incapable == coverage.total


async def _register(
    stub: "TrackerAsyncStub", cases: Sequence[RegisterCaseRequest], faults: Counter[str]
) -> None:
    def messages() -> Iterator[RegisterCasesRequest]:
        for start in range(0, len(cases), CASES_PER_MESSAGE):
            yield RegisterCasesRequest(registrations=cases[start : start + CASES_PER_MESSAGE], tag=start)

    async for response in stub.RegisterCases(messages(), timeout=CALL_S_MAX):
        faults["case_refused"] += response.refused + bool(response.error.code)


async def _watch(stub: "TrackerAsyncStub", seen: _Seen) -> None:
    """Take events until all that are awaited have come."""
    call = stub.WatchEvents(WatchEventsRequest())
    try:
        async for response in call:
            seen.event_count += len(response.events)
            for event in response.events:
                _take(seen, event)
            if not seen.awaited:
                return
    finally:
        call.cancel()


def _take(seen: _Seen, event: Event) -> None:
    seen.awaited.discard(event.event_id)
    if event.kind == "without_property":
        seen.without_property.add(int(event.detail.inquiry))


async def _report(stub: "TrackerAsyncStub", case_count: int, event_count: int) -> TrackerReport:
    statistics = await stub.GetStatistics(GetStatisticsRequest(), timeout=CALL_S_MAX)
    due_soon = 0
    for urgency in (URGENCY_AMBER, URGENCY_RED):
        request = ListNodesRequest(urgency=urgency, page_size=PAGE_SIZE)
        while True:
            page = await stub.ListNodes(request, timeout=CALL_S_MAX)
            due_soon += len(page.nodes)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
    return TrackerReport(
        cases=case_count,
        events=event_count,
        nodes_done=sum(one.done for one in statistics.figures),
        due_soon=due_soon,
        overdue=sum(one.overdue for one in statistics.figures),
    )
