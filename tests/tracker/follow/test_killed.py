"""A tracker that is killed while it follows: what it has in the end is what one has that was never killed."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from benchmarks.subjects import subject
from chakong.tracker.v1.tracker_pb2 import GetCaseRequest, RegisterCaseRequest
from chakong.tracker.v1.tracker_pb2_grpc import TrackerStub
from tests.patience import DEADLINE_S
from tests.tracker.follow.town import COURT, LOOK_EVERY_S, WAIT_S, Town, case_when, registration, town

CASE_COUNT = 12
# It is killed when so many cases have their final answers, or a few more by then.
KILLED_AT = (1, 6)


def said(view: Any) -> set[tuple[str, str, str, int]]:
    """What the follower recorded of a case."""
    return {
        (event.event_id, event.kind, event.thing, event.effective)
        for event in view.history
        if event.source == "follower"
    }


def is_over(view: Any) -> bool:
    return any(event.event_id.endswith("-ended") for event in view.history)


async def views(stub: Any, numbers: list[str]) -> list[Any]:
    calls = (stub.GetCase(GetCaseRequest(case_number=one), timeout=DEADLINE_S) for one in numbers)
    return list(await asyncio.gather(*calls))


async def ended_count(stub: Any, numbers: list[str]) -> int:
    return sum(map(is_over, await views(stub, numbers)))


async def until_ended(stub: Any, numbers: list[str], count: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while await ended_count(stub, numbers) < count:  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(LOOK_EVERY_S)


async def killed_again_and_again(here: Town, cases: list[RegisterCaseRequest]) -> list[Any]:
    """What the killed one has, once it has everything."""
    numbers = [one.case.case_number for one in cases]
    stack = here.stack
    await stack.start_tracker()
    async with stack.tracker_court(COURT) as court:
        stub: Any = TrackerStub(court.channel)
        for one in cases:
            await stub.RegisterCase(one, timeout=DEADLINE_S)
        for number, count in enumerate(KILLED_AT):
            more = range(CASE_COUNT * number // len(KILLED_AT), CASE_COUNT * (number + 1) // len(KILLED_AT))
            for index in more:
                await here.ask(numbers[index], subject(index))
            await until_ended(stub, numbers, count)
            os.kill(stack.pids["tracker"], signal.SIGKILL)
            await stack.start_tracker()
            await court.channel.channel_ready()
        await until_ended(stub, numbers, CASE_COUNT)
        return await views(stub, numbers)


async def test_a_tracker_that_is_killed_while_following_misses_nothing_and_has_nothing_twice(
    tmp_path: Path,
) -> None:
    cases = [registration(f"案{number}", first=number) for number in range(CASE_COUNT)]
    async with town(tmp_path / "out") as here:
        killed = await killed_again_and_again(here, cases)
        (tmp_path / "whole").mkdir()
        async with here.tracker(tmp_path / "whole") as house:
            for one in cases:
                await house.call("RegisterCase", one)
            whole = [await case_when(house, one.case.case_number, is_over) for one in cases]
            for one, other in zip(killed, whole, strict=True):
                assert said(one) == said(other)
                assert len(one.history) == len(other.history)
                assert list(map(str, one.nodes)) == list(map(str, other.nodes))
            assert house.alone.service.follow.counts.repeated == 0
