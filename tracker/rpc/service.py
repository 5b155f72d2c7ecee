"""Service: the methods of chakong.tracker.v1.Tracker, as gRPC is told of them.

What a call does is in cases, bulk, nodes, figures and watch.
"""

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import grpc

from chakong.tracker.v1 import tracker_pb2
from runtime import requests
from runtime.guard import Context, Guard
from runtime.identity import TRACKER, Identity
from runtime.server import Methods
from tracker.rpc.cases import CLOSE, EXTEND, REOPEN, RESUME, STOP

if TYPE_CHECKING:
    from runtime.guard import CallCounts
    from tracker.rpc.bulk import Bulk
    from tracker.rpc.cases import Cases
    from tracker.rpc.figures import Figures
    from tracker.rpc.nodes import Nodes
    from tracker.rpc.watch import EventsWatch

SERVICE: Final = "chakong.tracker.v1.Tracker"


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the calls do."""

    cases: "Cases"
    bulk: "Bulk"
    nodes: "Nodes"
    figures: "Figures"
    watch: "EventsWatch"


def tracker_methods(handlers: Handlers, counts: "CallCounts", *, plaintext: bool) -> Methods:
    """The service's handlers, each behind a guard."""
    guard = Guard(TRACKER, counts, plaintext=plaintext)
    cases, bulk, nodes, figures = handlers.cases, handlers.bulk, handlers.nodes, handlers.figures

    async def watch_events(caller: Identity, message: bytes, context: Context) -> None:
        request = requests.read(tracker_pb2.WatchEventsRequest, message)
        async with aclosing(handlers.watch.follow(caller.court, request)) as responses:
            async for response in responses:
                await context.write(response)

    handler = grpc.method_handlers_generic_handler(
        SERVICE,
        {
            "RegisterCase": guard.unary("RegisterCase", cases.register),
            "RegisterCases": guard.streaming("RegisterCases", bulk.register),
            "RecordEvent": guard.unary("RecordEvent", cases.record),
            "RecordEvents": guard.streaming("RecordEvents", bulk.record),
            "GetCase": guard.unary("GetCase", cases.get),
            "ListNodes": guard.unary("ListNodes", nodes.list_nodes),
            "StopClock": guard.unary("StopClock", cases.recording(STOP)),
            "ResumeClock": guard.unary("ResumeClock", cases.recording(RESUME)),
            "ExtendNode": guard.unary("ExtendNode", cases.recording(EXTEND)),
            "CloseCase": guard.unary("CloseCase", cases.recording(CLOSE)),
            "ReopenCase": guard.unary("ReopenCase", cases.recording(REOPEN)),
            "EndForNow": guard.unary("EndForNow", cases.end_for_now),
            "CheckEnding": guard.unary("CheckEnding", cases.check_ending),
            "WatchEvents": guard.serving("WatchEvents", watch_events),
            "GetStatistics": guard.unary("GetStatistics", figures.get),
            "ListSeries": guard.unary("ListSeries", figures.series),
        },
    )
    return Methods(SERVICE, handler)
