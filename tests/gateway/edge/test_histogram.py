"""Histogram: buckets without gaps, and quantiles that are never too low and hardly too high."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.histogram import BUCKET_COUNT, VALUE_BITS, VALUE_MAX, Histogram, bucket_end, bucket_of


@given(st.integers(0, VALUE_MAX))
def test_a_number_is_below_the_end_of_its_bucket_and_not_below_the_one_before(value: int) -> None:
    bucket = bucket_of(value)
    assert value < bucket_end(bucket)
    assert bucket == 0 or value >= bucket_end(bucket - 1)


def test_buckets_grow_and_the_last_takes_everything_beyond() -> None:
    ends = [bucket_end(bucket) for bucket in range(BUCKET_COUNT)]
    assert ends == sorted(set(ends))
    assert ends[-1] == 1 << VALUE_BITS
    assert bucket_of(1 << 60) == bucket_of(VALUE_MAX) == BUCKET_COUNT - 1


@given(st.lists(st.integers(0, VALUE_MAX), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_at_most_an_eighth_too_high(values: list[int], share: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    found = histogram.quantile(share)
    assert sum(value < found for value in values) >= share * len(values)
    smallest = next(
        value for value in sorted(values) if sum(one <= value for one in values) >= share * len(values)
    )
    assert smallest < found <= smallest + smallest / 8 + 1
    assert histogram.count == len(values)
    assert histogram.total == sum(values)


@given(st.lists(st.integers(0, VALUE_MAX)), st.integers(0, VALUE_BITS))
def test_counts_below_a_power_of_two_are_exact(values: list[int], bits: int) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert histogram.count_below(bits) == sum(value < 1 << bits for value in values)


def test_an_empty_histogram_has_no_quantile() -> None:
    assert Histogram().quantile(0.5) == 0


def test_merged_histograms_count_both() -> None:
    one, other = Histogram(), Histogram()
    one.add(3)
    other.add(3)
    other.add(1_000)
    one.merge(other)
    assert (one.count, one.total, other.count) == (3, 1_006, 2)
