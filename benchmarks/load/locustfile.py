"""The users of a load: courts that submit one by one, courts that submit in bulk, courts that watch.

Run by Locust (benchmarks.load starts it). Open model: a call is due by schedule, its latency counts from
then, and a call that finds too many unanswered is a failure of its own, never a pause.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import gevent
import grpc
from gevent.pool import Pool
from gevent.queue import Queue
from grpc.experimental import gevent as grpc_gevent  # type: ignore[attr-defined]  # not in the stubs
from locust import User, constant, events, task
from locust.exception import StopUser

from benchmarks.court import Credentials
from benchmarks.load.schedule import NS_PER_S, arrivals_ns
from benchmarks.subjects import SUBJECT_COUNT, load_inquiry
from chakong.gateway.v1.gateway_pb2 import (
    STAGE_FINAL,
    Answer,
    SubmitBulkRequest,
    SubmitBulkResponse,
    SubmitRequest,
    WatchRequest,
)
from chakong.gateway.v1.gateway_pb2_grpc import GatewayStub
from runtime.chance import Chance
from runtime.clock import now_ns
from runtime.data import courts

CALL_S_MAX = 30.0
# Unanswered calls of one user; more means that the gateway does not keep up.
UNANSWERED_MAX = 2_000
BULK_INQUIRIES = 100
SETTLE_S_MAX = 10.0
NS_PER_MS = 1_000_000


@events.init.add_listener  # type: ignore[untyped-decorator]
def drive_grpc_by_gevent(**_event: object) -> None:
    """Locust has patched the standard library; grpc must follow before any channel is made."""
    grpc_gevent.init_gevent()


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def add_arguments(parser: ArgumentParser) -> None:
    """What benchmarks.load tells this file."""
    parser.add_argument("--gateway", required=True, help="host:port")
    parser.add_argument("--certs", required=True, help="folder of `chakong certs`")
    parser.add_argument("--user-rate", type=float, required=True, help="inquiries a second of each submitter")
    parser.add_argument("--seconds", type=float, required=True, help="how long inquiries arrive")


class CourtUser(User):
    """What the three kinds have in common: a court's channel, and telling Locust what happened."""

    abstract = True
    wait_time = constant(0)
    # One number for each user of this process; it makes subjects, orders and chance differ between them.
    numbers: Iterator[int] = count()

    def on_start(self) -> None:
        """Open the channel of one of the courts."""
        options = self.environment.parsed_options
        self.number = next(CourtUser.numbers)
        codes = [row["code"] for row in courts()]
        self.code = codes[self.number % len(codes)]
        folder = Path(options.certs)
        files = (folder / "ca.pem", folder / f"court-{self.code}.pem", folder / f"court-{self.code}.key")
        channel_options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.secure_channel(options.gateway, Credentials(*files).load(), channel_options)
        self.stub = GatewayStub(self.channel)
        self.chance = Chance(self.number)
        # Orders of an earlier run of the same gateway must not come again.
        self.run_word = Chance().token(6).hex()
        self.sent_count = 0

    def on_stop(self) -> None:
        """Close the channel; what is still open on it ends as cancelled."""
        self.channel.close()

    def next_inquiry(self) -> Any:
        """An inquiry that no user of this load has sent."""
        self.sent_count += 1
        number = (self.sent_count * 1_009 + self.number * 7_919_017) % SUBJECT_COUNT
        return load_inquiry(self.code, f"{self.run_word}-{self.sent_count}", number)

    def tell(self, kind: str, name: str, since_ns: int, size: int, error: Exception | None = None) -> None:
        """Record one event with its latency since `since_ns`."""
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=(now_ns() - since_ns) / NS_PER_MS,
            response_length=size,
            exception=error,
            context={},
        )

    def due(self, rate_per_s: float) -> Iterator[int]:
        """Sleep from arrival to arrival; yields when each was due."""
        start_ns = now_ns()
        for after_ns in arrivals_ns(rate_per_s, self.environment.parsed_options.seconds, self.chance):
            due_ns = start_ns + after_ns
            gevent.sleep(max(0, due_ns - now_ns()) / NS_PER_S)
            yield due_ns


class UnaryCourt(CourtUser):
    """Submits one inquiry a call."""

    @task
    def submit(self) -> None:
        """All arrivals of the run; then this user is done."""
        unanswered = Pool(UNANSWERED_MAX)
        for due_ns in self.due(self.environment.parsed_options.user_rate):
            if unanswered.full():
                self.tell(
                    "unary", "Submit", due_ns, 0, OverflowError(f"over {UNANSWERED_MAX} unanswered calls")
                )
            else:
                unanswered.spawn(self.submit_one, due_ns)
        unanswered.join(SETTLE_S_MAX)
        raise StopUser

    def submit_one(self, due_ns: int) -> None:
        """One call, late or not; its latency counts from when it was due."""
        inquiry = self.next_inquiry()
        try:
            receipt = self.stub.Submit(SubmitRequest(inquiry=inquiry), timeout=CALL_S_MAX)
        except grpc.RpcError as error:
            self.tell("unary", "Submit", due_ns, 0, error)
            return
        is_right = receipt.order_id == inquiry.order_id and receipt.inquiry_id > 0 and not receipt.repeated
        fault = None if is_right else ValueError("receipt does not fit the order")
        self.tell("unary", "Submit", due_ns, receipt.ByteSize(), fault)


class BulkCourt(CourtUser):
    """Submits messages of BULK_INQUIRIES inquiries on one stream."""

    fixed_count = 2

    @task
    def submit(self) -> None:
        """All arrivals of the run; then this user is done."""
        messages: Any = Queue(UNANSWERED_MAX)
        sent_ns: dict[int, int] = {}
        call: Any = self.stub.SubmitBulk(iter(messages.get, None))
        reading = gevent.spawn(self.read, call, sent_ns)
        for tag, due_ns in enumerate(self.due(self.environment.parsed_options.user_rate / BULK_INQUIRIES)):
            inquiries = [self.next_inquiry() for _ in range(BULK_INQUIRIES)]
            sent_ns[tag] = due_ns
            messages.put(SubmitBulkRequest(inquiries=inquiries, tag=tag), timeout=CALL_S_MAX)
        messages.put(None)
        reading.join(SETTLE_S_MAX)
        call.cancel()
        for due_ns in sent_ns.values():
            self.tell("bulk", f"SubmitBulk x{BULK_INQUIRIES}", due_ns, 0, TimeoutError("not acknowledged"))
        raise StopUser

    def read(self, call: Iterator[SubmitBulkResponse], sent_ns: dict[int, int]) -> None:
        """Acknowledgements as they come."""
        name = f"SubmitBulk x{BULK_INQUIRIES}"
        try:
            for response in call:
                is_right = response.accepted == BULK_INQUIRIES and not response.error.code
                told = f"accepted {response.accepted}, error {response.error.code}"
                fault = None if is_right else ValueError(told)
                self.tell("bulk", name, sent_ns.pop(response.tag), response.ByteSize(), fault)
        except grpc.RpcError as error:
            self.tell("bulk", name, now_ns(), 0, error)


class WatchingCourt(CourtUser):
    """Watches the answers of its court; the latency of an answer counts from the admission of its inquiry."""

    fixed_count = 2

    @task
    def watch(self) -> None:
        """Until the run is over."""
        try:
            for response in self.stub.Watch(WatchRequest()):
                for answer in response.answers:
                    name = "FINAL answer" if answer.stage == STAGE_FINAL else "other answer"
                    fault = None if adds_up(answer) else ValueError("coverage does not add up")
                    self.tell("watch", name, answer.admitted_ns, answer.ByteSize(), fault)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.CANCELLED:
                self.tell("watch", "Watch", now_ns(), 0, error)
                gevent.sleep(1)


def adds_up(answer: Answer) -> bool:
    """The first promise of a coverage."""
    coverage = answer.coverage
    ended = coverage.found + coverage.none + coverage.ambiguous + coverage.refused + coverage.incapable
    ended += coverage.late + coverage.unreachable + coverage.cancelled
    return bool(coverage.total == coverage.open + ended)
