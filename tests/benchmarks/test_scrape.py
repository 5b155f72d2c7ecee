"""Readings of /metrics: sums over labels, buckets, quantiles."""

import pytest

from benchmarks.scrape import Scrape, quantile, scrape

TEXT = """\
# HELP chakong_batches_total Batches.
# TYPE chakong_batches_total counter
chakong_batches_total{endpoint_class="unit"} 3.0
chakong_batches_total{endpoint_class="union"} 4.0
# HELP chakong_depth Depth.
# TYPE chakong_depth gauge
chakong_depth{endpoint_class="unit"} 5.0
chakong_depth{endpoint_class="union"} 2.0
# HELP chakong_size Size.
# TYPE chakong_size histogram
chakong_size_bucket{endpoint_class="unit",le="1.0"} 1.0
chakong_size_bucket{endpoint_class="unit",le="10.0"} 3.0
chakong_size_bucket{endpoint_class="unit",le="+Inf"} 4.0
chakong_size_bucket{endpoint_class="union",le="1.0"} 0.0
chakong_size_bucket{endpoint_class="union",le="10.0"} 6.0
chakong_size_bucket{endpoint_class="union",le="+Inf"} 6.0
chakong_size_sum{endpoint_class="unit"} 30.0
chakong_size_count{endpoint_class="unit"} 4.0
"""


def test_total_sums_over_labels_or_keeps_to_one() -> None:
    scraped = Scrape(TEXT)
    assert scraped.total("chakong_batches_total") == 7
    assert scraped.total("chakong_batches_total", endpoint_class="unit") == 3
    assert scraped.maximum("chakong_depth") == 5


def test_metric_that_is_not_there_is_an_error_and_not_zero() -> None:
    with pytest.raises(LookupError, match="chakong_missing"):
        Scrape(TEXT).total("chakong_missing")
    with pytest.raises(LookupError, match="chakong_batches_total"):
        Scrape(TEXT).total("chakong_batches_total", endpoint_class="sponsor")


def test_buckets_are_summed_and_not_cumulative() -> None:
    assert Scrape(TEXT).buckets("chakong_size") == ((1.0, 1.0), (10.0, 8.0), (float("inf"), 1.0))


def test_quantile_lies_in_its_bucket() -> None:
    buckets = ((1.0, 1.0), (10.0, 8.0), (float("inf"), 1.0))
    assert quantile(buckets, 0.05) == 0.5
    assert quantile(buckets, 0.5) == pytest.approx(1 + 9 * 4 / 8)
    assert quantile(buckets, 1.0) == 10.0
    assert quantile((), 0.5) == 0.0
    assert quantile(((5.0, 0.0),), 0.5) == 0.0


def test_only_this_machine_is_scraped() -> None:
    with pytest.raises(ValueError, match="must be on this machine"):
        scrape("http://192.0.2.1/metrics")
