"""Metrics: names, labels, and a scrape over HTTP."""

import time
import urllib.request

import pytest
from prometheus_client import generate_latest

from runtime.metrics import Figure, Metrics, export

SCRAPE_DEADLINE_S = 120.0


def scraped(address: str) -> str:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=SCRAPE_DEADLINE_S) as response:
        text: str = response.read().decode()
        return text


def test_label_that_could_name_an_institution_is_refused() -> None:
    for label in ("institution", "court", "inquiry_id", "name"):
        with pytest.raises(ValueError, match=label):
            Metrics().gauge("chakong_depth", "x", [label])
    metrics = Metrics()
    metrics.figures(lambda: [Figure("chakong_depth", "x", 1, (("institution", "3"),))])
    with pytest.raises(ValueError, match="institution"):
        generate_latest(metrics.registry)


def test_names_follow_the_conventions() -> None:
    with pytest.raises(ValueError, match="_total"):
        Metrics().counter("chakong_replies", "x")
    with pytest.raises(ValueError, match="chakong_"):
        Metrics().gauge("depth", "x")


def test_registries_are_independent() -> None:
    Metrics().gauge("chakong_depth", "x").set(1)
    Metrics().gauge("chakong_depth", "x").set(2)


def test_scrape_has_counters_gauges_histograms_and_figures() -> None:
    metrics = Metrics()
    metrics.counter("chakong_replies_total", "Replies.", ["cause"]).labels(cause="timeout").inc(3)
    metrics.histogram("chakong_commit_seconds", "Commits.", [0.1, 1.0]).observe(0.5)
    latest = [Figure("chakong_queries_total", "Queries.", 5, (("state", "found"),))]
    latest += [Figure("chakong_queries_total", "Queries.", 6, (("state", "none"),))]
    latest += [Figure("chakong_queries_open", "Open.", 7)]
    metrics.figures(lambda: latest)
    exporter = export(metrics, "127.0.0.1:0")
    try:
        text = scraped(f"127.0.0.1:{exporter.port}")
    finally:
        exporter.close()
    for line in (
        'chakong_replies_total{cause="timeout"} 3.0',
        'chakong_commit_seconds_bucket{le="1.0"} 1.0',
        'chakong_queries_total{state="found"} 5.0',
        'chakong_queries_total{state="none"} 6.0',
        "chakong_queries_open 7.0",
    ):
        assert line in text.splitlines()


def test_closed_exporter_frees_its_port() -> None:
    first = export(Metrics(), "127.0.0.1:0")
    port = first.port
    first.close()
    export(Metrics(), f"127.0.0.1:{port}").close()


def test_taken_port_is_an_error() -> None:
    first = export(Metrics(), "127.0.0.1:0")
    try:
        with pytest.raises(OSError, match="in use"):
            export(Metrics(), f"127.0.0.1:{first.port}")
    finally:
        first.close()


def test_rendering_a_full_set_of_figures_takes_little_time() -> None:
    metrics = Metrics()
    figures = [
        Figure(f"chakong_figure_{number}_total", "x", number, (("endpoint_class", f"class_{kind}"),))
        for number in range(60)
        for kind in range(10)
    ]
    metrics.figures(lambda: figures)
    start_ns = time.thread_time_ns()  # not the time that others took from this thread
    generate_latest(metrics.registry)
    assert time.thread_time_ns() - start_ns < 100_000_000
