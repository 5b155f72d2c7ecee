"""Tracker register: cases registered a second over one bulk stream, each acknowledged once it is durable.

Client and tracker are processes of their own on this machine's cores; messages are encoded before. Each case
comes with two events, on days that differ; what was registered is counted, and some are asked for.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.services.tracker_server import Called, as_court, serving
from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.calendar import add_days, date_of
from runtime.clock import now_ns
from tracker.rpc.bulk import IN_FLIGHT_MAX

NAME: Final = "tracker.register_per_second"
COURT: Final = "京0105"
PER_MESSAGE: Final = 4_096
DAYS: Final = 180


def measure(quick: bool) -> Iterable[Result]:
    """A new database for each run; the first message of each warms up."""
    message_count, run_count = (5, 1) if quick else (50, 3)
    messages = [message(tag) for tag in range(message_count + 1)]
    with scratch_folder() as folder:
        rates = []
        for run in range(run_count):
            path = folder / f"run-{run}"
            path.mkdir()
            rates.append(asyncio.run(registered(path, messages)))
    count = message_count * PER_MESSAGE
    yield Result(NAME, "cases/s", tuple(rates), extra={"cases": count, "events": 2 * count})


def message(tag: int) -> bytes:
    """An encoded message of cases."""
    today = date_of(now_ns())
    registrations = []
    for place in range(PER_MESSAGE):
        number = tag * PER_MESSAGE + place
        filed = add_days(today, -(number % DAYS))
        events = [event("application_received", add_days(filed, -2)), event("filing", filed)]
        case = case_pb2.Case(case_number=case_number(number), handler=f"judge-{number % 40}")
        registrations.append(tracker_pb2.RegisterCaseRequest(case=case, events=events))
    request = tracker_pb2.RegisterCasesRequest(registrations=registrations, tag=tag)
    return request.SerializeToString()


def case_number(number: int) -> str:
    """As courts write them."""
    return f"(2026){COURT}执{number}号"


def event(kind: str, effective: int) -> case_pb2.Event:
    """An event of an officer."""
    return case_pb2.Event(event_id=kind, kind=kind, effective=effective, officer="officer-1")


async def registered(folder: Path, messages: list[bytes]) -> float:
    """Cases a second, from the first message after the one that warms up to the last acknowledgement."""
    async with serving(folder, f"sqlite:///{folder}/tracker.db") as called:
        requests = [tracker_pb2.RegisterCasesRequest.FromString(one) for one in messages]
        stream = called.stub.RegisterCases(metadata=as_court(COURT))
        await stream.write(requests[0])
        await read(stream)
        start_ns = perf_counter_ns()
        waiting = 0
        for request in requests[1:]:
            if waiting == IN_FLIGHT_MAX:
                await read(stream)
                waiting -= 1
            await stream.write(request)
            waiting += 1
        for _ in range(waiting):
            await read(stream)
        seconds = (perf_counter_ns() - start_ns) / 1e9
        await stream.done_writing()
        await check(called, len(messages) * PER_MESSAGE)
    return (len(messages) - 1) * PER_MESSAGE / seconds


async def read(stream: Any) -> None:
    """One acknowledgement, of all of its message."""
    response = await stream.read()
    expect("registered", response.registered, PER_MESSAGE)


async def check(called: Called, count: int) -> None:
    """Some of the cases are there, with their nodes."""
    for number in (0, count // 2, count - 1):
        request = tracker_pb2.GetCaseRequest(case_number=case_number(number))
        view = await called.call("GetCase", request, as_court(COURT))
        expect("events", len(view.history), 2)
        expect("closing", sum(1 for node in view.nodes if node.number == 31 and node.due), 1)
