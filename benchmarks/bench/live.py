"""Live: an Engine that holds so many open targeted inquiries, and more that can be put to it.

A live entry is an inquiry that was really checked and admitted and has no answer yet. It stands in all three
tables that an inquiry is looked up in or put into: order ids, questions, inquiries by id. Telling the Engine
of used order ids alone (`recall_orders`) would fill one of the three. Endpoints are closed: nothing is cut,
and what waits goes on waiting until `serve` answers the oldest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from benchmarks.bench.answering import Answering, open_engine
from benchmarks.bench.messages import COURT, Numbers, Template
from benchmarks.bench.result import expect
from benchmarks.bench.wave import NOW_NS, read_answers
from chakong.gateway.v1 import gateway_pb2
from gateway.directory import Directory
from gateway.directory.model import INQUIRE

FILL_COUNT = 8_000
MESSAGE_COUNT = 4_000
RUN_COUNT_MAX = 20_000
# Beyond the live ones: what the runs themselves admit.
ROOM_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """Messages for one run, how many inquiries are in them, and how many of these ask what is open."""

    messages: tuple[bytes, ...]
    count: int
    joined_count: int


class Targets:
    """Makes messages whose inquiries go to one institution each, to all endpoints in turn."""

    def __init__(self, directory: Directory) -> None:
        self._template = Template()
        self._institutions: Numbers = np.array(
            [
                max(index for index in endpoint.institutions if INQUIRE in directory.institutions[index].can)
                for endpoint in directory.endpoints
                if any(INQUIRE in directory.institutions[index].can for index in endpoint.institutions)
            ],
            np.int64,
        )
        self._next = 0

    def message(self, count: int) -> bytes:
        """`count` inquiries with new order ids, each about a subject of its own."""
        orders = np.arange(self._next, self._next + count)
        self._next += count
        return self._of(orders, orders)

    def again(self, first: int, count: int) -> bytes:
        """The same bytes as were made for these order numbers."""
        orders = np.arange(first, first + count)
        return self._of(orders, orders)

    def loads(self, live_count: int, run_count: int, joined_share: float = 0.0) -> list[Load]:
        """One for each run. A run adds at most a tenth of what is live; `joined_share` of it, at most 0.3,
        asks the same institution the same that another inquiry asked, which is still open."""
        count = min(RUN_COUNT_MAX, live_count // 10)
        return [self._load(count, live_count, joined_share) for _ in range(run_count)]

    def _load(self, count: int, live_count: int, joined_share: float) -> Load:
        orders = np.arange(self._next, self._next + count)
        self._next += count
        # The last ones of each ten ask what others asked, half of the live ones before: of the first ones of
        # a ten.
        is_joined = orders % 10 >= round(10 * (1 - joined_share))
        subjects = np.where(is_joined, orders - (live_count // 20 * 10 + 3), orders)
        cuts = [slice(at, at + MESSAGE_COUNT) for at in range(0, count, MESSAGE_COUNT)]
        messages = tuple([self._of(orders[cut], subjects[cut]) for cut in cuts])
        return Load(messages, count, int(is_joined.sum()))

    def _of(self, orders: Numbers, subjects: Numbers) -> bytes:
        return self._template.message(
            orders, subjects, self._institutions[subjects % len(self._institutions)]
        )


class LiveEngine:
    """Grows to as many live inquiries as it is told; the limits leave room for `live_max`."""

    def __init__(self, directory: Directory, live_max: int) -> None:
        count_max = live_max + ROOM_COUNT
        self.engine = open_engine(directory, is_open=False, inquiries_max=count_max, asks_max=count_max)
        self.open_count = 0
        self._directory = directory
        self._answering = Answering(directory, found_count=0)
        self._served = 0

    def take(self, messages: Sequence[bytes]) -> None:
        """Check and admit; this is what is timed. The caller has it `counted`."""
        engine = self.engine
        for message in messages:
            checked = engine.check(message, COURT, NOW_NS)
            if checked.accepted:
                engine.admit(checked.frame, 1, NOW_NS)

    def counted(self, count: int) -> None:
        """All of what was taken was new, and is open."""
        self.open_count += count
        expect("open inquiries", self.engine.open_inquiries(), self.open_count)

    def serve(self, count: int) -> None:
        """Answer at least `count` of the live ones, oldest first, one batch of one endpoint after the other.

        What is admitted next finds their memory free: a gateway that has run for a while does not grow.
        """
        left = self.open_count - count
        while self.open_count > left:
            endpoint = self._served % len(self._directory.endpoints)
            self._served += 1
            self.engine.open_endpoint(endpoint, 1)
            batches = self.engine.take_batches(NOW_NS, 1)
            self.engine.open_endpoint(endpoint, 0)
            for batch in batches:
                settled = self.engine.settle(endpoint, self._answering.reply(batch), NOW_NS)
                expect("fault of a reply", settled.fault, 0)
            self.collect()
        expect("open inquiries", self.engine.open_inquiries(), self.open_count)

    def collect(self) -> None:
        """Take the answers that came about: whoever joined what was answered already has one at once."""
        self.open_count -= read_answers(self.engine.take_answers(NOW_NS)).answer_count

    def timed_ns(self, load: Load) -> float:
        """Take it; an inquiry's time in check and admit."""
        start_ns = perf_counter_ns()
        self.take(load.messages)
        ns = perf_counter_ns() - start_ns
        self.counted(load.count)
        return ns / load.count

    def fill(self, targets: Targets, live_count: int) -> None:
        """Admit until so many are live."""
        while self.open_count < live_count:
            count = min(FILL_COUNT, live_count - self.open_count)
            self.take([targets.message(count)])
            self.counted(count)

    def expect_known(self, targets: Targets, first: int, count: int) -> None:
        """These were admitted: the same again gets the first receipts, and the same questions are joined."""
        checked = self.engine.check(targets.again(first, count), COURT, NOW_NS)
        expect("inquiries repeated", (checked.accepted, checked.repeated), (0, count))
        response = gateway_pb2.SubmitBulkResponse.FromString(checked.response)
        reasons = {verdict.reason for verdict in response.verdicts}
        expect("reasons of the repeated", reasons, {gateway_pb2.REASON_SAME_RECEIPT})
