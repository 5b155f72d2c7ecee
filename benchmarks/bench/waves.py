"""Waves: inquiries of everybody through a whole gateway, in rounds that are checked.

Every inquiry of a stack's life is about another subject, so nothing is shared between two of them. Between
rounds all comes to rest: a round finds no work of the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.bench.answered import NOBODY, Answered, Checker, Mute, Wanted
from benchmarks.bench.messages import Template
from benchmarks.bench.processes import Processes
from benchmarks.bench.stage import settled
from benchmarks.bench.streams import COURTS, Load, Round, Streams
from benchmarks.scrape import Scrape
from benchmarks.stack import Stack
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope

ENDPOINT_COUNT = 372
BATCHES = "chakong_batches_total"
SENT = "chakong_sent_bytes_total"
CUT = "chakong_batches_cut_total"
ENTRIES = "chakong_batch_entries"
CUTS = ("drained", "entries", "bytes", "segment", "again", "half", "rest")


@dataclass(frozen=True, slots=True)
class Lap:
    """A round: how long it took, its queries, and what each process did for it (seconds)."""

    seconds: float
    query_count: int
    record_count: int
    busy_s: dict[str, float]
    round: Round

    @property
    def queries_per_second(self) -> float:
        return self.query_count / self.seconds


class Waves:
    """On a stack that is up. `sent_count`: inquiries so far. `deadline_s`: theirs, 0 the gateway's default;
    `mute`: who never answers."""

    def __init__(self, stack: Stack, *, deadline_s: int = 0, mute: Mute = NOBODY) -> None:
        self._stack = stack
        self._templates = {
            court: Template(Scope(reach=REACH_ALL), court, deadline_s=deadline_s) for court in COURTS
        }
        self._checker = Checker(mute)
        self._processes = Processes(stack.pids)
        self.sent_count = 0
        # Whether a lap ends when all has come to rest.
        self.is_resting = True

    async def lap(
        self, streams: Streams, stream_count: int, message_count: int, size: int, every_s: float = 0.0
    ) -> Lap:
        """Each stream sends so many messages of `size` inquiries; WrongAnswerError for a wrong answer."""
        first = self.sent_count
        loads = self.loads(streams, stream_count, message_count, size, every_s)
        return await self.checked(streams, loads, Wanted(first, self.sent_count - first))

    def loads(
        self, streams: Streams, stream_count: int, message_count: int, size: int, every_s: float = 0.0
    ) -> list[Load]:
        """What each stream sends in such a round; it counts as sent."""
        courts = [streams.court_of(at) for at in range(stream_count)]
        count = message_count * size
        return [Load(self._messages(court, message_count, size), count, every_s) for court in courts]

    def read(self, came: Round, first: int = 0) -> Answered:
        """The answers of a round that began when `sent_count` was `first`, read. WrongAnswerError for a wrong
        one."""
        return self._checker.check(came, Wanted(first, self.sent_count - first))

    async def checked(self, streams: Streams, loads: Sequence[Load], wanted: Wanted) -> Lap:
        """A round of these, its answers read; `sent_count` knows of them."""
        self._processes.start()
        came = await streams.round(loads)
        busy_s = self._processes.seconds()
        answered = self._checker.check(came, wanted)
        if self.is_resting:
            await self.rest()
        return Lap(came.seconds, answered.query_count, answered.record_count, busy_s, came)

    async def rest(self) -> Scrape:
        """Wait until nothing is left to do; the gateway's figures then."""
        return await settled(self._stack, self.sent_count)

    def _messages(self, court: str, message_count: int, size: int) -> tuple[bytes, ...]:
        messages = []
        for _ in range(message_count):
            orders = np.arange(self.sent_count, self.sent_count + size)
            messages.append(self._templates[court].message(orders))
            self.sent_count += size
        return tuple(messages)


def cuts(before: Scrape, after: Scrape) -> dict[str, Any]:
    """How the batches between two scrapes were cut: why, and how many entries they had."""
    count = after.total(BATCHES) - before.total(BATCHES)
    earlier = dict(before.buckets(ENTRIES))
    return {
        "batches": int(count),
        "bytes_mean": round((after.total(SENT) - before.total(SENT)) / max(count, 1)),
        "by_reason": {
            cut: int(after.total(CUT, cut=cut) - before.total(CUT, cut=cut))
            for cut in CUTS
            if after.total(CUT, cut=cut) > before.total(CUT, cut=cut)
        },
        "batches_of_up_to_entries": {
            f"{bound:.0f}": int(batch_count - earlier[bound])
            for bound, batch_count in after.buckets(ENTRIES)
            if batch_count > earlier[bound]
        },
    }


def busy(laps: list[Lap]) -> dict[str, Any]:
    """Processor seconds a second, by process: at most as many as there are cores."""
    seconds = sum(lap.seconds for lap in laps)
    return {
        "count": {"client": 1, "gateway": 1, "projector": 1, "simulator": 1},
        "cores_busy": {
            name: round(sum(lap.busy_s[name] for lap in laps) / seconds, 2) for name in laps[0].busy_s
        },
        "records_per_run": laps[0].record_count,
    }
