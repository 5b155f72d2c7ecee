"""Families: what a scraper reads of them."""

import pytest
from prometheus_client.core import Metric

from gateway.edge.families import REPLY_BITS, counter, gauge, gauges, seconds
from gateway.edge.histogram import Histogram


def samples(family: Metric) -> dict[tuple[str, ...], float]:
    return {(one.name, *one.labels.values()): one.value for one in family.samples}


def test_a_counter_has_a_sample_for_each_value_of_its_label() -> None:
    assert samples(counter("a", "A.", "kind", {"x": 1, "y": 0})) == {("a_total", "x"): 1, ("a_total", "y"): 0}
    assert samples(counter("a", "A.", "", {"": 3})) == {("a_total",): 3}


def test_a_gauge_is_a_level() -> None:
    assert samples(gauge("a", "A.", 2.5)) == {("a",): 2.5}
    assert samples(gauges("a", "A.", "life", {"sent": 1})) == {("a", "sent"): 1}


def test_microseconds_are_told_in_seconds() -> None:
    counted = Histogram()
    counted.add(500)
    counted.add(2_000_000)
    told = samples(seconds("a_seconds", "A.", REPLY_BITS, [(["bank"], counted)], ["endpoint_class"]))
    assert told[("a_seconds_bucket", "bank", "0.000256")] == 0
    assert told[("a_seconds_bucket", "bank", "0.000512")] == 1
    assert told[("a_seconds_bucket", "bank", "+Inf")] == 2
    assert told[("a_seconds_sum", "bank")] == pytest.approx(2.0005)
