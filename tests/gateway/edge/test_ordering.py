"""Ordering over real gRPC: receipts, verdicts, room, a failing journal, draining, and the superior court."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge import desk as desk_module
from gateway.edge import ordering as module
from gateway.edge.errors import FullError, JournalError
from gateway.edge.journal_schema import LEDGER
from gateway.edge.ordering import Ordering
from runtime.identity import Role
from tests.gateway.edge.banking import Office, called_as, open_office
from tests.gateway.edge.court import detail
from tests.gateway.edge.study import open_study
from tests.gateway.holds.bank import Account
from tests.gateway.holds.world import OTHER_COURT, bank_indexes, court
from tests.patience import DEADLINE_S

OK = controls_pb2.RULE_UNSPECIFIED


def account(office: Office, locator: str, balance_fen: int) -> Account:
    return office.branches[0].bank.open(bank_indexes()[0], locator, balance_fen)


def orders(office: Office, count: int, first: int = 0) -> list[Any]:
    """Of so many accounts with one fen each."""
    return [
        office.order(f"f{number}", account(office, f"6222{number}", 1), 1, available_fen=1)
        for number in range(first, first + count)
    ]


async def bulk(office: Office, *requests: Any) -> list[controls_pb2.OrderBulkResponse]:
    call = office.stub.OrderBulk(iter(requests), metadata=called_as(), timeout=DEADLINE_S)
    return [response async for response in call]


def refused_code(error: pytest.ExceptionInfo[Any]) -> grpc.StatusCode:
    code: grpc.StatusCode = error.value.code()
    return code


async def test_a_message_of_thousands_is_answered_by_position(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        made = orders(office, 1_500)
        responses = await bulk(office, controls_pb2.OrderBulkRequest(orders=made, tag=3))
        (response,) = responses
        assert (response.tag, response.code) == (3, 0)
        assert [one.receipt.order_id for one in response.verdicts] == [one.order_id for one in made]


async def test_acknowledgements_keep_the_order_of_messages_and_so_do_their_controls(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        requests = [
            controls_pb2.OrderBulkRequest(orders=orders(office, 40, number * 40), tag=number + 1)
            for number in range(6)
        ]
        responses = await bulk(office, *requests)
        assert [response.tag for response in responses] == [1, 2, 3, 4, 5, 6]
        ids = [one.receipt.control_id for response in responses for one in response.verdicts]
        assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (controls_pb2.OrderBulkRequest(orders=[controls_pb2.ControlOrder()] * 4_097), 3),
        # With a field that nobody knows it is read by the runtime.
        (controls_pb2.OrderBulkRequest.FromString(b"\x0a\x00" * 4_097 + b"\xf8\x01\x01"), 3),
        (controls_pb2.OrderBulkRequest(orders=[controls_pb2.ControlOrder(reason="x" * (4 << 20))]), 3),
    ],
    ids=["too many", "too many and unknown", "too long"],
)
async def test_a_message_beyond_the_contract_is_refused_and_the_stream_goes_on(
    tmp_path: Path, request_: controls_pb2.OrderBulkRequest, code: int
) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        good = controls_pb2.OrderBulkRequest(orders=orders(office, 1), tag=2)
        first, second = await bulk(office, request_, good)
        assert (first.code, len(first.verdicts)) == (code, 0)
        assert first.message
        assert (second.code, second.verdicts[0].rule) == (0, OK)


async def test_without_room_for_all_of_a_message_nothing_of_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        monkeypatch.setattr(desk_module, "ORDERS_WAITING_MAX", 10)
        first, second = await bulk(
            office,
            controls_pb2.OrderBulkRequest(orders=orders(office, 11)),
            controls_pb2.OrderBulkRequest(orders=orders(office, 10, 20)),
        )
        assert first.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        assert (len(first.verdicts), first.retry_after_ms > 0) == (0, True)
        assert len(second.verdicts) == 10
        assert office.gateway.controls.desk.ledger.stats().holds == 10


async def test_one_court_cannot_take_the_room_of_all_not_even_by_leaving(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ORDERS_PER_COURT_MAX", 10)
    async with open_study() as study:
        await study.claim()
        ordering = Ordering(study.desk, asyncio.Event(), retry_ms=7)
        study.journal.is_held = True

        def message(count: int) -> bytes:
            made = [study.order(study.account("6222", 10), 1) for _ in range(count)]
            return controls_pb2.OrderBulkRequest(orders=made).SerializeToString()

        leaving = asyncio.create_task(ordering._answer(court(), message(8)))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait((leaving,))
        full = controls_pb2.OrderBulkResponse.FromString(await ordering._answer(court(), message(3)))
        assert full.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        assert "of this court" in full.message

        def one() -> bytes:
            order = study.order(study.account("6222", 10), 1)
            return controls_pb2.OrderRequest(order=order).SerializeToString()

        singles = [asyncio.create_task(ordering.one(court(), one())) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await ordering.one(court(), one())
        other = asyncio.create_task(ordering._answer(court(OTHER_COURT), message(3)))
        await study.until(lambda: study.desk.counts.inputs > 0)
        study.journal.is_held = False
        study.journal.let_go()
        response = controls_pb2.OrderBulkResponse.FromString(await other)
        assert response.code == 0
        assert all(await asyncio.gather(*singles))
        await study.until(lambda: study.desk.waiting_count == 0)
        again = controls_pb2.OrderBulkResponse.FromString(await ordering._answer(court(), message(10)))
        assert len(again.verdicts) == 10


async def test_messages_that_wait_are_bounded_in_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        monkeypatch.setattr(module, "HELD_BYTES_MAX", 1_000)
        (response,) = await bulk(office, controls_pb2.OrderBulkRequest(orders=orders(office, 20)))
        assert response.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        (response,) = await bulk(office, controls_pb2.OrderBulkRequest(orders=orders(office, 1, 30)))
        assert response.code == 0


@pytest.mark.parametrize("lost", ["all", "some"])
async def test_what_the_journal_could_not_take_is_told_and_can_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        made = orders(office, 600)
        journal = office.gateway._journal
        append, steps = journal.append, []

        def failing(frame: Any) -> Any:
            if frame.kind != LEDGER:
                return append(frame)
            steps.append(frame)
            if lost == "some" and len(steps) != 1:
                return append(frame)
            future = asyncio.get_running_loop().create_future()
            future.set_exception(JournalError("the disk is full"))
            return future

        monkeypatch.setattr(journal, "append", failing)
        (response,) = await bulk(office, controls_pb2.OrderBulkRequest(orders=made))
        assert response.code == grpc.StatusCode.UNAVAILABLE.value[0]
        assert response.retry_after_ms > 0
        taken = [one.HasField("receipt") for one in response.verdicts]
        assert taken.count(True) == (
            0 if lost == "all" else office.gateway.controls.desk.ledger.stats().holds
        )
        assert len(response.verdicts) == (0 if lost == "all" else 600)
        assert all(one.rule == OK for one in response.verdicts)
        monkeypatch.setattr(journal, "append", append)
        (again,) = await bulk(office, controls_pb2.OrderBulkRequest(orders=made))
        assert again.code == 0
        assert [one.receipt.repeated for one in again.verdicts] == (taken or [False] * 600)


async def test_a_draining_gateway_ends_silent_streams_and_takes_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        call = office.stub.OrderBulk(metadata=called_as(), timeout=DEADLINE_S)
        await call.write(controls_pb2.OrderBulkRequest(orders=orders(office, 1)))
        response = await call.read()
        assert response.verdicts[0].HasField("receipt")
        office.stop.set()
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await call.read()
        assert refused_code(ended) is grpc.StatusCode.UNAVAILABLE


async def test_a_refused_order_is_told_with_rule_and_field(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        order = orders(office, 1)[0]
        order.ClearField("mandate")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.freeze(order)
        assert refused_code(refused) is grpc.StatusCode.INVALID_ARGUMENT
        rule = detail(refused.value, error_details_pb2.ErrorInfo).reason
        (violation,) = detail(refused.value, error_details_pb2.BadRequest).field_violations
        assert violation.reason == rule
        assert violation.field.startswith("mandate")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.stub.Order(controls_pb2.OrderRequest(), metadata=called_as())
        assert refused_code(refused) is grpc.StatusCode.INVALID_ARGUMENT


async def test_no_refusal_repeats_who_the_debtor_is(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(10_000)
        base = orders(office, 1)[0]
        wrong: list[Any] = []
        for spoil in (
            {"subject": {"name": "赵某", "id_number": "110101199001011234", "id_type": 1}},
            {"ceiling_fen": 10**12},
            {"months": 4_000},
            {"notice_number": "x" * 4_000},
            {"claim_id": "赵某"},
            {"replaces_hold_id": 999},
        ):
            order = controls_pb2.ControlOrder()
            order.CopyFrom(base)
            order.MergeFrom(controls_pb2.ControlOrder(order_id=f"w{len(wrong)}", **spoil))
            wrong.append(order)
        (response,) = await bulk(office, controls_pb2.OrderBulkRequest(orders=wrong))
        texts = [verdict.text for verdict in response.verdicts if verdict.rule]
        assert len(texts) == len(wrong)
        for text in texts:
            for said in (base.subject.name, base.subject.id_number, "赵某", "110101199001011234", "6222"):
                assert said not in text
            assert len(text) < 300


async def test_preview_says_what_order_would_do_and_keeps_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        order = office.order("f1", account(office, "6222", 700_00), 500_00, available_fen=700_00)
        request = controls_pb2.PreviewRequest(order=order)
        seen = await office.stub.Preview(request, metadata=called_as())
        assert (seen.rule, seen.claim.cover_fen, seen.claim.gap_fen) == (OK, 500_00, 500_00)
        order.ceiling_fen = 5_000_00
        seen = await office.stub.Preview(controls_pb2.PreviewRequest(order=order), metadata=called_as())
        assert seen.rule == controls_pb2.RULE_ABOVE_CLAIM
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await office.stub.Preview(controls_pb2.PreviewRequest(), metadata=called_as())
        assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert office.gateway.controls.desk.ledger.stats().holds == 0
        assert not office.branches[0].batches


async def test_the_superior_court_may_release_and_nothing_else(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        receipt = await office.freeze(office.order("f1", account(office, "6222", 700_00), 500_00))
        await office.until_effective(receipt.hold_id)
        superior = called_as(court="京")

        def by_the_superior(order_id: str, kind: Any, **fields: Any) -> Any:
            order = office.order(
                order_id, account(office, "6222", 700_00), 0, hold_id=receipt.hold_id, **fields
            )
            order.kind, order.court_code, order.mandate.court_code = kind, "京", ""
            for field in ("subject", "property"):
                order.ClearField(field)
            return controls_pb2.OrderRequest(order=order)

        renew = by_the_superior("s1", hold_pb2.CONTROL_KIND_RENEW)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.stub.Order(renew, metadata=superior)
        assert detail(refused.value, error_details_pb2.ErrorInfo).reason == "FOREIGN_COURT"
        release = by_the_superior("s2", hold_pb2.CONTROL_KIND_RELEASE, whole=True)
        stranger = called_as(court="沪")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.stub.Order(release, metadata=stranger)
        assert refused_code(refused) is grpc.StatusCode.PERMISSION_DENIED
        await office.stub.Order(release, metadata=superior)

        def is_released() -> bool:
            return office.branches[0].bank.holds[receipt.hold_id][0].life == hold_pb2.HOLD_LIFE_ENDED

        await office.until(is_released)


async def test_only_an_officer_may_call_approve(tmp_path: Path) -> None:
    async with open_office(tmp_path, approval_above_fen=1) as office:
        await office.claim(1_000_00)
        await office.freeze(office.order("f1", account(office, "6222", 700_00), 500_00))
        approval = controls_pb2.ApproveRequest(order_id="f1", amount_fen=500_00)
        for role in (Role.COURT, Role.OPERATOR, Role.SERVICE, Role.UNIT):
            court = "京0105" if role is Role.COURT else ""
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await office.stub.Approve(approval, metadata=called_as(role, court, "京0105"))
            assert refused_code(refused) is grpc.StatusCode.PERMISSION_DENIED
        # What the officer saw is not what was ordered.
        other = controls_pb2.ApproveRequest(order_id="f1", amount_fen=400_00)
        with pytest.raises(grpc.aio.AioRpcError):
            await office.stub.Approve(other, metadata=called_as(Role.OFFICER, name="0105002"))
        await office.stub.Approve(approval, metadata=called_as(Role.OFFICER, name="0105002"))
