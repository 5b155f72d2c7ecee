"""Metrics: names that Prometheus accepts, figures that add up, and never a series per institution."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from chakong.gateway.v1 import gateway_pb2
from gateway.directory.directory import Directory
from gateway.edge import metrics
from gateway.edge.metrics import GatewayCollector
from runtime.metrics import LABELS
from tests.gateway.edge.house import COURT, House, bulk, directory_of, inquiry, living, talking
from tests.gateway.edge.institution import Institution, answering, at_last, refusing, serving

UNITS = ("_seconds", "_bytes", "_entries")


async def scraped(house: House) -> dict[str, list[Sample]]:
    """Samples by family, as a scraper on another thread reads them."""
    registry = CollectorRegistry()
    registry.register(GatewayCollector(house.pump, house.dispatch))
    text = (await asyncio.to_thread(generate_latest, registry)).decode()
    return {family.name: family.samples for family in text_string_to_metric_families(text)}


def accepted_count(collector: GatewayCollector) -> float:
    (family,) = (one for one in collector.collect() if one.name == "chakong_inquiries_accepted")
    return float(family.samples[0].value)


def value(families: dict[str, list[Sample]], name: str, suffix: str = "", **labels: str) -> float:
    """The sum over all samples of this name that have these labels."""
    return sum(
        sample.value
        for sample in families[name]
        if sample.name == name + suffix and labels.items() <= sample.labels.items()
    )


async def test_figures_tell_what_happened(tmp_path: Path) -> None:
    async with talking(tmp_path, [at_last(1, refusing), answering], [1, 3]) as (house, _):
        await house.submit(inquiry(1), inquiry(2))
        await house.pump.submit(bulk(inquiry(3, court_code="沪0101")), COURT)
        for inquiry_id in (1, 2):
            await house.final(inquiry_id)
        families = await scraped(house)
    assert value(families, "chakong_inquiries_accepted", "_total") == 2
    assert value(families, "chakong_inquiries_refused", "_total", reason="foreign_court") == 1
    assert value(families, "chakong_inquiries_refused", "_total") == 1
    assert value(families, "chakong_queries_ended", "_total", state="none") == 8
    assert value(families, "chakong_queries_ended", "_total") == value(families, "chakong_queries", "_total")
    assert value(families, "chakong_batches_failed", "_total", cause="refused", endpoint_class="unit") == 1
    assert value(families, "chakong_batches", "_total") == 3
    assert value(families, "chakong_batches_cut", "_total") == 3
    assert value(families, "chakong_batch_entries", "_count") == 3
    assert value(families, "chakong_batch_entries", "_sum") == 6
    assert value(families, "chakong_batch_entries", "_bucket", le="1") == 0
    assert value(families, "chakong_batch_entries", "_bucket", le="2") == 3
    assert value(families, "chakong_replies", "_total") == 2
    assert value(families, "chakong_reply_latency_seconds", "_count") == 2
    assert value(families, "chakong_answer_latency_seconds", "_count") == 2
    assert value(families, "chakong_answer_latency_seconds", "_bucket", le="+Inf") == 2
    assert 0 < value(families, "chakong_answer_latency_seconds", "_sum") < 10
    assert value(families, "chakong_journal_frames", "_total", kind="admission") == 1
    assert value(families, "chakong_breakers", breaker="closed") == 2
    assert value(families, "chakong_endpoints_open") == 2
    assert value(families, "chakong_batches_in_flight") == 0


async def test_names_follow_the_conventions(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering]) as (house, _):
        families = list(GatewayCollector(house.pump, house.dispatch).read())
    assert len({family.name for family in families}) == len(families)
    for family in families:
        assert family.name.startswith("chakong_"), family.name
        assert not family.name.endswith("_total"), family.name
        assert family.documentation.endswith("."), family.name
        assert family.type in {"counter", "gauge", "histogram"}, family.name
        if family.type == "histogram":
            assert family.name.endswith(UNITS), family.name
        for sample in family.samples:
            if family.type == "counter":
                assert sample.name == f"{family.name}_total"
            assert sample.labels.keys() <= LABELS | {"le"}, sample


async def test_no_series_names_an_institution_an_endpoint_or_a_court(tmp_path: Path) -> None:
    directory = Directory.load()
    nowhere = {endpoint.key: "ipv4:127.0.0.1:0" for endpoint in directory.endpoints}
    async with living(tmp_path, directory, nowhere) as house:
        await house.submit(inquiry(1))
        families = await scraped(house)
    values = {text for samples in families.values() for one in samples for text in one.labels.values()}
    assert not values & {endpoint.key for endpoint in directory.endpoints}
    assert not values & {institution.key for institution in directory.institutions}
    assert COURT not in values
    assert len({one.labels["endpoint_class"] for one in families["chakong_batches"]}) < 12
    assert sum(len(samples) for samples in families.values()) < 2_000


async def test_every_reason_has_a_series_from_the_start(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering]) as (house, _):
        families = await scraped(house)
    reasons = {one.labels["reason"] for one in families["chakong_inquiries_refused"]}
    assert len(reasons) == len(gateway_pb2.Reason.items()) - 1


async def test_a_scrape_does_not_wait_for_the_loop(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering]) as (house, _):
        collector = GatewayCollector(house.pump, house.dispatch)
        with ThreadPoolExecutor(1) as exporter:
            # The loop stands still here until the exporter's thread is done.
            families = list(exporter.submit(collector.collect).result(timeout=10))
    assert {family.name for family in families} >= {"chakong_inquiries_accepted", "chakong_batches"}


async def test_the_loop_leaves_new_figures_by_itself(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering]) as (house, _):
        collector = GatewayCollector(house.pump, house.dispatch)
        leaving = asyncio.create_task(collector.run())
        await house.submit(inquiry(1))
        await house.until(lambda: accepted_count(collector) == 1)
        leaving.cancel()


async def test_a_scrape_fails_when_the_loop_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with talking(tmp_path, [answering]) as (house, _):
        collector = GatewayCollector(house.pump, house.dispatch)
        monkeypatch.setattr(metrics, "AGE_NS_MAX", -1)
        with pytest.raises(TimeoutError, match="left no figures"):
            collector.collect()


async def test_endpoints_without_an_address_are_told_and_have_no_breaker(tmp_path: Path) -> None:
    async with (
        serving(Institution(answering)) as address,
        living(tmp_path, directory_of([1, 3]), {"unit-0": address}) as house,
    ):
        families = await scraped(house)
    name = "chakong_endpoints_without_address"
    assert value(families, name, endpoint_class="provincial_union") == value(families, name) == 1
    assert value(families, "chakong_breakers", endpoint_class="unit", breaker="closed") == 1
    assert value(families, "chakong_breakers") == 1
