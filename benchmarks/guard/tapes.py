"""Tapes: the days that are counted. A wave to everybody, the sample with all its scopes, and single banks."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from benchmarks.bench.answering import Answering
from benchmarks.bench.engine_mixed import sample_messages
from benchmarks.bench.messages import COURT, Template
from benchmarks.guard.tape import KEY, Tape, record
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope
from gateway._core import Engine
from gateway.directory import Directory

BROADCAST_COUNT = 1_000
TARGETED_COUNT = 4_000
FIRST_BANK = 3_000
BANK_COUNT = 700
MIXED_MESSAGES = 3


def tapes() -> Iterator[tuple[str, Tape]]:
    """Name and tape of each, made now."""
    directory = Directory.load()
    broadcast = Template(Scope(reach=REACH_ALL)).message(np.arange(BROADCAST_COUNT))
    orders = np.arange(TARGETED_COUNT)
    targeted = Template().message(orders, institutions=FIRST_BANK + orders % BANK_COUNT)
    days = {
        "engine.broadcast": [(COURT, broadcast)],
        "engine.mixed": list(islice(sample_messages(), MIXED_MESSAGES)),
        "engine.targeted": [(COURT, targeted)],
    }
    for name, messages in days.items():
        answering = Answering(directory)
        engine = Engine(KEY)
        yield (
            name,
            record(engine, directory.snapshot(), len(directory.endpoints), messages, answering.replies),
        )
