"""Get, list and cancel over real gRPC: a court reads its own writes, and nobody else's."""

import logging
from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2
from gateway.edge.errors import DamagedError
from tests.gateway.edge.court import Court, called_as, open_court, retry_ms, violations
from tests.gateway.edge.house import inquiry
from tests.gateway.edge.institution import silent
from tests.patience import DEADLINE_S

CASE = "(2026)京0105执1号"


async def submit(court: Court, number: int) -> int:
    receipt = await court.stub.Submit(
        gateway_pb2.SubmitRequest(inquiry=inquiry(number)), metadata=called_as(), timeout=DEADLINE_S
    )
    return int(receipt.inquiry_id)


async def get(court: Court, code: str = "京0105", **key: Any) -> gateway_pb2.InquiryView:
    request = gateway_pb2.GetInquiryRequest(**key)
    view: gateway_pb2.InquiryView = await court.stub.GetInquiry(
        request, metadata=called_as(court=code), timeout=DEADLINE_S
    )
    return view


async def test_what_was_submitted_is_found_at_once(tmp_path: Path) -> None:
    async with open_court(tmp_path, [silent], is_projected=True) as court:
        for number in range(1, 6):
            inquiry_id = await submit(court, number)
            assert (await get(court, inquiry_id=inquiry_id)).order_id == f"order-{number}"
            assert (await get(court, order_id=f"order-{number}")).inquiry_id == inquiry_id


async def test_the_final_answer_is_found_once_it_was_watched(tmp_path: Path) -> None:
    async with open_court(tmp_path, is_projected=True) as court:
        inquiry_id = await submit(court, 1)
        watching = court.stub.Watch(
            gateway_pb2.WatchRequest(inquiry_id=inquiry_id), metadata=called_as(), timeout=DEADLINE_S
        )
        seen = await watching.read()
        watching.cancel()
        view = await get(court, inquiry_id=inquiry_id)
    assert view.answer == seen.answers[0]
    assert (view.answer.stage, view.answer.coverage.none) == (gateway_pb2.STAGE_FINAL, 1)


async def test_the_court_that_asked_is_told_whom_its_inquiry_was_about(tmp_path: Path) -> None:
    async with open_court(tmp_path, is_projected=True) as court:
        ids = [await submit(court, number) for number in (1, 2, 3)]
        for number, inquiry_id in zip((1, 2, 3), ids, strict=True):
            for key in ({"inquiry_id": inquiry_id}, {"order_id": f"order-{number}"}):
                assert (await get(court, **key)).subject == inquiry(number).subject
        request = gateway_pb2.ListInquiriesRequest(case_number=CASE)
        page = await court.stub.ListInquiries(request, metadata=called_as(), timeout=DEADLINE_S)
        assert [one.HasField("subject") for one in page.inquiries] == [False] * 3


@pytest.mark.parametrize("is_damaged", [False, True])
async def test_of_an_order_that_is_not_kept_any_more_nobody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, is_damaged: bool
) -> None:
    async with open_court(tmp_path, is_projected=True) as court:
        inquiry_id = await submit(court, 1)

        def gone(_inquiry_id: int) -> None:
            if is_damaged:
                raise DamagedError(f"{tmp_path}: not readable")

        monkeypatch.setattr(court.gateway._journal, "admission_of", gone)
        view = await get(court, inquiry_id=inquiry_id)
    assert (view.inquiry_id, view.HasField("subject")) == (inquiry_id, False)
    assert sum(record.levelno >= logging.WARNING for record in caplog.records) == is_damaged
    assert inquiry(1).subject.name not in caplog.text


async def test_another_courts_inquiry_does_not_exist(tmp_path: Path) -> None:
    async with open_court(tmp_path, is_projected=True) as court:
        inquiry_id = await submit(court, 1)
        cancel = court.stub.CancelInquiry(
            gateway_pb2.CancelInquiryRequest(inquiry_id=inquiry_id),
            metadata=called_as(court="沪0101"),
            timeout=DEADLINE_S,
        )
        for call in (
            get(court, "沪0101", inquiry_id=inquiry_id),
            get(court, "沪0101", order_id="order-1"),
            cancel,
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("key", "field"), [({}, "key"), ({"inquiry_id": 0}, "key"), ({"order_id": "x" * 65}, "order_id")]
)
async def test_a_wrong_key_is_named(tmp_path: Path, key: dict[str, Any], field: str) -> None:
    async with open_court(tmp_path, is_projected=True) as court:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await get(court, **key)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert list(violations(caught.value)) == [field]


async def test_an_id_beyond_all_numbers_is_not_found(tmp_path: Path) -> None:
    async with open_court(tmp_path, is_projected=True) as court:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await get(court, inquiry_id=2**64 - 1)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_case_is_paged_newest_first(tmp_path: Path) -> None:
    async with open_court(tmp_path, [silent], is_projected=True) as court:
        for number in range(1, 8):
            await submit(court, number)
        ids: list[int] = []
        request = gateway_pb2.ListInquiriesRequest(case_number=CASE, page_size=3)
        sizes = []
        while True:
            page = await court.stub.ListInquiries(request, metadata=called_as(), timeout=DEADLINE_S)
            ids += [one.inquiry_id for one in page.inquiries]
            sizes.append(len(page.inquiries))
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
        assert ids == [7, 6, 5, 4, 3, 2, 1]
        assert sizes == [3, 3, 1]
        request = gateway_pb2.ListInquiriesRequest(case_number=CASE, page_token="x")  # noqa: S106
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await court.stub.ListInquiries(request, metadata=called_as(), timeout=DEADLINE_S)
        assert list(violations(caught.value)) == ["page_token"]


async def test_a_cancel_ends_the_inquiry_and_may_be_repeated(tmp_path: Path) -> None:
    async with open_court(tmp_path, [silent], is_projected=True) as court:
        inquiry_id = await submit(court, 1)
        request = gateway_pb2.CancelInquiryRequest(inquiry_id=inquiry_id)
        for _ in range(2):
            await court.stub.CancelInquiry(request, metadata=called_as(), timeout=DEADLINE_S)
        watching = court.stub.Watch(
            gateway_pb2.WatchRequest(inquiry_id=inquiry_id), metadata=called_as(), timeout=DEADLINE_S
        )
        (final,) = (await watching.read()).answers
        watching.cancel()
    assert (final.stage, final.coverage.cancelled, final.revision) == (gateway_pb2.STAGE_FINAL, 1, 1)


async def test_a_projection_that_is_behind_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.edge.lookup.CATCH_UP_S_MAX", 0.01)
    async with open_court(tmp_path, is_projected=True) as court:
        await court.until(lambda: court.gateway.projection.cursor >= 0)
        monkeypatch.setattr(court.gateway.projection, "grown", lambda _seq: None)
        court.gateway._journal._listeners.clear()
        inquiry_id = await submit(court, 1)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await get(court, inquiry_id=inquiry_id)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert retry_ms(caught.value) == 2_000
