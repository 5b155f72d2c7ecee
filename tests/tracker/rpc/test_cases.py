"""One case at a time: registered, recorded in, shown, over real gRPC."""

from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime import requests
from runtime.identity import Role
from tests.tracker.calling import called_as, open_house
from tests.tracker.world import OTHERS, OURS, case_number, event, registration
from tracker.rpc import pages

NUMBER = case_number(1)


def recording(made: case_pb2.Event, number: str = NUMBER) -> tracker_pb2.RecordEventRequest:
    made.case_number = number
    return tracker_pb2.RecordEventRequest(event=made)


async def test_a_case_is_registered_recorded_in_and_shown(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        view = await house.call("RegisterCase", registration(1))
        assert view.status == case_pb2.CASE_STATUS_OPEN
        assert [one.event_id for one in view.history] == ["application_received", "filing"]
        due = {node.number: node.due for node in view.nodes if node.due}
        assert due[3] == 20261112  # ten days after the 2nd, the first not counted
        assert {node.number for node in view.nodes if node.state == case_pb2.NODE_STATE_DONE} == {1}

        answer = await house.call("RecordEvent", recording(event("distribution", 20261105)))
        assert not answer.repeated
        again = await house.call("RecordEvent", recording(event("distribution", 20261105)))
        assert again.repeated
        shown = await house.call("GetCase", tracker_pb2.GetCaseRequest(case_number=NUMBER))
        by_number = {node.number: node for node in shown.nodes}
        assert by_number[2].done == 20261105
        assert by_number[4].due == 20261116  # ten days, moved from Sunday the 15th
        assert by_number[4].article
        assert by_number[4].rule == "online_inquiry@national"
        assert shown.nodes == again.case.nodes


async def test_a_court_sees_nothing_of_another_courts_case(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        other = called_as(court=OTHERS)
        officer = called_as(Role.OFFICER, OTHERS, "officer-9")
        get = tracker_pb2.GetCaseRequest(case_number=NUMBER)
        for caller in (other, officer):
            for method, request in (
                ("GetCase", get),
                ("RecordEvent", recording(event("distribution", 20261105))),
            ):
                request_event = getattr(request, "event", None)
                if request_event is not None and caller is officer:
                    request_event.officer = "officer-9"
                error = await house.refused(method, request, caller)
                assert error.code() is grpc.StatusCode.PERMISSION_DENIED, method
        missing = await house.refused("GetCase", tracker_pb2.GetCaseRequest(case_number="x"))
        assert missing.code() is grpc.StatusCode.NOT_FOUND


def forged(position: str) -> str:
    """A token that nobody was given, of the case as it stands."""
    return requests.text_token(f"{OURS}\n{NUMBER}\n0\n0".encode(), position)


def rule_of(error: grpc.aio.AioRpcError) -> str:
    status = rpc_status.from_call(cast("Any", error))
    for detail in status.details if status else ():
        named = error_details_pb2.ErrorInfo()
        if detail.Unpack(named):
            return str(named.reason)
    return ""


def asked(kind: str, day: int, event_id: str = "", **detail: Any) -> tracker_pb2.RecordEventRequest:
    made = event(kind, day, event_id or kind, basis="ruling 1", detail=case_pb2.Detail(**detail))
    made.ClearField("kind")
    return recording(made)


def closing(view: case_pb2.CaseView) -> case_pb2.NodeView:
    (node,) = [node for node in view.nodes if node.number == 31]
    return node


async def test_the_clock_is_stopped_resumed_and_extended(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        before = closing(await house.call("RegisterCase", registration(1)))
        period = {"period": "settlement_period"}
        stopped = await house.call("StopClock", asked("clock_stopped", 20261105, **period))
        assert [(stop.period, stop.until) for stop in stopped.case.stops] == [("settlement_period", 0)]
        assert closing(stopped.case).is_stopped
        resumed = await house.call("ResumeClock", asked("clock_resumed", 20261115, **period))
        assert closing(resumed.case).due > before.due
        more: dict[str, Any] = {"node": 31, "months": 3, "approved_by": "president"}
        extended = await house.call("ExtendNode", asked("extension_granted", 20261116, **more))
        assert closing(extended.case).due > closing(resumed.case).due + 200
        alone = await house.refused("ExtendNode", asked("extension_granted", 20261117, "again", **more))
        assert alone.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert rule_of(alone) == "EXTENDED_TOO_FAR"
        other = asked("x", 20261117)
        other.event.kind = "filing"
        assert (await house.refused("StopClock", other)).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_case_is_closed_once_and_takes_nothing_then(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        closed = await house.call("CloseCase", asked("closing", 20261110, manner="completed"))
        assert closed.case.status == case_pb2.CASE_STATUS_CLOSED
        for method, request, rule in (
            ("CloseCase", asked("closing", 20261111, "again"), "CLOSED_BEFORE"),
            ("RecordEvent", recording(event("distribution", 20261112)), "CASE_CLOSED"),
        ):
            error = await house.refused(method, request)
            assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert rule_of(error) == rule
        view = await house.call("GetCase", tracker_pb2.GetCaseRequest(case_number=NUMBER))
        assert len(view.history) == 3
        wrong = await house.refused("CloseCase", asked("closing", 20261111, manner="ended_for_now"))
        assert wrong.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_ending_for_now_needs_its_list_or_an_officers_reason(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        old = (event("application_received", 20260301), event("filing", 20260302))
        await house.call("RegisterCase", registration(1, *old))
        listed = await house.call("CheckEnding", tracker_pb2.CheckEndingRequest(case_number=NUMBER))
        by_key = {check.key: check for check in listed.checks}
        assert not listed.may_end
        assert by_key["talk"].state == tracker_pb2.CHECK_STATE_MISSING
        assert by_key["three_months"].state == tracker_pb2.CHECK_STATE_FULFILLED
        assert by_key["three_months"].event_id == "filing"
        assert by_key["three_months"].article
        request = tracker_pb2.EndForNowRequest(event=asked("closing", 20261110).event)
        error = await house.refused("EndForNow", request)
        assert rule_of(error) == "ENDING_INCOMPLETE"
        request.override_reason = "the debtor's firm is struck off"
        ended = await house.call("EndForNow", request)
        assert ended.case.status == case_pb2.CASE_STATUS_ENDED_FOR_NOW
        assert ended.case.history[-1].detail.reason == request.override_reason
        reopened = await house.call("ReopenCase", asked("resumption", 20261120))
        assert reopened.case.status == case_pb2.CASE_STATUS_OPEN


async def test_a_case_that_is_too_large_for_a_message_comes_in_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_BYTES_MAX", 60_000)
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        told = tracker_pb2.RecordEventsRequest()
        for number in range(400):
            made = event("listed", 20261105, f"{number:064}", basis="x" * 256, instrument="x" * 128)
            told.events.add(case_number=NUMBER).MergeFrom(made)
        assert [one.recorded for one in await house.bulk("RecordEvents", [told])] == [400]
        last = await house.call("RecordEvent", recording(event("distribution", 20261105)))
        assert last.case.next_page_token
        request = tracker_pb2.GetCaseRequest(case_number=NUMBER)
        first = await house.call("GetCase", request)
        await house.call("RecordEvent", recording(event("panel_decided", 20261106)))
        whole, page = case_pb2.CaseView(), first
        whole.MergeFrom(first)
        while page.next_page_token:
            request.page_token = page.next_page_token
            page = await house.call("GetCase", request)
            whole.MergeFrom(page)
        # As it was known when the first page was asked for.
        assert len(whole.history) == 403
        assert {(one.as_of, one.known_ns) for one in (first, page)} == {(whole.as_of, whole.known_ns)}
        assert whole.ByteSize() > 2 * pages.PAGE_BYTES_MAX
        assert {1, 2, 3, 31} <= {node.number for node in whole.nodes}
        rest = tracker_pb2.GetCaseRequest(case_number=NUMBER, page_token=last.case.next_page_token)
        assert (await house.call("GetCase", rest)).history
        for wrong in (
            tracker_pb2.GetCaseRequest(case_number=NUMBER, page_size=-1),
            tracker_pb2.GetCaseRequest(case_number=NUMBER, page_token=NUMBER),
            tracker_pb2.GetCaseRequest(case_number=NUMBER, as_of=20261105, page_token=request.page_token),
            *(
                tracker_pb2.GetCaseRequest(
                    case_number=NUMBER, page_token=forged(f"{place} {whole.law_version}")
                )
                for place in ("-1 20261105 1", "1 20261340 1", f"1 20261105 {2**63}")
            ),
        ):
            assert (await house.refused("GetCase", wrong)).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_case_is_shown_as_of_a_day_and_as_known_at_a_moment(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        first = await house.call("RegisterCase", registration(1))
        named = event("distribution", 20261105, detail=case_pb2.Detail(handler="judge-9"))
        assert (await house.call("RecordEvent", recording(named))).case.handler == "judge-9"

        def states(view: case_pb2.CaseView) -> set[int]:
            return {node.number for node in view.nodes if node.state == case_pb2.NODE_STATE_DONE}

        get = tracker_pb2.GetCaseRequest(case_number=NUMBER, as_of=20261104)
        before = await house.call("GetCase", get)
        assert (states(before), before.handler) == ({1}, "judge-1")
        get = tracker_pb2.GetCaseRequest(case_number=NUMBER, known_ns=first.history[0].recorded_ns)
        known = await house.call("GetCase", get)
        assert states(known) == {1}
        assert len(known.history) == 2
        wrong = (
            tracker_pb2.GetCaseRequest(case_number=NUMBER, as_of=20260230),
            tracker_pb2.GetCaseRequest(case_number=NUMBER, known_ns=-1),
        )
        for get in wrong:
            assert (await house.refused("GetCase", get)).code() is grpc.StatusCode.INVALID_ARGUMENT
