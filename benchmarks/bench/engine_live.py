"""Engine, live: waves through an Engine that holds many open inquiries beside them.

The wave is urgent, so endpoints get its batches before what has waited longer, and each is closed again after
as many as it is due: what was live stays live. Two kinds: everybody asked about distinct subjects, and the
mixed one, of which each ten inquiries are five at everybody, two at all banks, and three that repeat one of
these for another case. Time is that of admit, cut, settle and answer, by query.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.bench.answering import Answering
from benchmarks.bench.live import LiveEngine
from benchmarks.bench.messages import Numbers, Template
from benchmarks.bench.result import expect
from benchmarks.bench.streams import COURTS
from benchmarks.bench.timing import Watch
from benchmarks.bench.wave import NOW_NS, SEND_BYTES_MAX, read_answers
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, REACH_BANKS, URGENCY_URGENT, Reach, Scope
from gateway._core import Answers
from gateway.directory import Directory

WAVE_COUNT = 4_000
TEN = 10
# Of each ten: at everybody, at all banks; what is left repeats the first ones.
EVERYBODY_COUNT, BANKS_COUNT = 5, 2
NEW_COUNT = EVERYBODY_COUNT + BANKS_COUNT
# Far from the numbers of what is live.
FIRST_ORDER = 100_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """Orders with one scope, the subjects they are about, and how many institutions each concerns."""

    template: Template
    orders: Numbers
    subjects: Numbers
    concerned_count: int


class LiveWaves:
    """Beside the live inquiries of `live`."""

    def __init__(self, live: LiveEngine, directory: Directory) -> None:
        self._live = live
        self._answering = Answering(directory)
        # Its own court: its answers are told from those of the live ones.
        self._court = COURTS[-1]
        banks = {one.index for one in directory.institutions if not one.is_unit}
        self._everybody = self._scope(REACH_ALL, len(directory.institutions))
        self._banks = self._scope(REACH_BANKS, len(banks))
        # Who is due a batch of everybody's log, and who one of the banks' besides.
        self._endpoints = [one.index for one in directory.endpoints]
        self._bank_endpoints = [one.index for one in directory.endpoints if banks & set(one.institutions)]
        self._next = FIRST_ORDER

    def broadcast_ns(self) -> float:
        """Nanoseconds a query of one wave at everybody."""
        orders = self._orders()
        template, count = self._everybody
        return self._run([Part(template, orders, orders, count)], [self._endpoints])

    def mixed_ns(self) -> float:
        """The same of the mixed one, over all queries, those that joined another included."""
        orders = self._orders()
        place = orders % TEN
        subjects = np.where(place >= NEW_COUNT, orders - NEW_COUNT, orders)
        is_banks = subjects % TEN >= EVERYBODY_COUNT
        parts = [
            Part(template, orders[chosen], subjects[chosen], count)
            for (template, count), chosen in ((self._everybody, ~is_banks), (self._banks, is_banks))
        ]
        return self._run(parts, [self._endpoints, self._bank_endpoints])

    def _scope(self, reach: Reach.ValueType, concerned_count: int) -> tuple[Template, int]:
        return Template(Scope(reach=reach), self._court, urgency=URGENCY_URGENT), concerned_count

    def _orders(self) -> Numbers:
        orders = np.arange(self._next, self._next + WAVE_COUNT)
        self._next += WAVE_COUNT
        return orders

    def _run(self, parts: list[Part], turns: list[list[int]]) -> float:
        """WrongAnswerError unless each inquiry is answered in full, and what was live still is."""
        engine = self._live.engine
        joined_before = engine.stats()["queries_joined"]
        watch = Watch()
        for part in parts:
            checked = engine.check(part.template.message(part.orders, part.subjects), self._court, NOW_NS)
            expect("inquiries accepted", checked.accepted, len(part.orders))
            frame = checked.frame
            with watch.running():
                engine.admit(frame, 1, NOW_NS)
        answers = self._answered(watch, turns)
        ended = read_answers(answers)
        query_count = sum(len(part.orders) * part.concerned_count for part in parts)
        expect("final answers", ended.answer_count, sum(len(part.orders) for part in parts))
        expect("queries ended", ended.total, query_count)
        expect("queries joined", engine.stats()["queries_joined"] - joined_before, ended.joined)
        expect("live inquiries", engine.open_inquiries(), self._live.open_count)
        return watch.ns / query_count

    def _answered(self, watch: Watch, turns: list[list[int]]) -> list[Answers]:
        """Let these endpoints answer one batch each, turn by turn."""
        engine = self._live.engine
        answers: list[Answers] = []
        for endpoints in turns:
            for endpoint in endpoints:
                engine.open_endpoint(endpoint, 1)
            with watch.running():
                batches = engine.take_batches(NOW_NS, SEND_BYTES_MAX)
            for endpoint in endpoints:
                engine.open_endpoint(endpoint, 0)
            replies = self._answering.replies(batches)
            with watch.running():
                faults = [engine.settle(endpoint, reply, NOW_NS).fault for endpoint, reply in replies]
                answers += engine.take_answers(NOW_NS)
            expect("replies refused", sum(map(bool, faults)), 0)
        return answers
