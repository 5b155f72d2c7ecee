"""Memory: what an open broadcast inquiry costs, beyond its encoded bytes.

The resident memory of this process, from an Engine over the whole directory on: everything that admission
takes, also room in tables that have just doubled, and the batches that are out; less the bytes of the frames,
which are the inquiries themselves. A figure is taken at every step, so tables are met full and half empty. It
is right only in a process that has not freed much before; the runner starts one for it.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import psutil

from benchmarks.bench.answering import open_engine
from benchmarks.bench.messages import COURT, Template
from benchmarks.bench.result import Result, curve, expect
from benchmarks.bench.wave import NOW_NS, SEND_BYTES_MAX
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope
from gateway.directory import Directory

if TYPE_CHECKING:
    from gateway._core import Batch

NAME = "memory.bytes_per_open_inquiry"
MESSAGE_COUNT = 4_000


def measure(quick: bool) -> Iterable[Result]:
    """Seconds."""
    yield over_open_inquiries(200_000 if quick else 1_000_000, 20_000 if quick else 50_000)


def over_open_inquiries(open_max: int, step_count: int) -> Result:
    """Grow to `open_max` and look at every step from the middle on; the curve has all of them."""
    process = psutil.Process()
    engine = open_engine(Directory.load(), inquiries_max=open_max)
    template = Template(Scope(reach=REACH_ALL))
    out: list[Batch] = []
    frame_bytes = 0
    template.message(np.arange(MESSAGE_COUNT))  # what making messages takes is there before
    empty_bytes = process.memory_info().rss
    steps: list[tuple[int, int, int]] = []
    for first, last in pairwise(range(0, open_max + 1, step_count)):
        for at in range(first, last, MESSAGE_COUNT):
            count = min(MESSAGE_COUNT, last - at)
            checked = engine.check(template.message(np.arange(at, at + count)), COURT, NOW_NS)
            frame = checked.frame
            frame_bytes += len(frame)
            engine.admit(frame, 1, NOW_NS)
            del checked, frame  # else the last message, twice over, counts among what the Engine holds
        # Endpoints take what they may have unanswered, and answer nothing.
        out += engine.take_batches(NOW_NS, SEND_BYTES_MAX)
        expect("open inquiries", engine.open_inquiries(), last)
        steps.append((last, process.memory_info().rss - empty_bytes, frame_bytes))
    late = steps[len(steps) // 2 :]
    return Result(
        NAME,
        "bytes",
        tuple((resident - encoded) / count for count, resident, encoded in late),
        extra={
            "encoded_bytes_per_inquiry": round(frame_bytes / open_max, 1),
            "batches_out": len(out),
            "curves": {
                "memory.resident_bytes_over_open_inquiries": curve(
                    "open inquiries", "bytes", [(count, resident) for count, resident, _ in steps]
                ),
                "memory.encoded_bytes_over_open_inquiries": curve(
                    "open inquiries", "bytes", [(count, encoded) for count, _, encoded in steps]
                ),
            },
        },
    )
