"""Control metrics: figures that add up, and names and labels that Prometheus and the house accept."""

from pathlib import Path

import grpc
import pytest
from prometheus_client.core import Metric

from gateway.edge.control_metrics import control_families
from gateway.edge.metrics import GatewayCollector
from runtime.metrics import LABELS
from tests.gateway.edge.banking import Office, open_office
from tests.gateway.holds.world import bank_indexes


def value(families: list[Metric], name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def read(office: Office) -> list[Metric]:
    return list(control_families(office.gateway.controls))


async def test_figures_tell_what_happened(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
        receipt = await office.freeze(office.order("f1", account, 1_000_00))
        await office.until_effective(receipt.hold_id)
        with pytest.raises(grpc.aio.AioRpcError):
            await office.freeze(office.order("f2", account, 1_000_00))
        await office.until(lambda: value(read(office), "chakong_control_receipts_total") == 1)
        families = read(office)
    assert value(families, "chakong_claims", state="short") == 1
    assert value(families, "chakong_claims") == 1
    assert value(families, "chakong_holds", life="effective") == 1
    assert value(families, "chakong_holds") == 1
    assert value(families, "chakong_holds_exposed_fen") == 300_00
    assert value(families, "chakong_controls_open") == 0
    assert value(families, "chakong_controls_oldest_seconds") == 0
    assert value(families, "chakong_controls_refused_total", rule="above_claim") == 1
    assert value(families, "chakong_controls_sent_total") == 1
    assert value(families, "chakong_control_latency_seconds_count") == 1
    assert value(families, "chakong_ledger_steps_total") == 3
    assert value(families, "chakong_ledger_inputs_total") == 4
    assert value(families, "chakong_ledger_step_latency_seconds_count") == 3
    assert value(families, "chakong_endpoints_followed") == 1
    assert value(families, "chakong_endpoints_without_controls") == 0


async def test_a_control_without_outcome_is_seen_to_grow_old(tmp_path: Path) -> None:
    async with open_office(tmp_path, approval_above_fen=600_00) as office:
        await office.claim(2_000_00)
        office.branches[0].calls_refused = 1_000_000
        bank = office.branches[0].bank
        waits = await office.freeze(office.order("f1", bank.open(bank_indexes()[0], "6222", 700_00), 700_00))
        assert waits.waits_for_approval
        # What waits for an officer is not late.
        assert value(read(office), "chakong_controls_oldest_seconds") == 0
        await office.freeze(office.order("f2", bank.open(bank_indexes()[0], "6223", 500_00), 500_00))
        await office.until(lambda: value(read(office), "chakong_control_calls_failed_total") > 0)
        families = read(office)
    assert value(families, "chakong_control_calls_failed_total", code="UNAVAILABLE") > 0
    assert value(families, "chakong_controls_open") == 2
    assert value(families, "chakong_controls_waiting") == 1
    assert 0 < value(families, "chakong_controls_oldest_seconds") < 60


async def test_steps_are_frames_of_the_journal_too(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        gateway = office.gateway
        families = list(GatewayCollector(gateway.pump, gateway.dispatch, gateway.controls).read())
    assert value(families, "chakong_journal_frames_total", kind="ledger") == 1
    assert value(families, "chakong_journal_bytes_total", kind="ledger") > 0


async def test_snapshots_are_counted_and_so_are_their_frames(tmp_path: Path) -> None:
    async with open_office(tmp_path, snapshot_every_steps=1) as office:
        await office.claim(1_000_00)
        await office.until(lambda: value(read(office), "chakong_ledger_snapshots_total") == 1)
        gateway = office.gateway
        families = list(GatewayCollector(gateway.pump, gateway.dispatch, gateway.controls).read())
    assert value(families, "chakong_ledger_steps_since_snapshot") == 0
    assert value(families, "chakong_ledger_snapshots_given_up_total") == 0
    assert value(families, "chakong_journal_frames_total", kind="snapshot") == 1
    assert value(families, "chakong_journal_bytes_total", kind="snapshot") > 0


async def test_labels_are_known_and_no_institution_court_or_person_is_one(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        for family in read(office):
            for sample in family.samples:
                assert set(sample.labels) - {"le"} <= set(LABELS)
                assert all(label.isascii() for label in sample.labels.values())
