"""Watching events: from any cursor, as they come, and no watcher sees another court's."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.tracker.v1 import tracker_pb2
from tests.patience import DEADLINE_S
from tests.tracker.calling import House, called_as, open_house
from tests.tracker.world import NOW_NS, OTHERS, OURS, Store, case_number, event, recorded, registration
from tracker.rpc import watch
from tracker.store.work import Batch, Register


def watching(house: House, cursor: int = 0, case: str = "", metadata: Any = None) -> Any:
    request = tracker_pb2.WatchEventsRequest(cursor=cursor, case_number=case)
    return house.stub.WatchEvents(request, metadata=metadata or house.metadata, timeout=DEADLINE_S)


async def taken(call: Any, count: int) -> list[tuple[int, str]]:
    """Cursor of the message and kind of each event, until so many are there."""
    found: list[tuple[int, str]] = []
    while len(found) < count:
        response = await call.read()
        assert isinstance(response, tracker_pb2.WatchEventsResponse), await call.code()
        found += [(response.cursor, one.kind) for one in response.events]
    return found


async def record(house: House, number: int, kind: str, day: int) -> None:
    made = event(kind, day)
    made.case_number = case_number(number)
    await house.call("RecordEvent", tracker_pb2.RecordEventRequest(event=made))


async def test_a_watcher_sees_what_was_and_what_comes(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        call, theirs = watching(house), watching(house, metadata=called_as(court=OTHERS))
        assert [kind for _, kind in await taken(call, 2)] == ["application_received", "filing"]
        await record(house, 1, "distribution", 20261105)
        assert [kind for _, kind in await taken(call, 1)] == ["distribution"]
        await house.call("RegisterCase", registration(2, court=OTHERS), called_as(court=OTHERS))
        assert [kind for _, kind in await taken(theirs, 2)] == ["application_received", "filing"]


async def test_a_watcher_goes_on_from_its_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVENTS_PER_MESSAGE", 1)
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        await house.call("RegisterCase", registration(2))
        whole = await taken(watching(house), 4)
        assert [cursor for cursor, _ in whole] == [1, 2, 3, 4]
        assert await taken(watching(house, cursor=2), 2) == whole[2:]
        assert await taken(watching(house, case=case_number(2)), 2) == whole[2:]


async def test_what_another_process_recorded_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.02)
    async with open_house(tmp_path) as house:
        call = watching(house)
        other = Store(house.alone.service.engine)
        works = (Register(OURS, registration(1)), recorded(1, event("distribution", 20261105)))
        await asyncio.to_thread(other.writer.write, [Batch(works)], NOW_NS)
        assert len(await taken(call, 3)) == 3


async def test_a_cursor_of_the_future_and_one_watcher_too_many_are_refused(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, watchers_max=1) as house:
        wrong = watching(house, cursor=5)
        assert await wrong.code() is grpc.StatusCode.INVALID_ARGUMENT
        first = watching(house)
        await house.until(lambda: house.alone.service.watch.watcher_count == 1)
        assert await watching(house).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        first.cancel()
        await house.until(lambda: house.alone.service.watch.watcher_count == 0)


async def test_watchers_come_to_their_end_when_the_tracker_drains(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        call = watching(house)
        await taken(call, 2)
        house.stop.set()
        assert await call.code() is grpc.StatusCode.OK
