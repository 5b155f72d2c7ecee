"""Peers: screening in bulk in process, beside Redis and SQLite with the same batches, in turn.

Ours reads the messages, compares numbers, names and days, and writes answers with listings and measures. The
peers say of ready-made batches which numbers they know. All find as many.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.timing import uncollected
from benchmarks.peers.redis_members import RedisMembers, command, redis_members
from benchmarks.peers.sqlite_members import SqliteMembers
from benchmarks.services.blacklist_stage import (
    AS_OF_NS,
    ENTRY_COUNT,
    MESSAGE_COUNT,
    QUICK_ENTRY_COUNT,
    Asked,
    asked,
    binding,
    snapshot,
)
from benchmarks.services.people import CHUNK, NUMBER_BYTES, TODAY, listed, numbers_of, rows
from blacklist.screening._snapshot import Snapshot

REDIS: Final = "blacklist.screen_vs_redis"
SQLITE: Final = "blacklist.screen_vs_sqlite"
UNIT: Final = "subjects/s"
# Where the number stands in a subject of benchmarks.services.people, and how long one is.
NUMBER_AT: Final = 6
SUBJECT_BYTES: Final = 35


@dataclass(frozen=True, slots=True)
class Plan:
    """So many messages a run."""

    entry_count: int
    message_count: int
    run_count: int


QUICK: Final = Plan(QUICK_ENTRY_COUNT, 20, 2)
FULL: Final = Plan(ENTRY_COUNT, 100, 5)


def measure(quick: bool) -> Iterable[Result]:
    """A minute and a half, most of it filling the peers; quick, some seconds."""
    plan = QUICK if quick else FULL
    made = snapshot(plan.entry_count)
    messages = asked(plan.entry_count, plan.message_count)
    with uncollected(), scratch_folder() as folder:
        yield asyncio.run(beside_redis(made, messages, plan, folder))
        yield beside_sqlite(made, messages, plan, folder)


async def beside_redis(made: Snapshot, messages: Sequence[Asked], plan: Plan, folder: Path) -> Result:
    """Runs of both in turn; where redis-server is not installed, ours alone and a note."""
    extra = {"entries": plan.entry_count, "subjects_a_batch": MESSAGE_COUNT}
    batches = [command(b"SMISMEMBER", b"".join(_numbers(one))) for one in messages]
    ours: list[float] = []
    theirs: list[float] = []
    async with redis_members(folder) as redis:
        if redis is None:
            ours = [_ours(made, messages) for _ in range(plan.run_count)]
            return Result(REDIS, UNIT, tuple(ours), note="redis-server is not installed", extra=extra)
        await asyncio.to_thread(_fill_redis, redis, plan.entry_count)
        for _ in range(plan.run_count):
            ours.append(_ours(made, messages))
            found, seconds = await asyncio.to_thread(redis.timed, batches)
            expect("members found by Redis", found, _hit_count(messages))
            theirs.append(len(messages) * MESSAGE_COUNT / seconds)
    return Result(REDIS, UNIT, tuple(ours), tuple(theirs), "Redis, pipelined SMISMEMBER", extra=extra)


def beside_sqlite(made: Snapshot, messages: Sequence[Asked], plan: Plan, folder: Path) -> Result:
    """Runs of both in turn."""
    batches = [tuple(number.decode() for number in _numbers(one)) for one in messages]
    ours: list[float] = []
    theirs: list[float] = []
    members = SqliteMembers(folder / "members.sqlite")
    try:
        members.fill((row[1].decode(), row[3], row[2]) for row in rows(plan.entry_count))
        for _ in range(plan.run_count):
            ours.append(_ours(made, messages))
            found, seconds = members.timed(batches)
            expect("members found by SQLite", found, _hit_count(messages))
            theirs.append(len(messages) * MESSAGE_COUNT / seconds)
    finally:
        members.close()
    extra = {"entries": plan.entry_count, "subjects_a_batch": MESSAGE_COUNT}
    return Result(SQLITE, UNIT, tuple(ours), tuple(theirs), "SQLite, SELECT ... IN", extra=extra)


def _ours(made: Snapshot, messages: Sequence[Asked]) -> float:
    bound = binding()
    started = perf_counter()
    answers = [made.screen(one.encoded, bound, TODAY, AS_OF_NS)[0] for one in messages]
    seconds = perf_counter() - started
    for one, answer in zip(messages, answers, strict=True):
        one.expect_answer(answer)
    return len(messages) * MESSAGE_COUNT / seconds


def _fill_redis(redis: RedisMembers, entry_count: int) -> None:
    for first in range(0, entry_count, CHUNK):
        redis.fill(numbers_of(listed(min(CHUNK, entry_count - first), first)).tobytes())


def _numbers(one: Asked) -> Iterator[bytes]:
    for place in range(MESSAGE_COUNT):
        start = place * SUBJECT_BYTES + NUMBER_AT
        yield one.encoded[start : start + NUMBER_BYTES]


def _hit_count(messages: Sequence[Asked]) -> int:
    """A batch may name somebody twice; SQLite gives a row once."""
    return sum(len(set(one.listing_ids)) for one in messages)
