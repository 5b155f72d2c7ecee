"""Line: what becomes of a batch whatever the endpoint does with it, over real streams."""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from gateway._core import CAUSE_BROKEN, CAUSE_GARBAGE, CAUSE_REFUSED, CAUSE_TIMEOUT, CAUSE_UNDELIVERED
from gateway.edge.line import DUPLICATES_MAX
from runtime.logs import fields_of
from tests.gateway.edge.house import SETTINGS, edge_tasks, inquiry, resident_id, talking
from tests.gateway.edge.institution import (
    Institution,
    Script,
    Talk,
    answering,
    at_last,
    babbling,
    duplicating,
    finding,
    inventing,
    overreaching,
    refusing,
    reply_to,
    resetting,
    silent,
)


def has_batches(institution: Institution, count: int) -> bool:
    return len(institution.batches) == count


@pytest.mark.parametrize(
    ("script", "cause", "streams"),
    [
        (silent, CAUSE_TIMEOUT, 2),
        (resetting, CAUSE_BROKEN, 2),
        (refusing, CAUSE_REFUSED, 1),
        (overreaching, CAUSE_GARBAGE, 1),
        (babbling, CAUSE_GARBAGE, 2),
        (inventing, CAUSE_GARBAGE, 2),
    ],
)
async def test_a_failed_batch_is_sent_again_with_its_id(
    tmp_path: Path, script: Script, cause: int, streams: int
) -> None:
    async with talking(tmp_path, [at_last(1, script)]) as (house, (institution,)):
        answer = await house.final(await house.submit(inquiry(1)))
        assert answer.coverage.none == 1
        assert [batch.id for batch in institution.batches] == [institution.batches[0].id] * 2
        assert institution.batches[0] == institution.batches[1]
        failures = [0] * 6
        failures[cause] = 1
        assert house.line().counts.failures == failures
        assert house.line().counts.streams_opened == streams
        await house.until(lambda: institution.streams_open == 1)


@pytest.mark.parametrize("script", [silent, resetting, refusing, overreaching, babbling, inventing])
async def test_an_endpoint_that_never_answers_ends_unreachable_and_delays_nobody(
    tmp_path: Path, script: Script
) -> None:
    async with talking(tmp_path, [script, answering], [1, 2]) as (house, (bad, good)):
        first = await house.submit(inquiry(1))
        answer = await house.final(first)
        assert (answer.coverage.unreachable, answer.coverage.none) == (1, 2)
        assert len(bad.batches) == 4
        assert len(good.batches) == 1
        assert house.line(1).counts.failures == [0] * 6


async def test_replies_may_come_in_any_order(tmp_path: Path) -> None:
    async def last_first(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        talk.institution.later.append(reply_to(batch, talk.institutions))
        if len(talk.institution.later) == 2:
            for reply in reversed(talk.institution.later):
                yield reply

    async with talking(tmp_path, [last_first]) as (house, (institution,)):
        first = await house.submit(inquiry(1))
        await house.until(lambda: len(institution.batches) == 1)
        second = await house.submit(inquiry(2))
        for inquiry_id in (first, second):
            assert (await house.final(inquiry_id)).coverage.none == 1
        assert house.line().counts.replies == 2
        assert house.dispatch.league.place(0).replies == 2


async def test_a_duplicate_of_a_reply_is_counted_and_changes_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path, [duplicating]) as (house, (institution,)):
        for number in range(3):
            answer = await house.final(await house.submit(inquiry(number)))
            assert answer.coverage.none == 1
        await house.until(lambda: house.line().counts.duplicates == 3)
        assert house.line().counts.streams_opened == 1
        assert house.line().counts.failures == [0] * 6
        assert institution.streams_open == 1


async def test_one_poisonous_entry_sinks_no_other(tmp_path: Path) -> None:
    poison = resident_id(3)

    async def choking(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        is_poisoned = any(entry.subject.id_number == poison for entry in batch.entries)
        async for reply in (refusing if is_poisoned else answering)(talk, batch):
            yield reply

    async with talking(tmp_path, [choking]) as (house, _):
        first = await house.submit(*(inquiry(number) for number in range(16)))
        answers = [await house.final(first + number) for number in range(16)]
    assert [answer.coverage.none for answer in answers] == [0 if number == 3 else 1 for number in range(16)]
    assert answers[3].coverage.unreachable == 1


async def test_no_more_batches_are_in_flight_than_agreed(tmp_path: Path) -> None:
    async with talking(
        tmp_path, [silent], settings=SETTINGS.model_copy(update={"reply_timeout_s": 60.0})
    ) as (
        house,
        (institution,),
    ):
        for number in range(4):
            await house.submit(inquiry(number))
            await house.until(partial(has_batches, institution, min(number + 1, 2)))
        assert house.line().in_flight == 2
        assert house.engine.stats()["in_flight"] == 2


async def test_batches_are_spread_over_the_streams_of_an_endpoint(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"streams": 2, "reply_timeout_s": 60.0})
    async with talking(tmp_path, [silent], settings=settings, in_flight_max=4) as (house, (institution,)):
        await house.until(lambda: len(house.line().streams) == 2)
        for number in range(4):
            await house.submit(inquiry(number))
            await house.until(partial(has_batches, institution, number + 1))
        assert [stream.flight_count for stream in house.line().streams] == [2, 2]


async def test_one_stream_that_ends_fails_its_own_batches_alone(tmp_path: Path) -> None:
    async def odd_resets(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        if len(talk.institution.batches) == 2:
            async for reply in resetting(talk, batch):
                yield reply

    settings = SETTINGS.model_copy(update={"streams": 2, "reply_timeout_s": 60.0, "backoff_base_ms": 60_000})
    settings = settings.model_copy(update={"backoff_max_ms": 60_000})
    async with talking(tmp_path, [odd_resets], settings=settings) as (house, (institution,)):
        await house.until(lambda: len(house.line().streams) == 2)
        await house.submit(inquiry(1))
        await house.until(lambda: len(institution.batches) == 1)
        await house.submit(inquiry(2))
        await house.until(lambda: len(house.line().streams) == 1)
        assert house.line().in_flight == 1
        assert house.line().counts.failures[CAUSE_BROKEN] == 1
        assert house.line().gate.in_flight_max == 1


async def test_a_batch_that_never_left_counts_no_attempt(tmp_path: Path) -> None:
    # One batch in a minute: the second waits in the line when the stream ends under it.
    settings = SETTINGS.model_copy(update={"rate_per_s": 1 / 60})
    async with talking(tmp_path, [resetting], settings=settings, in_flight_max=1) as (house, (institution,)):
        await house.submit(inquiry(1))
        await house.until(lambda: house.line().counts.failures[CAUSE_BROKEN] == 1)
        await house.until(lambda: house.line().in_flight == 1 and bool(house.line().streams))
        house.line().streams[0].end(CAUSE_BROKEN)
        await house.until(lambda: house.line().counts.failures[CAUSE_UNDELIVERED] == 1)
        assert len(institution.batches) == 1
        assert house.line().counts.failures[CAUSE_BROKEN] == 1


async def test_the_line_says_on_every_stream_whose_it_is(tmp_path: Path) -> None:
    async with talking(tmp_path, [at_last(1, resetting)], [3]) as (house, (institution,)):
        await house.final(await house.submit(inquiry(1)))
        assert institution.keys == ["union-0", "union-0"]
        assert institution.hellos == [[0, 1, 2], [0, 1, 2]]


async def test_a_late_reply_to_a_batch_of_an_ended_stream_is_no_reply(tmp_path: Path) -> None:
    async def confused(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        """Silent at first; then answers, and repeats what it should have said before."""
        if len(talk.institution.batches) > 1:
            yield reply_to(batch, talk.institutions)
            yield reply_to(talk.institution.batches[0], talk.institutions)

    async with talking(tmp_path, [confused]) as (house, _):
        answer = await house.final(await house.submit(inquiry(1)))
        await house.until(lambda: house.line().counts.duplicates == 1)
        assert answer.coverage.none == 1
        assert house.line().counts.replies == 1


async def test_answers_of_the_quick_are_out_before_the_slow_one_replies(tmp_path: Path) -> None:
    may_answer = asyncio.Event()

    async def slow(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        await may_answer.wait()
        yield reply_to(batch, talk.institutions)

    settings = SETTINGS.model_copy(update={"reply_timeout_s": 60.0})
    async with talking(tmp_path, [slow, finding], settings=settings) as (house, _):
        first = await house.submit(inquiry(1))
        await house.until(lambda: first in house.answers)
        partial_answer = house.answers[first][0]
        assert partial_answer.stage == gateway_pb2.STAGE_PARTIAL
        assert (partial_answer.coverage.found, partial_answer.coverage.open) == (1, 1)
        may_answer.set()
        answer = await house.final(first)
        assert (answer.coverage.found, answer.coverage.none) == (1, 1)
        assert [record.locator for record in answer.findings[0].records] == ["6222"]


async def test_thirty_lost_streams_leave_nothing_behind(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(
        update={"breaker_failures": 1_000, "backoff_base_ms": 1, "backoff_max_ms": 1}
    )
    async with talking(tmp_path, [at_last(30, resetting)], settings=settings) as (house, (institution,)):
        await house.until(lambda: house.dispatch.is_reachable(0))
        before = len(edge_tasks())
        for number in range(10):
            await house.final(await house.submit(inquiry(number)))
        assert house.line().counts.failures[CAUSE_BROKEN] == 30
        await house.until(lambda: institution.streams_open == 1)
        await house.until(lambda: len(edge_tasks()) == before)
        assert len(house.line().streams) == 1
        assert house.line().in_flight == 0
        assert house.engine.stats()["in_flight"] == 0
        assert house.dispatch.unwritten_bytes == 0


async def test_an_endpoint_that_repeats_itself_without_end_loses_its_stream(tmp_path: Path) -> None:
    async def stuttering(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        while True:
            yield reply_to(batch, talk.institutions)

    async with talking(tmp_path, [stuttering]) as (house, (institution,)):
        answer = await house.final(await house.submit(inquiry(1)))
        await house.until(lambda: house.line().counts.streams_opened == 2)
        assert answer.coverage.none == 1
        assert house.line().counts.duplicates == DUPLICATES_MAX
        assert len(institution.batches) == 1


async def test_an_endpoint_that_fails_is_told_once_with_its_cause_and_without_its_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.edge.trouble")
    settings = SETTINGS.model_copy(update={"breaker_failures": 2})
    async with talking(tmp_path, [at_last(2, resetting)], settings=settings) as (house, _):
        await house.final(await house.submit(inquiry(1)))
        await house.final(await house.submit(inquiry(2)))
    told = [(one.getMessage(), fields_of(one)) for one in caplog.records]
    fields = {"endpoint": "unit-0", "cause": "broken", "status": "UNAVAILABLE", "detail": ""}
    assert told == [("breaker opened", fields), ("breaker closed", {"endpoint": "unit-0"})]


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (refusing, "refusal"),
        (overreaching, "wrong_institution"),
        (babbling, "garbage"),
        (inventing, "unknown_batch"),
    ],
)
async def test_void_replies_are_told_with_their_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, script: Script, fault: str
) -> None:
    async with talking(tmp_path, [at_last(3, script)]) as (house, _):
        await house.final(await house.submit(inquiry(1)))
        assert house.line().counts.refused == 3
    told = [fields_of(one) for one in caplog.records if one.getMessage() == "void reply"]
    assert told == [{"endpoint": "unit-0", "fault": fault, "void_count": 1}]
