"""Bad endpoints: what the whole gateway makes of institutions that choke, forget, lie, or do not answer.

Only their own queries suffer; everybody else's answers are out before.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from tests.gateway.edge.house import directory_of, inquiry
from tests.gateway.edge.institution import (
    RESET,
    Institution,
    Script,
    Talk,
    answering,
    at_last,
    babbling,
    finding,
    inventing,
    overreaching,
    refusing,
    reply_to,
    resetting,
    serving,
    silent,
)
from tests.whole.house import House, Settings, opened, scripted

pytestmark = pytest.mark.usefixtures("no_projector")

POISONED = "order-5"


def case(order_id: str) -> str:
    return f"case of {order_id}"


def orders(count: int, deadline_s: int = 20) -> list[gateway_pb2.Inquiry]:
    """Each with a case of its own, so that an endpoint can tell them apart."""
    made = [inquiry(number, deadline_s=deadline_s) for number in range(count)]
    for one in made:
        one.mandate.case_number = case(one.order_id)
    return made


async def choking(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Ends the stream at a batch that holds one certain case."""
    if any(entry.mandate.case_number == case(POISONED) for entry in batch.entries):
        yield RESET
    else:
        yield reply_to(batch, talk.institutions)


async def choking_politely(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    if any(entry.mandate.case_number == case(POISONED) for entry in batch.entries):
        yield institution_pb2.Reply(batch_id=batch.id, refusal="cannot").SerializeToString()
    else:
        yield reply_to(batch, talk.institutions)


async def forgetting(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Leaves its first institution out of every reply."""
    yield reply_to(batch, talk.institutions[1:])


async def beyond(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Answers an entry more than it was sent."""
    reply = institution_pb2.Reply.FromString(reply_to(batch, talk.institutions))
    reply.answered[0].entry_count += 1
    yield reply.SerializeToString()


async def foreign_record(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Finds what belongs to somebody nobody asked about."""
    reply = institution_pb2.Reply.FromString(reply_to(batch, talk.institutions))
    found = reply.findings.add(entry=0, institution=talk.institutions[0])
    found.outcome = institution_pb2.OUTCOME_FOUND
    found.records.add(item=1, locator="6222", holder_number="000000000000000000", holder_name="查无此人")
    yield reply.SerializeToString()


async def nobody_is_kept_waiting(house: House, ids: range, open_count: int) -> None:
    """Every answer of the others is in, while the queries at the bad endpoint are still open."""
    await house.until(
        lambda: all(
            any(
                answer.coverage.open <= open_count and answer.stage == gateway_pb2.STAGE_PARTIAL
                for answer in house.watcher.answers.get(number, [])
            )
            for number in ids
        ),
        "the answers of those who do answer",
    )
    assert all(house.watcher.final(number) is None for number in ids)


@pytest.mark.parametrize("script", [choking, choking_politely])
async def test_one_entry_that_sinks_its_batch_is_found_and_the_others_are_answered(
    tmp_path: Path, script: Script
) -> None:
    settings = Settings(line={"breaker_failures": 50})
    async with scripted(tmp_path, [answering, script], settings=settings) as house:
        ids = await house.submit(*orders(12))
        finals = await house.watcher.finals(ids)
        await house.quiet()
    for number, answer in finals.items():
        is_poisoned = answer.order_id == POISONED
        assert answer.coverage.none == (1 if is_poisoned else 2), number
        assert answer.coverage.unreachable == is_poisoned, number
    assert max(len(batch.entries) for batch in house.institutions[1].batches) == 12


async def test_whom_a_hub_leaves_out_is_unreachable_and_never_none(tmp_path: Path) -> None:
    async with scripted(tmp_path, [answering, forgetting], [1, 3]) as house:
        finals = await house.watcher.finals(await house.submit(*orders(4)))
        await house.quiet()
        asked_again = [batch for batch in house.institutions[1].batches if batch.entries]
    left_out = house.gateway.dispatch.directory.endpoints[1].institutions[0]
    for answer in finals.values():
        assert (answer.coverage.none, answer.coverage.unreachable) == (3, 1)
        assert [list(missing.institutions) for missing in answer.coverage.missing] == [[left_out]]
    assert len(asked_again) > 1


@pytest.mark.parametrize("script", [babbling, inventing, overreaching, beyond, foreign_record])
async def test_a_reply_that_cannot_be_believed_is_thrown_away_and_asked_again(
    tmp_path: Path, script: Script
) -> None:
    settings = Settings(line={"breaker_failures": 50})
    async with scripted(tmp_path, [finding, at_last(1, script, finding)], settings=settings) as house:
        finals = await house.watcher.finals(await house.submit(*orders(3)))
        await house.quiet()
        assert sum(line.counts.refused for line in house.gateway.dispatch.lines) == 1
    for answer in finals.values():
        assert answer.coverage.found == 2
        numbers = {record.holder_number for row in answer.findings for record in row.records}
        assert len(numbers) == 1
        assert "000000000000000000" not in numbers


@pytest.mark.parametrize("script", [babbling, inventing, overreaching, beyond, foreign_record])
async def test_an_endpoint_that_always_lies_ends_unreachable(tmp_path: Path, script: Script) -> None:
    settings = Settings(line={"breaker_failures": 50})
    async with scripted(tmp_path, [finding, script], settings=settings) as house:
        finals = await house.watcher.finals(await house.submit(*orders(3)))
        await house.quiet()
    for answer in finals.values():
        assert (answer.coverage.found, answer.coverage.unreachable) == (1, 1)
        assert [row.institution for row in answer.findings] == [0]


@pytest.mark.parametrize("script", [silent, refusing, resetting])
async def test_only_the_queries_of_a_bad_endpoint_wait(tmp_path: Path, script: Script) -> None:
    settings = Settings(line={"backoff_base_ms": 800, "backoff_max_ms": 900}, order={"attempts_max": 100})
    async with scripted(tmp_path, [finding, finding, script], settings=settings) as house:
        ids = await house.submit(*orders(5, deadline_s=2))
        await nobody_is_kept_waiting(house, ids, open_count=1)
        finals = await house.watcher.finals(ids)
    for answer in finals.values():
        assert (answer.coverage.found, answer.coverage.late + answer.coverage.unreachable) == (2, 1)
        assert answer.answered_ns - answer.admitted_ns < 4 * 10**9


async def test_an_endpoint_that_goes_for_good_is_unreachable_in_time(tmp_path: Path) -> None:
    directory = directory_of([1, 1])
    here, gone = (endpoint.key for endpoint in directory.endpoints)
    async with AsyncExitStack() as leaving, serving(Institution(finding)) as address:
        addresses = {here: address, gone: await leaving.enter_async_context(serving(Institution(answering)))}
        async with opened(tmp_path, directory, addresses) as house:
            line = house.gateway.dispatch.lines[1]
            await house.until(lambda: bool(line.streams), "a connection")
            await leaving.aclose()
            await house.until(lambda: not line.streams, "the end of the connection")
            ids = await house.submit(*orders(5, deadline_s=2))
            await nobody_is_kept_waiting(house, ids, open_count=1)
            finals = await house.watcher.finals(ids)
            await house.quiet()
    assert all((one.coverage.found, one.coverage.unreachable) == (1, 1) for one in finals.values())


async def test_a_reply_after_the_deadline_still_reaches_the_court(tmp_path: Path) -> None:
    released = asyncio.Event()

    async def slow(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        await released.wait()
        async for reply in finding(talk, batch):
            yield reply

    settings = Settings(line={"reply_timeout_s": 20})
    async with scripted(tmp_path, [finding, slow], settings=settings) as house:
        ids = await house.submit(*orders(2, deadline_s=1))
        finals = await house.watcher.finals(ids)
        assert all((one.coverage.found, one.coverage.late) == (1, 1) for one in finals.values())
        released.set()
        await house.until(
            lambda: all(house.watcher.answers[number][-1].coverage.late_answered for number in ids),
            "the late replies",
        )
        await house.quiet()
    for number in ids:
        last = house.watcher.answers[number][-1]
        assert last.stage == gateway_pb2.STAGE_LATE
        assert (last.coverage.late, last.coverage.found) == (1, 1)
        assert sorted((row.institution, row.late) for row in last.findings) == [(0, False), (1, True)]
