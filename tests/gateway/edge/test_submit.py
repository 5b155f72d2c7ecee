"""Submit and SubmitBulk over real gRPC: receipts, verdicts, statuses, order, back-pressure, and clients that
leave."""

import asyncio
import gc
from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.edge import raw
from gateway.edge.errors import JournalError
from runtime.bulk import IN_FLIGHT_MAX
from runtime.identity import for_court
from tests.gateway.edge.court import Court, called_as, open_court, retry_ms, violations
from tests.gateway.edge.house import COURT, inquiry
from tests.patience import DEADLINE_S

Reason = gateway_pb2.Reason


async def submit(court: Court, one: gateway_pb2.Inquiry, **called: Any) -> gateway_pb2.Receipt:
    request = gateway_pb2.SubmitRequest(inquiry=one)
    receipt: gateway_pb2.Receipt = await court.stub.Submit(
        request, metadata=called_as(**called), timeout=DEADLINE_S
    )
    return receipt


async def bulk(
    court: Court, *requests: gateway_pb2.SubmitBulkRequest
) -> list[gateway_pb2.SubmitBulkResponse]:
    call = court.stub.SubmitBulk(iter(requests), metadata=called_as(), timeout=DEADLINE_S)
    return [one async for one in call]


async def test_the_same_order_gets_the_first_receipt(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        first = await submit(court, inquiry(1))
        assert (first.inquiry_id, first.order_id, first.repeated) == (1, "order-1", False)
        again = await submit(court, inquiry(1))
        assert (again.inquiry_id, again.order_id, again.repeated) == (1, "order-1", True)
        assert len(court.gateway._journal.read(0, kinds=(1,))) == 1


async def test_a_service_orders_for_the_court_it_names_under_ids_that_show_it(tmp_path: Path) -> None:
    tracker = (("chakong-identity", "chakong://service/tracker"), for_court(COURT))
    async with open_court(tmp_path) as court:
        for order_id, code in (("order-1", "PERMISSION_DENIED"), ("tracker:1", "OK")):
            request = gateway_pb2.SubmitRequest(inquiry=inquiry(1, order_id=order_id))
            call = court.stub.Submit(request, metadata=tracker, timeout=DEADLINE_S)
            assert (await call.code()).name == code
        (frame,) = court.gateway._journal.read(0, kinds=(1,))
        assert frame.court == COURT


async def test_a_receipt_means_that_it_is_durable(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        await submit(court, inquiry(1))
        (frame,) = court.gateway._journal.read(0, kinds=(1,))
        assert (frame.court, frame.first_inquiry_id, frame.inquiry_count) == (COURT, 1, 1)


@pytest.mark.parametrize(
    ("fields", "code", "expected"),
    [
        ({"claim_fen": 5}, "ALREADY_EXISTS", {"order_id": "ORDER_ID_REUSED"}),
        ({"order_id": "x", "court_code": "沪0101"}, "PERMISSION_DENIED", {"court_code": "FOREIGN_COURT"}),
        (
            {"order_id": "x", "freshness_s": 10**6, "deadline_s": 2_592_001, "items": [26]},
            "INVALID_ARGUMENT",
            {"freshness_s": "OUT_OF_RANGE", "deadline_s": "OUT_OF_RANGE", "items": "UNKNOWN_VALUE"},
        ),
        (
            {"order_id": "x", "subject": type_pb2.Subject(id_number="110105199001010000")},
            "INVALID_ARGUMENT",
            {"subject.id_number": "BAD_CHECK_DIGIT"},
        ),
    ],
)
async def test_a_refusal_names_all_faults(
    tmp_path: Path, fields: dict[str, Any], code: str, expected: dict[str, str]
) -> None:
    async with open_court(tmp_path) as court:
        await submit(court, inquiry(1))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await submit(court, inquiry(1, **fields))
        assert caught.value.code().name == code
        assert violations(caught.value) == expected


async def test_what_cannot_be_read_is_an_invalid_argument(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        call = court.channel.unary_unary("/chakong.gateway.v1.Gateway/Submit")
        one = gateway_pb2.SubmitRequest(inquiry=inquiry(1)).SerializeToString()
        for message in (b"\xff\xff", b"", one + one, one[:-3], one.replace(b"order-1", b"order\xff1")):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(message, metadata=called_as(), timeout=DEADLINE_S)
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert violations(caught.value)
        assert court.gateway._journal.last_seq == 0


async def test_a_message_of_millions_of_fields_is_refused_after_the_first_thousands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_count = 0
    read_for_real = raw._read_varint

    def counted(message: bytes, at: int) -> tuple[int, int]:
        nonlocal read_count
        read_count += 1
        return read_for_real(message, at)

    monkeypatch.setattr(raw, "_read_varint", counted)
    async with open_court(tmp_path) as court:
        fields = raw.field_varint(2, 7) * (3 << 20)
        call = court.channel.stream_stream("/chakong.gateway.v1.Gateway/SubmitBulk")
        answered = call(iter([fields]), metadata=called_as(), timeout=DEADLINE_S)
        (got,) = [gateway_pb2.SubmitBulkResponse.FromString(one) async for one in answered]
        assert (got.tag, got.error.code) == (0, 3)
        for message in (fields, raw.field_bytes(1, fields)):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await court.channel.unary_unary("/chakong.gateway.v1.Gateway/Submit")(
                    message, metadata=called_as(), timeout=DEADLINE_S
                )
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert violations(caught.value)
    assert read_count < 10 * raw.CALLERS_FIELDS_MAX


async def test_no_personal_data_comes_back_in_an_error(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        wrong = type_pb2.Subject(
            id_type=type_pb2.ID_TYPE_RESIDENT_ID, id_number="11010519491231002Y", name="秘密"
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await submit(court, inquiry(1, subject=wrong))
        assert "11010519491231002Y" not in repr(caught.value)
        assert "秘密" not in repr(caught.value)


async def test_acknowledgements_have_the_order_of_their_messages(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        requests = [
            gateway_pb2.SubmitBulkRequest(tag=tag, inquiries=[inquiry(10 * tag + n) for n in range(3)])
            for tag in range(1, 31)
        ]
        got = await bulk(court, *requests)
    assert [(one.tag, one.accepted, one.first_inquiry_id) for one in got] == [
        (tag, 3, 3 * tag - 2) for tag in range(1, 31)
    ]


async def test_one_bad_inquiry_harms_no_other(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        good = gateway_pb2.SubmitBulkRequest(inquiries=[inquiry(1)]).SerializeToString()
        broken = good.replace(b"order-1", b"order\xff1")
        foreign = gateway_pb2.SubmitBulkRequest(
            inquiries=[inquiry(2, court_code="沪0101"), inquiry(3), inquiry(1)]
        )
        call = court.channel.stream_stream("/chakong.gateway.v1.Gateway/SubmitBulk")
        message = good + broken + foreign.SerializeToString()
        answered = call(iter([message]), metadata=called_as(), timeout=DEADLINE_S)
        (got,) = [gateway_pb2.SubmitBulkResponse.FromString(one) async for one in answered]
    assert (got.accepted, got.repeated, got.refused) == (2, 1, 2)
    assert [(one.index, one.reason) for one in got.verdicts] == [
        (1, Reason.Value("REASON_MALFORMED")),
        (2, Reason.Value("REASON_FOREIGN_COURT")),
        (4, Reason.Value("REASON_SAME_RECEIPT")),
    ]


async def test_a_message_that_is_refused_whole_leaves_the_stream_open(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        call = court.channel.stream_stream("/chakong.gateway.v1.Gateway/SubmitBulk")
        large = gateway_pb2.SubmitBulkRequest(tag=7, inquiries=[inquiry(1, order_id="x" * (5 << 20))])
        good = gateway_pb2.SubmitBulkRequest(tag=9, inquiries=[inquiry(1)]).SerializeToString()
        messages = [b"\x0a\xff", large.SerializeToString(), good]
        answered = call(iter(messages), metadata=called_as(), timeout=DEADLINE_S)
        got = [gateway_pb2.SubmitBulkResponse.FromString(one) async for one in answered]
    assert [(one.error.code, one.accepted) for one in got] == [(3, 0), (3, 0), (0, 1)]
    assert [one.tag for one in got] == [0, 7, 9]
    assert all(one.error.message for one in got[:2])


async def test_a_full_gateway_says_when_to_come_again(tmp_path: Path) -> None:
    async with open_court(tmp_path, inquiries_max=1) as court:
        two = gateway_pb2.SubmitBulkRequest(tag=5, inquiries=[inquiry(1), inquiry(2)])
        (got,) = await bulk(court, two)
        assert (got.tag, got.accepted, got.error.code) == (5, 0, 8)
        assert got.error.retry_after_ms > 0
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await court.channel.unary_unary("/chakong.gateway.v1.Gateway/Submit")(
                b"", metadata=called_as(), timeout=DEADLINE_S
            )
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_journal_that_cannot_write_acknowledges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_court(tmp_path) as court:

        def refuse(_frame: object) -> asyncio.Future[int]:
            future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            future.set_exception(JournalError("disk full", retry_ms=1_000))
            return future

        with monkeypatch.context() as patch:
            patch.setattr(court.gateway._journal, "append", refuse)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await submit(court, inquiry(1))
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
            assert retry_ms(caught.value) == 1_000
            (got,) = await bulk(court, gateway_pb2.SubmitBulkRequest(tag=3, inquiries=[inquiry(1)]))
            assert (got.tag, got.error.code, got.error.retry_after_ms) == (3, 14, 1_000)
        assert not (await submit(court, inquiry(1))).repeated


async def test_a_stream_reads_no_further_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_court(tmp_path) as court:
        gate, began = asyncio.Event(), 0
        submit_for_real = court.gateway.pump.submit

        async def held(message: bytes, code: str) -> Any:
            nonlocal began
            began += 1
            await gate.wait()
            return await submit_for_real(message, code)

        monkeypatch.setattr(court.gateway.pump, "submit", held)
        requests = [gateway_pb2.SubmitBulkRequest(tag=n, inquiries=[inquiry(n)]) for n in range(1, 21)]
        answering = asyncio.create_task(bulk(court, *requests))
        await court.until(lambda: began == IN_FLIGHT_MAX)
        # Other calls go through meanwhile, so a reader that did not stop would have read on.
        await court.channel.unary_unary("/chakong.gateway.v1.Gateway/ListSlowEndpoints")(
            b"", metadata=called_as(), timeout=DEADLINE_S
        )
        assert began == IN_FLIGHT_MAX
        gate.set()
        assert [one.tag for one in await answering] == list(range(1, 21))


@pytest.mark.parametrize("is_waiting", [True, False])
async def test_a_client_that_leaves_takes_nothing_back_and_leaves_nothing(
    tmp_path: Path, is_waiting: bool
) -> None:
    async with open_court(tmp_path) as court:
        call = court.stub.SubmitBulk(metadata=called_as(), timeout=DEADLINE_S)
        await call.write(gateway_pb2.SubmitBulkRequest(tag=1, inquiries=[inquiry(1)]))
        if is_waiting:
            assert (await call.read()).accepted == 1
        call.cancel()
        await court.until(lambda: court.gateway.server.guard.counts.open_calls == 0)
        if is_waiting:
            assert (await submit(court, inquiry(1))).repeated


async def test_draining_ends_streams_after_their_acknowledgements_and_refuses_the_rest(
    tmp_path: Path,
) -> None:
    async with open_court(tmp_path) as court:
        call = court.stub.SubmitBulk(metadata=called_as(), timeout=DEADLINE_S)
        await call.write(gateway_pb2.SubmitBulkRequest(tag=1, inquiries=[inquiry(1)]))
        assert (await call.read()).accepted == 1
        await court.gateway.server.drain()
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await call.read()
        assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
        assert retry_ms(ended.value) == 1_000
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await submit(court, inquiry(2))
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert retry_ms(refused.value) == 1_000


async def test_draining_leaves_no_error_behind_that_nobody_looked_at(tmp_path: Path) -> None:
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))
    async with open_court(tmp_path) as court:
        calls = [court.stub.SubmitBulk(metadata=called_as(), timeout=DEADLINE_S) for _ in range(3)]
        for number, call in enumerate(calls, 1):
            await call.write(gateway_pb2.SubmitBulkRequest(inquiries=[inquiry(number)]))
            assert (await call.read()).accepted == 1
        await court.end()
    gc.collect()
    assert not errors
