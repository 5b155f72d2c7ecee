"""Service hours: what closed doors mean for a whole gateway: their queries wait, and nobody else's do.

The clock is the test's and is set on by hand; timers look at it often.
"""

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from gateway.edge import durable, gate, handout, line, outbox, pump, serve, stream
from runtime import clock
from tests.gateway.edge.house import directory_of, inquiry
from tests.gateway.edge.institution import answering, finding
from tests.whole.house import House, Settings, scripted

pytestmark = pytest.mark.usefixtures("no_projector")

HOUR_NS = 3_600 * 10**9
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
THREE_AT_NIGHT_NS = int(datetime.datetime(2026, 3, 2, 3, tzinfo=BEIJING).timestamp()) * 10**9
TIMER_S = 0.02
READERS = (durable, gate, handout, line, outbox, pump, serve, stream)


class Clock:
    def __init__(self) -> None:
        self._began_ns = clock.now_ns()
        self.ahead_ns = 0

    def now_ns(self) -> int:
        return THREE_AT_NIGHT_NS + self.ahead_ns + clock.now_ns() - self._began_ns


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It is three at night for the whole gateway."""
    set_on = Clock()
    for module in READERS:
        monkeypatch.setattr(module, "now_ns", set_on.now_ns)
    monkeypatch.setattr(gate, "LOOK_S_MAX", TIMER_S)
    monkeypatch.setattr(pump, "TIMER_S_MAX", TIMER_S)
    return set_on


@asynccontextmanager
async def bank_and_unit(folder: Path) -> AsyncIterator[House]:
    """The first endpoint always answers; the second from seven to eleven at night."""
    directory = directory_of([1, 1])
    always, daily = directory.endpoints
    directory = replace(directory, endpoints=(always, replace(daily, hours="07:00-23:00")))
    settings = Settings(line={"service_hours": True})
    async with scripted(folder, [finding, answering], settings=settings, directory=directory) as house:
        yield house


async def partial(house: House, number: int) -> gateway.Answer:
    await house.until(lambda: number in house.watcher.answers, "the answer of those who are open")
    (answer,) = house.watcher.answers[number]
    return answer


async def test_queries_wait_for_the_doors_to_open_and_are_answered_then(tmp_path: Path, night: Clock) -> None:
    async with bank_and_unit(tmp_path) as house:
        (number,) = await house.submit(inquiry(1, deadline_s=10 * 3_600))
        early = await partial(house, number)
        assert (early.stage, early.coverage.found, early.coverage.open) == (gateway.STAGE_PARTIAL, 1, 1)
        assert house.institutions[1].streams_open == 0
        night.ahead_ns = 4 * HOUR_NS
        final = (await house.watcher.finals([number]))[number]
        assert (final.coverage.found, final.coverage.none) == (1, 1)
        assert final.answered_ns - final.admitted_ns >= 4 * HOUR_NS
        await house.quiet()


async def test_a_deadline_before_the_doors_open_ends_unreachable(tmp_path: Path, night: Clock) -> None:
    async with bank_and_unit(tmp_path) as house:
        (number,) = await house.submit(inquiry(1, deadline_s=3_600))
        await partial(house, number)
        night.ahead_ns = HOUR_NS
        final = (await house.watcher.finals([number]))[number]
        assert (final.coverage.found, final.coverage.unreachable) == (1, 1)
        night.ahead_ns = 4 * HOUR_NS
        await house.until(lambda: house.institutions[1].streams_open == 1, "the doors to open")
        await house.quiet()
        assert not house.institutions[1].batches


async def test_at_closing_time_nothing_new_is_sent(tmp_path: Path, night: Clock) -> None:
    async with bank_and_unit(tmp_path) as house:
        night.ahead_ns = 5 * HOUR_NS
        await house.until(lambda: house.institutions[1].streams_open == 1, "the doors to open")
        await house.watcher.finals(await house.submit(inquiry(1)))
        night.ahead_ns = 21 * HOUR_NS
        await house.until(lambda: not house.gateway.dispatch.is_reachable(1), "the doors to close")
        (number,) = await house.submit(inquiry(2, deadline_s=20 * 3_600))
        await partial(house, number)
        assert len(house.institutions[1].batches) == 1
        night.ahead_ns = 28 * HOUR_NS + HOUR_NS // 2
        final = (await house.watcher.finals([number]))[number]
        assert (final.coverage.found, final.coverage.none) == (1, 1)
