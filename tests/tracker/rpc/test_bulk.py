"""Bulk streams: acknowledged in order, one bad entry harms no other, a bad message harms no other message."""

import threading
from pathlib import Path

import grpc
import pytest

from chakong.tracker.v1 import tracker_pb2
from runtime.errors import CallError
from runtime.identity import Identity
from tests.tracker.calling import House, open_house
from tests.tracker.world import case_number, event, registration
from tracker.rpc import bulk, intake
from tracker.store import desk
from tracker.store.work import Work


def cases(tag: int, *numbers: int) -> tracker_pb2.RegisterCasesRequest:
    return tracker_pb2.RegisterCasesRequest(tag=tag, registrations=[registration(one) for one in numbers])


def events(tag: int, *numbers: int) -> tracker_pb2.RecordEventsRequest:
    request = tracker_pb2.RecordEventsRequest(tag=tag)
    for number in numbers:
        made = event("distribution", 20261105)
        made.case_number = case_number(number)
        request.events.append(made)
    return request


async def shown(house: House, number: int) -> int:
    """How many events a case has."""
    request = tracker_pb2.GetCaseRequest(case_number=case_number(number))
    return len((await house.call("GetCase", request)).history)


async def test_messages_are_acknowledged_in_order(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        sent = [cases(tag, *range(tag * 10, tag * 10 + 10)) for tag in range(6)]
        got = await house.bulk("RegisterCases", sent)
        assert [(one.tag, one.registered, one.refused) for one in got] == [(tag, 10, 0) for tag in range(6)]
        got = await house.bulk("RecordEvents", [events(1, 0, 59), events(2, 0, 7, 99)])
        assert [(one.tag, one.recorded, one.repeated, one.refused) for one in got] == [
            (1, 2, 0, 0),
            (2, 1, 1, 1),
        ]
        assert [(one.index, one.code) for one in got[1].verdicts] == [
            (0, 0),
            (2, grpc.StatusCode.NOT_FOUND.value[0]),
        ]
        assert await shown(house, 0) == 3


async def test_messages_of_a_stream_are_recorded_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, is_later_read = bulk._events, threading.Event()

    def slowly(caller: Identity, message: bytes) -> tuple[int, list[Work | CallError]]:
        tag, works = read(caller, message)
        # The first one takes as long as the second, if that is read beside it.
        if tag:
            is_later_read.set()
        else:
            is_later_read.wait(0.2)
        return tag, works

    monkeypatch.setattr(bulk, "_events", slowly)
    async with open_house(tmp_path) as house:
        await house.bulk("RegisterCases", [cases(1, 1)])
        sent = [events(tag, 1) for tag in range(4)]
        for message in sent:
            message.events[0].event_id = f"told-{message.tag}"
        got = await house.bulk("RecordEvents", sent)
        assert [one.recorded for one in got] == [1, 1, 1, 1]
        request = tracker_pb2.GetCaseRequest(case_number=case_number(1))
        history = (await house.call("GetCase", request)).history
        assert [one.event_id for one in history[2:]] == [f"told-{tag}" for tag in range(4)]


async def test_one_bad_entry_harms_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        mixed = cases(1, 1, 2, 3, 1)
        mixed.registrations[1].case.handler = "x" * 33
        mixed.registrations[2].events[1].kind = "nonsense"
        (got,) = await house.bulk("RegisterCases", [mixed])
        assert (got.registered, got.repeated, got.refused) == (1, 1, 2)
        by_index = {one.index: one for one in got.verdicts}
        assert by_index[1].code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
        assert by_index[2].rule == "UNKNOWN_KIND"
        assert by_index[3].code == 0
        assert await shown(house, 1) == 2


async def test_a_message_that_is_refused_whole_does_not_end_the_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WORKS_MAX", 2)
    async with open_house(tmp_path) as house:
        got = await house.bulk("RegisterCases", [cases(1, 1, 2, 3), cases(2, 4)])
        assert got[0].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
        assert (got[0].registered, got[1].registered) == (0, 1)
        got = await house.bulk("RecordEvents", [events(1, 4, 4, 4), events(2, 4)])
        assert got[0].error.message.startswith("events:")
        assert got[1].recorded == 1


async def test_a_full_desk_says_when_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_house(tmp_path) as house:
        monkeypatch.setattr(desk.Desk, "waiting_count", 65_536)
        (got,) = await house.bulk("RegisterCases", [cases(1, 1)])
        assert got.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        assert got.error.retry_after_ms == desk.RETRY_MS
        monkeypatch.undo()
        (got,) = await house.bulk("RegisterCases", [cases(1, 1)])
        assert got.registered == 1


async def test_an_empty_message_is_acknowledged(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        (got,) = await house.bulk("RegisterCases", [tracker_pb2.RegisterCasesRequest(tag=9)])
        assert (got.tag, got.registered) == (9, 0)
