"""Ways: how a peer's gateway asks the institutions. One call per query, or DataLoader-style batches.

A way is given inquests and calls back with each that is done. It knows nothing of the court.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple, Protocol

from aiodataloader import DataLoader

from benchmarks.peers.inquest import Inquest
from benchmarks.peers.pool import Pool
from benchmarks.peers.reach import Reach, members
from chakong.institution.v1.institution_pb2 import KIND_ASK, Batch, Finding, Reply
from gateway.directory import Directory, Endpoint
from gateway.edge.raw import field_bytes, field_varint, varint

Done = Callable[[Inquest], None]


class Way(Protocol):
    async def ask(self, inquests: Sequence[Inquest], done: Done) -> None:
        """Ask everybody concerned. ValueError for a reply that contradicts its batch; grpc.RpcError."""


class RpcPerQuery:
    """A unary call for each inquiry at each institution; so many workers keep as many calls in flight."""

    def __init__(self, pool: Pool, in_flight_max: int, institution_count: int) -> None:
        self._pool = pool
        self._in_flight_max = in_flight_max
        # Batch.institutions (3), packed.
        self._addressed = [field_bytes(3, varint(index)) for index in range(institution_count)]
        self._next_id = 1

    async def ask(self, inquests: Sequence[Inquest], done: Done) -> None:
        queries = self._queries(inquests)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._in_flight_max):
                tasks.create_task(self._work(queries, done))

    def _queries(self, inquests: Sequence[Inquest]) -> Iterator[tuple[Inquest, bytes]]:
        for inquest in inquests:
            inquest.entry.kind = KIND_ASK
            entry = field_bytes(2, inquest.entry.SerializeToString())
            for index in members(inquest.asked):
                yield inquest, entry + self._addressed[index]

    async def _work(self, queries: Iterator[tuple[Inquest, bytes]], done: Done) -> None:
        for inquest, query in queries:
            batch_id = self._next_id
            self._next_id += 1
            reply = Reply.FromString(await self._pool.ask(field_varint(1, batch_id) + query))
            if reply.batch_id != batch_id or [group.entry_count for group in reply.answered] != [1]:
                raise ValueError(f"reply: batch {reply.batch_id} given, {batch_id} expected")
            if inquest.take(1, list(reply.findings)):
                done(inquest)


class Key(NamedTuple):
    """What an endpoint is asked once: the question, and those of its institutions it is put to."""

    question: tuple[int, str, str, tuple[int, ...]]
    institutions: int


class Batching:
    """A DataLoader for each endpoint: its cache is the deduplication, its batches are the wire's.

    `is_per_institution`: a load for each institution instead of one for each endpoint, as who gives each
    query a key of its own would write it.
    """

    def __init__(
        self, pool: Pool, in_flight_max: int, directory: Directory, *, is_per_institution: bool
    ) -> None:
        self._pool = pool
        self._room = asyncio.Semaphore(in_flight_max)
        self._reach = Reach(directory)
        self._is_per_institution = is_per_institution
        self._entries: dict[tuple[int, str, str, tuple[int, ...]], Inquest] = {}
        self._loaders = [self._loader(endpoint) for endpoint in directory.endpoints]

    async def ask(self, inquests: Sequence[Inquest], done: Done) -> None:
        async with asyncio.TaskGroup() as tasks:
            for inquest in inquests:
                tasks.create_task(self._ask(inquest, done))

    async def _ask(self, inquest: Inquest, done: Done) -> None:
        question = inquest.question
        self._entries.setdefault(question, inquest)
        loads, counts = [], []
        for endpoint, institutions, _ in inquest.parts(self._reach):
            load = self._loaders[endpoint].load
            if self._is_per_institution:
                singles = members(institutions)
                loads += [load(Key(question, 1 << index)) for index in singles]
                counts += [1] * len(singles)
            else:
                loads.append(load(Key(question, institutions)))
                counts.append(institutions.bit_count())
        for count, findings in zip(counts, await asyncio.gather(*loads), strict=True):
            if inquest.take(count, findings):
                done(inquest)

    def _loader(self, endpoint: Endpoint) -> "DataLoader[Key, list[Finding]]":
        return DataLoader(partial(self._load, endpoint), max_batch_size=endpoint.max_batch_entries)

    async def _load(self, endpoint: Endpoint, keys: list[Key]) -> list[list[Finding]]:
        behind = self._reach.behind(endpoint.index)
        batch = Batch(id=1, institutions=members(behind))
        for key in keys:
            entry = batch.entries.add()
            entry.CopyFrom(self._entries[key.question].entry)
            entry.kind = KIND_ASK
            if key.institutions != behind:
                entry.institutions.extend(members(key.institutions))
        async with self._room:
            reply = Reply.FromString(await self._pool.ask(batch.SerializeToString()))
        if [group.entry_count for group in reply.answered] != [len(keys)]:
            raise ValueError(f"reply: {len(keys)} entries asked, not all answered")
        findings: list[list[Finding]] = [[] for _ in keys]
        for finding in reply.findings:
            findings[finding.entry].append(finding)
        return findings


@asynccontextmanager
async def opened(
    name: str, port: int, channel_count: int, in_flight_max: int, directory: Directory
) -> AsyncIterator[Way]:
    """The way of that name, over a pool that is closed afterwards. ValueError for another name."""
    pool = Pool(port, channel_count)
    try:
        if name == "rpc":
            yield RpcPerQuery(pool, in_flight_max, len(directory.institutions))
        elif name in ("batching", "batching-each"):
            yield Batching(pool, in_flight_max, directory, is_per_institution=name == "batching-each")
        else:
            raise ValueError(f"way: {name} given, one of rpc, batching, batching-each")
    finally:
        await pool.close()
