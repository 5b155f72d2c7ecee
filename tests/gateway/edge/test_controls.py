"""Controls: the parts put together, and what the rest of the gateway tells them."""

from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2

from chakong.gateway.v1 import controls_pb2
from gateway.edge.controls import ledger_limits
from gateway.holds.face import DAY_NS
from runtime.config import Config
from tests.gateway.edge.banking import called_as, open_office
from tests.gateway.edge.court import detail
from tests.gateway.holds.world import bank_indexes
from tests.patience import DEADLINE_S


def test_the_configuration_says_what_the_ledger_holds() -> None:
    limits = ledger_limits(
        Config(
            listen={"plaintext": True},  # type: ignore[arg-type]
            controls={
                "unknown_after_s": 1.5,
                "approval_above_fen": 7,
                "claims_max": 8,
                "holds_max": 9,
                "ended_keep_days": 2,
            },  # type: ignore[arg-type]
            journal={"orders_keep_days": 3},  # type: ignore[arg-type]
        )
    )
    assert (limits.ended_keep_ns, limits.orders_keep_ns) == (2 * DAY_NS, 3 * DAY_NS)
    assert (limits.unknown_after_ns, limits.approval_above_fen) == (1_500_000_000, 7)
    assert (limits.claims_max, limits.holds_max) == (8, 9)


async def test_what_an_institution_says_it_cannot_do_any_more_is_not_ordered(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        index = bank_indexes()[0]
        account = office.branches[0].bank.open(index, "6222", 700_00)
        endpoint = office.gateway.dispatch.directory.institutions[index].endpoint
        office.gateway.dispatch._described(endpoint, {index: frozenset({"INQUIRE"})})
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.freeze(office.order("f1", account, 500_00))
        assert detail(refused.value, error_details_pb2.ErrorInfo).reason == "INCAPABLE"
        office.gateway.dispatch._described(endpoint, {index: frozenset({"INQUIRE", "FREEZE"})})
        receipt = await office.freeze(office.order("f2", account, 500_00))
        await office.until_effective(receipt.hold_id)


async def test_what_was_taken_before_the_end_is_durable_and_goes_on(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        office.branches[0].calls_refused = 1_000_000
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        orders = [office.order(f"f{number}", account, 1, available_fen=700_00) for number in range(50)]
        call = office.stub.OrderBulk(metadata=called_as(), timeout=DEADLINE_S)
        await call.write(controls_pb2.OrderBulkRequest(orders=orders))
        # The end begins while they are decided.
        office.stop.set()
        taken: list[controls_pb2.OrderVerdict] = []
        # Either the message was read before the end, and is acknowledged, or nothing of it is there.
        with suppress(grpc.aio.AioRpcError):
            response = await call.read()
            if isinstance(response, controls_pb2.OrderBulkResponse):
                taken += response.verdicts
    async with open_office(tmp_path) as again:
        stats = again.gateway.controls.desk.ledger.stats()
        assert stats.holds == sum(one.HasField("receipt") for one in taken)


async def test_a_start_takes_up_the_snapshot_and_the_steps_after_it(tmp_path: Path) -> None:
    async with open_office(tmp_path, snapshot_every_steps=3) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 500_00))
        await office.until_effective(receipt.hold_id)
        snapshots = office.gateway.controls.snapshots
        await office.until(lambda: snapshots.counts.written == 1)
    async with open_office(tmp_path, snapshot_every_steps=3) as again:
        controls = again.gateway.controls
        assert controls.snapshots.steps_from > 1
        assert controls.snapshots.counts.steps_since == 0
        await again.until_effective(receipt.hold_id)
        repeated = await again.freeze(again.order("f1", account, 500_00))
        assert (repeated.repeated, repeated.hold_id) == (True, receipt.hold_id)
