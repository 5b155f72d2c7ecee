"""Stage: Engines brought to where a module's work begins, and what is said to them there.

All of it lies outside what is measured. Subjects and orders are counted: the same number is the same person.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.bench.answering import Answering
from benchmarks.bench.messages import Template
from benchmarks.engine.world import COURT, NOW_NS, SEND_BYTES_MAX, World
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope
from chakong.institution.v1.institution_pb2 import Entry
from gateway._core import Batch, Checked, Engine
from gateway.directory import Directory

FIRST_BANK = 3_000
BANK_COUNT = 700
# Log sets times urgencies: everybody, NORMAL.
LOG_ALL_NORMAL = 1
TODAY = 20_260_529

Said = list[tuple[int, bytes]]


def broadcast(count: int, first: int = 0) -> bytes:
    """A message of inquiries at everybody."""
    return Template(Scope(reach=REACH_ALL)).message(np.arange(first, first + count))


def targeted(count: int, first: int = 0) -> bytes:
    """A message of inquiries at one bank each, 700 banks in turn."""
    orders = np.arange(first, first + count)
    return Template().message(orders, institutions=FIRST_BANK + orders % BANK_COUNT)


def again(count: int, subjects_first: int) -> bytes:
    """Further orders about the subjects of `broadcast(count, subjects_first)`."""
    subjects = np.arange(subjects_first, subjects_first + count)
    return Template(Scope(reach=REACH_ALL)).message(subjects + 1_000_000, subjects=subjects)


def entry() -> Entry:
    """An inquiry as a batch carries it, without kind and institutions."""
    inquiry = load_inquiry(COURT, "b-1", 1)
    return Entry(mandate=inquiry.mandate, subject=inquiry.subject)


def checked(engine: Engine, message: bytes, now_ns: int = NOW_NS) -> Checked:
    """Its verdict; AssertionError unless something of it was accepted."""
    verdict = engine.check(message, COURT, now_ns)
    assert verdict.accepted, verdict.error
    return verdict


def admitted(directory: Directory, *messages: bytes) -> World:
    """A world of its own, with these messages admitted, a frame each."""
    world = World.new(directory)
    for seq, message in enumerate(messages, 1):
        world.engine.admit(checked(world.engine, message).frame, seq, NOW_NS)
    return world


def batches(world: World) -> list[Batch]:
    """All that can be sent now, handed out."""
    return world.engine.take_batches(NOW_NS, SEND_BYTES_MAX)


def nothing_found(world: World, cut: Sequence[Batch]) -> Said:
    """Everybody answers, and has nothing."""
    return [(batch.endpoint, world.reply(batch)) for batch in cut]


def five_found(directory: Directory, cut: Sequence[Batch]) -> tuple[Said, int]:
    """Everybody answers, five institutions with a record of each subject; the replies, and all findings."""
    answering = Answering(directory)
    return answering.replies(cut), answering.finding_count


def answered(directory: Directory, *messages: bytes) -> World:
    """All the way to where answers are to be made: every reply is taken, and has nothing."""
    world = admitted(directory, *messages)
    while cut := batches(world):
        for endpoint, reply in nothing_found(world, cut):
            assert world.engine.settle(endpoint, reply, NOW_NS).fault == 0
    return world
