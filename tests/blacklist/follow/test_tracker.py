"""Events as the tracker tells them: what concerns the list is read, for a court that is followed."""

from pathlib import Path

import grpc
import pytest

from blacklist.follow.tracker import Tracker, concerning
from chakong.tracker.v1.case_pb2 import Correction, Detail, Event
from runtime.settings_follow import FollowTracker
from tests.tracker.calling import open_house


def test_what_does_not_concern_the_list_is_passed_over() -> None:
    told = [
        Event(kind="filing"),
        Event(
            kind="closing",
            event_id="a",
            case_number="〔2026〕c１",
            effective=20261101,
            detail=Detail(manner="completed"),
        ),
        Event(kind="corrected", event_id="b", correction=Correction(event_id="a", is_void=True)),
        Event(
            kind="corrected",
            event_id="c",
            correction=Correction(event_id="a", effective=20261102, detail=Detail(manner="terminated")),
        ),
        Event(kind="clock_stopped", event_id="d", detail=Detail(period="stay")),
    ]
    found = concerning(told)
    assert [one.event_id for one in found] == ["a", "b", "c", "d"]
    assert (found[0].case_number, found[0].happened, found[0].manner) == (
        "(2026)c1",
        20261101,
        "completed",
    )
    assert (found[1].voids, found[1].moves, found[3].period) == ("a", "", "stay")
    assert (found[2].voids, found[2].moves, found[2].happened) == ("", "a", 20261102)
    assert found[2].manner == "terminated"


async def test_cursor_of_another_tracker_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        tracker = Tracker(FollowTracker(address=f"127.0.0.1:{house.port}", plaintext=True))
        try:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                async for _ in tracker.watch_events("京0105", 99):
                    pass
        finally:
            await tracker.close()
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
