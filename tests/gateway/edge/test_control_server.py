"""The way of a control over real gRPC: from a court's order to the bank's books and back."""

from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from runtime.clock import now_ns
from runtime.identity import Role
from tests.gateway.edge.banking import branch_of, called_as, open_office
from tests.gateway.edge.court import detail
from tests.gateway.holds.world import COURT, bank_indexes
from tests.patience import DEADLINE_S


async def test_a_freeze_reaches_the_bank_and_its_word_comes_back(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 1_000_00))
        assert (receipt.order_id, receipt.repeated, receipt.hold_id) == ("f1", False, receipt.control_id)
        await office.until_effective(receipt.hold_id)
        hold = await office.hold(receipt.hold_id)
        assert (hold.cover, hold.controlled_fen, hold.ceiling_fen) == (
            controls_pb2.COVER_PART,
            700_00,
            1_000_00,
        )
        claim = await office.stub.GetClaim(controls_pb2.GetClaimRequest(claim_id="c1"), metadata=called_as())
        assert (claim.due_fen, claim.cover_fen, claim.gap_fen) == (1_000_00, 700_00, 300_00)


async def test_the_same_order_again_gets_the_first_receipt(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        order = office.order("f1", account, 500_00)
        first, second = await office.freeze(order), await office.freeze(order)
        assert (second.control_id, second.repeated) == (first.control_id, True)
        order.ceiling_fen += 1
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.freeze(order)
        assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_an_amount_above_the_claim_is_refused_by_its_rule(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.freeze(office.order("f1", account, 1_000_01))
        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert detail(refused.value, error_details_pb2.ErrorInfo).reason == "ABOVE_CLAIM"
        assert not office.branches[0].batches


async def test_an_answer_that_is_lost_is_asked_for_again_and_takes_effect_once(tmp_path: Path) -> None:
    branches = [branch_of(index) for index in bank_indexes()]
    branches[0].answers_lost, branches[0].calls_refused = 2, 1
    async with open_office(tmp_path, branches) as office:
        await office.claim(1_000_00)
        account = branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 500_00))
        await office.until_effective(receipt.hold_id)
        assert len(branches[0].batches) == 4
        assert branches[0].bank.effects == {receipt.control_id: 1}


async def test_what_was_ordered_is_carried_out_after_a_restart(tmp_path: Path) -> None:
    branches = [branch_of(index) for index in bank_indexes()]
    branches[0].calls_refused = 1_000_000
    account = branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
    async with open_office(tmp_path, branches) as office:
        await office.claim(1_000_00)
        receipt = await office.freeze(office.order("f1", account, 500_00))
    branches[0].calls_refused = 0
    async with open_office(tmp_path, branches) as office:
        await office.until_effective(receipt.hold_id)
        assert branches[0].bank.effects == {receipt.control_id: 1}
        assert (await office.hold(receipt.hold_id)).controlled_fen == 500_00


@pytest.mark.parametrize("can_follow", [True, False])
async def test_late_credits_fill_a_hold(tmp_path: Path, can_follow: bool) -> None:
    branches = [branch_of(index) for index in bank_indexes()]
    branches[0].can_follow = can_follow
    async with open_office(tmp_path, branches) as office:
        await office.claim(1_000_00)
        account = branches[0].bank.open(bank_indexes()[0], "6222", 0)
        receipt = await office.freeze(office.order("f1", account, 1_000_00))
        await office.until_effective(receipt.hold_id)
        branches[0].credit(account, 400_00)
        ledger = office.gateway.controls.desk.ledger

        def is_filled() -> bool:
            view = ledger.claim_view(COURT, "c1", now_ns())
            return view is not None and view.cover_fen == 400_00

        await office.until(is_filled)


async def test_only_an_officer_approves_and_not_the_one_who_ordered(tmp_path: Path) -> None:
    async with open_office(tmp_path, approval_above_fen=100_00) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 500_00))
        assert receipt.waits_for_approval
        approval = controls_pb2.ApproveRequest(order_id="f1", amount_fen=500_00)
        for caller in (called_as(), called_as(Role.OFFICER, name="0105001")):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await office.stub.Approve(approval, metadata=caller)
            assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert not office.branches[0].batches
        approved = await office.stub.Approve(approval, metadata=called_as(Role.OFFICER, name="0105002"))
        assert not approved.waits_for_approval
        await office.until_effective(receipt.hold_id)


async def test_a_court_sees_its_own_holds_alone(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 500_00))
        other = called_as(court="沪0101")
        for ask in (
            office.stub.GetHold(controls_pb2.GetHoldRequest(hold_id=receipt.hold_id), metadata=other),
            office.stub.GetClaim(controls_pb2.GetClaimRequest(claim_id="c1"), metadata=other),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await ask
            assert refused.value.code() is grpc.StatusCode.NOT_FOUND
        listed = await office.stub.ListHolds(controls_pb2.ListHoldsRequest(), metadata=other)
        assert not listed.holds


async def test_bulk_orders_are_answered_one_by_one(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        bank = office.branches[0].bank
        accounts = [bank.open(bank_indexes()[0], f"6222{number}", 100_00) for number in range(3)]
        orders = [
            office.order(f"f{number}", account, 100_00, available_fen=100_00)
            for number, account in enumerate(accounts)
        ]
        orders[1].ceiling_fen = 5_000_00
        call = office.stub.OrderBulk(metadata=called_as())
        await call.write(controls_pb2.OrderBulkRequest(orders=orders, tag=7))
        response = await call.read()
        await call.done_writing()
        assert (response.tag, response.code) == (7, 0)
        rules = [verdict.rule for verdict in response.verdicts]
        assert rules == [
            controls_pb2.RULE_UNSPECIFIED,
            controls_pb2.RULE_ABOVE_CLAIM,
            controls_pb2.RULE_UNSPECIFIED,
        ]
        for verdict in response.verdicts:
            if verdict.HasField("receipt"):
                await office.until_effective(verdict.receipt.hold_id)


async def test_watchers_see_every_hold_come_to_its_end(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 500_00))
        release = office.order("r1", account, 0, kind=hold_pb2.CONTROL_KIND_RELEASE, hold_id=receipt.hold_id)
        release.whole = True
        await office.freeze(release)
        seen, cursors = [], []
        watch = office.stub.WatchHolds(
            controls_pb2.WatchHoldsRequest(), metadata=called_as(), timeout=DEADLINE_S
        )
        async for response in watch:
            seen += [hold.life for hold in response.holds]
            cursors.append(response.cursor)
            if hold_pb2.HOLD_LIFE_ENDED in seen:
                break
        assert cursors == sorted(cursors)
        again = office.stub.WatchHolds(
            controls_pb2.WatchHoldsRequest(cursor=cursors[-1] - 1), metadata=called_as(), timeout=20
        )
        async for response in again:
            assert [hold.life for hold in response.holds] == [hold_pb2.HOLD_LIFE_ENDED]
            break


async def test_reconcile_finds_what_the_bank_knows_otherwise(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        bank = office.branches[0].bank
        account = bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 500_00))
        await office.until_effective(receipt.hold_id)

        async def differences() -> list[str]:
            call = office.stub.Reconcile(
                controls_pb2.ReconcileRequest(), metadata=called_as(Role.OPERATOR, "", "me"), timeout=20
            )
            return [one.field async for response in call for one in response.differences]

        assert await differences() == []
        held, _ = bank.holds[receipt.hold_id]
        held.until += 1
        assert await differences() == ["effective_until"]
        del bank.holds[receipt.hold_id]
        assert await differences() == ["missing_there"]
