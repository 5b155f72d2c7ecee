"""Frames: what the gateway writes into its journal, as the Engine makes it of broadcast inquiries.

Real admissions with their order ids, and real answers with some records found; never written by hand.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.bench.answering import Answering, open_engine
from benchmarks.bench.messages import COURT, Template
from benchmarks.bench.result import expect
from benchmarks.bench.wave import NOW_NS, SEND_BYTES_MAX, read_answers
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope
from gateway.directory import Directory
from gateway.edge.journal import ADMISSION, ANSWER, Frame


class FrameSource:
    """Inquiry ids rise from frame to frame, over all calls, as in one journal."""

    def __init__(self, directory: Directory) -> None:
        self._engine = open_engine(directory)
        self._answering = Answering(directory)
        self._template = Template(Scope(reach=REACH_ALL))
        self._made_count = 0

    @property
    def found_count(self) -> int:
        """Records found so far."""
        return self._answering.finding_count

    def wave(self, count: int, message_count: int) -> Iterator[Frame]:
        """Admissions of `count` inquiries in messages of `message_count`, then their final answers."""
        for at in range(0, count, message_count):
            yield self._admission(min(message_count, count - at))
        while batches := self._engine.take_batches(NOW_NS, SEND_BYTES_MAX):
            for endpoint, reply in self._answering.replies(batches):
                expect("fault of a reply", self._engine.settle(endpoint, reply, NOW_NS).fault, 0)
        answers = self._engine.take_answers(NOW_NS)
        expect("final answers", read_answers(answers).answer_count, count)
        for message in answers:
            yield Frame(ANSWER, message.message, NOW_NS, message.court, finals=message.finals)

    def _admission(self, count: int) -> Frame:
        orders = np.arange(self._made_count, self._made_count + count)
        checked = self._engine.check(self._template.message(orders), COURT, NOW_NS)
        expect("inquiries accepted", checked.accepted, count)
        self._made_count += count
        self._engine.admit(checked.frame, 1, NOW_NS)
        return Frame(
            ADMISSION,
            checked.frame,
            NOW_NS,
            COURT,
            first_inquiry_id=checked.first_inquiry_id,
            inquiry_count=count,
            orders=checked.orders,
        )
