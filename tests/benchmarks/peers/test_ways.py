"""Ways: who is asked how often, and what becomes of replies that are wrong."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import cast

import pytest

from benchmarks.peers import desk
from benchmarks.peers.inquest import Inquest
from benchmarks.peers.pool import Pool
from benchmarks.peers.reach import Reach
from benchmarks.peers.ways import Batching, RpcPerQuery, Way, opened
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Answer, Scope
from chakong.institution.v1.institution_pb2 import OUTCOME_REFUSED, Batch, Reply
from tests.benchmarks.peers.worlds import DIRECTORY, listed
from tests.patience import DEADLINE_S

REACH = Reach(DIRECTORY)
EVERYBODY = Scope(reach=REACH_ALL)
Make = Callable[[Pool], Way]


class FakePool:
    """The desk without a network; keeps the batches, and how many were asked at once."""

    def __init__(self, reply: Callable[[bytes], bytes] = desk.reply) -> None:
        self.batches: list[Batch] = []
        self.at_once_max = 0
        self._at_once = 0
        self._reply = reply

    async def ask(self, message: bytes) -> bytes:
        self.batches.append(Batch.FromString(message))
        self._at_once += 1
        self.at_once_max = max(self.at_once_max, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        return self._reply(message)

    @property
    def query_count(self) -> int:
        """Pairs of entry and institution asked."""
        return sum(
            len(entry.institutions or batch.institutions) for batch in self.batches for entry in batch.entries
        )


def rpc(pool: Pool) -> Way:
    return RpcPerQuery(pool, 7, len(DIRECTORY.institutions))


def batching(pool: Pool) -> Way:
    return Batching(pool, 5, DIRECTORY, is_per_institution=False)


def batching_each(pool: Pool) -> Way:
    return Batching(pool, 5, DIRECTORY, is_per_institution=True)


def inquest(number: int, scope: Scope, subject: int | None = None) -> Inquest:
    inquiry = load_inquiry("京0105", f"o-{number}", number if subject is None else subject)
    inquiry.scope.CopyFrom(scope)
    return Inquest(REACH, inquiry, number)


async def answers(make: Make, pool: FakePool, *rounds: list[Inquest]) -> list[Answer]:
    way = make(cast("Pool", pool))
    done: list[Inquest] = []
    for inquests in rounds:
        async with asyncio.timeout(DEADLINE_S):
            await way.ask(inquests, done.append)
    return sorted((one.answer() for one in done), key=lambda answer: answer.inquiry_id)


@pytest.mark.parametrize("make", [rpc, batching, batching_each])
async def test_everybody_is_asked_once_and_the_keeper_found(make: Make) -> None:
    pool = FakePool()
    found = await answers(make, pool, [inquest(1, EVERYBODY), inquest(2, listed(3_000, 3_001))])
    capable_count = REACH.capable.bit_count()
    assert pool.query_count == capable_count + 2
    assert [answer.coverage.total for answer in found] == [3_916, 2]
    keepers = [desk.keeper(load_inquiry("", "", number).subject.id_number) for number in (1, 2)]
    right = [
        [at] if asked >> at & 1 else []
        for at, asked in zip(keepers, (REACH.capable, 0b11 << 3_000), strict=True)
    ]
    assert [[finding.institution for finding in answer.findings] for answer in found] == right
    assert right[0]


async def test_one_call_carries_one_query_and_no_more_than_the_limit_are_in_flight() -> None:
    pool = FakePool()
    await answers(rpc, pool, [inquest(1, listed(*range(3_000, 3_050)))])
    assert [len(batch.entries) for batch in pool.batches] == [1] * 50
    assert {len(batch.institutions) for batch in pool.batches} == {1}
    assert pool.at_once_max == 7
    assert all(before.id < after.id for before, after in pairwise(pool.batches))


async def test_batches_carry_what_the_inquiries_of_a_message_want_of_an_endpoint() -> None:
    pool = FakePool()
    await answers(batching, pool, [inquest(number, EVERYBODY) for number in range(20)])
    assert {len(batch.entries) for batch in pool.batches} == {20}
    assert len(pool.batches) == len(REACH.parts(REACH.capable))
    assert pool.at_once_max <= 5


@pytest.mark.parametrize("make", [batching, batching_each])
async def test_same_question_goes_out_once(make: Make) -> None:
    pool = FakePool()
    twice = [inquest(1, EVERYBODY, subject=9), inquest(2, EVERYBODY, subject=9)]
    found = await answers(make, pool, twice, [inquest(3, EVERYBODY, subject=9)])
    assert pool.query_count == REACH.capable.bit_count()
    assert [answer.coverage for answer in found] == [found[0].coverage] * 3


def broken(change: Callable[[Reply], object]) -> Callable[[bytes], bytes]:
    def reply(message: bytes) -> bytes:
        said = Reply.FromString(desk.reply(message))
        change(said)
        return said.SerializeToString()

    return reply


def refuse(reply: Reply) -> None:
    for finding in reply.findings:
        finding.outcome = OUTCOME_REFUSED


def mistake(reply: Reply) -> None:
    for finding in reply.findings:
        finding.records[0].holder_name = "somebody else"


@pytest.mark.parametrize("make", [rpc, batching])
@pytest.mark.parametrize("change", [lambda reply: reply.ClearField("answered"), refuse, mistake])
async def test_wrong_reply_ends_it(make: Make, change: Callable[[Reply], object]) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await answers(make, FakePool(broken(change)), [inquest(1, EVERYBODY)])
    assert caught.group_contains(ValueError)


async def test_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="way: magic given"):
        async with opened("magic", 1, 1, 1, DIRECTORY):
            raise AssertionError
