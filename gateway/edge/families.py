"""Families: numbers in the shapes in which Prometheus takes them.

Pure. What is counted, and what it is called, is told to it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from gateway.edge.histogram import Histogram

SECONDS_PER_US: Final = 1e-6
# Powers of two of what is counted: 64 us to 67 s, 256 us to 67 s.
STEP_BITS: Final = range(6, 27, 2)
REPLY_BITS: Final = range(8, 27)


def counter(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    """A counter for each value of a label; without a label the only value has the empty name."""
    family = CounterMetricFamily(name, text, labels=[label] if label else [])
    for value, count in values.items():
        family.add_metric([value] if label else [], count)
    return family


def gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    """A gauge for each value of a label."""
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, level in values.items():
        family.add_metric([value], level)
    return family


def gauge(name: str, text: str, value: float) -> Metric:
    """A gauge without labels."""
    family = GaugeMetricFamily(name, text, labels=[])
    family.add_metric([], value)
    return family


def seconds(
    name: str,
    text: str,
    bits: range,
    counted: Sequence[tuple[list[str], Histogram]],
    labels: Sequence[str] = (),
) -> Metric:
    """A histogram in seconds of what was counted in microseconds."""
    family = HistogramMetricFamily(name, text, labels=labels)
    for values, histogram in counted:
        family.add_metric(values, buckets(histogram, bits, SECONDS_PER_US), histogram.total * SECONDS_PER_US)
    return family


def buckets(histogram: Histogram, bits: range, unit: float) -> list[tuple[str, float]]:
    """Pairs of upper bound and count up to it, for powers of two of what was counted."""
    found = [(f"{(1 << bit) * unit:g}", float(histogram.count_below(bit))) for bit in bits]
    return [*found, ("+Inf", float(histogram.count))]
