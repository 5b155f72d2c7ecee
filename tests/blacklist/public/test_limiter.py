"""Rates hold against a slow and obvious model, in memory that does not grow."""

from collections import defaultdict
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.public.limiter import HOUR_NS, SECOND_NS, Limiter, Rate, Sketch, network, per_hour, per_second

KEY = b"k" * 16
STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), max_size=120)


class Model:
    """A rate for each key, exactly: when it would be empty again."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.empty_ns: defaultdict[int, int] = defaultdict(int)

    def takes(self, now_ns: int, whom: int) -> bool:
        begin_ns = max(self.empty_ns[whom], now_ns)
        if begin_ns - now_ns > (self.rate.burst - 1) * self.rate.interval_ns:
            return False
        self.empty_ns[whom] = begin_ns + self.rate.interval_ns
        return True


def take(sketch: Sketch, now_ns: int, whom: int) -> bool:
    key = bytes([whom])
    if sketch.wait_ns(now_ns, key):
        return False
    sketch.count(now_ns, key)
    return True


@given(STEPS, st.integers(1, 5), st.integers(1, 10))
def test_wide_sketch_does_as_the_model(steps: list[tuple[int, int]], burst: int, interval: int) -> None:
    rate = Rate(burst, interval)
    sketch, model = Sketch(rate, KEY, 1 << 12), Model(rate)
    now = 1
    for later, whom in steps:
        now += later
        assert take(sketch, now, whom) is model.takes(now, whom)


@settings(max_examples=60)
@given(STEPS, st.integers(1, 4), st.integers(1, 10), st.integers(1, 8))
def test_crowded_sketch_is_never_laxer_than_the_rate(
    steps: list[tuple[int, int]], burst: int, interval: int, slots: int
) -> None:
    sketch = Sketch(Rate(burst, interval), KEY, slots)
    taken: defaultdict[int, list[int]] = defaultdict(list)
    now = 1
    for later, whom in steps:
        now += later
        if take(sketch, now, whom):
            taken[whom].append(now)
    for times in taken.values():
        for first, begin in enumerate(times):
            for last in range(first, len(times)):
                assert last - first + 1 <= burst + (times[last] - begin) // interval


@given(st.integers(1, 5), st.integers(1, 100))
def test_wait_is_as_long_as_it_must_be(burst: int, interval: int) -> None:
    sketch = Sketch(Rate(burst, interval), KEY, 64)
    for _ in range(burst):
        assert take(sketch, 7, 1)
    wait = sketch.wait_ns(7, b"\x01")
    assert wait > 0
    assert sketch.wait_ns(7 + wait - 1, b"\x01") > 0
    assert sketch.wait_ns(7 + wait, b"\x01") == 0


def test_memory_is_the_same_whoever_comes() -> None:
    sketch = Sketch(per_second(1), KEY, 256)
    for whom in range(2_000):
        sketch.count(1, whom.to_bytes(4, "big"))
    assert sum(len(row) for row in sketch._rows) == 4 * 256


def test_another_key_shares_slots_with_others() -> None:
    one, other = Sketch(per_second(1), KEY), Sketch(per_second(1), b"l" * 16)
    assert one._places(b"a") != other._places(b"a")
    with pytest.raises(ValueError, match="slots: 65537 given"):
        Sketch(per_second(1), KEY, 65_537)


def test_each_of_three_rates_refuses_and_what_is_refused_counts_nowhere() -> None:
    limiter = Limiter(Rate(2, HOUR_NS), Rate(3, HOUR_NS), Rate(5, HOUR_NS), KEY)
    assert [limiter.take(1, b"a", b"n") for _ in range(2)] == [0, 0]
    assert [bool(limiter.take(1, b"a", b"m")) for _ in range(9)] == [True] * 9
    assert limiter.take(1, b"b", b"n") == 0
    assert limiter.take(1, b"b", b"n") == HOUR_NS
    assert [limiter.take(1, address, b"m") for address in (b"b", b"c")] == [0, 0]
    assert limiter.take(1, b"d", b"o") == HOUR_NS
    assert limiter.refused == {"address": 9, "number": 1, "total": 1}
    assert limiter.take(1 + HOUR_NS, b"d", b"o") == 0


def test_rates_are_spread_evenly() -> None:
    assert per_hour(60) == Rate(60, 60 * SECOND_NS)
    assert per_second(200) == Rate(200, 5_000_000)


def test_address_of_a_network_is_counted_with_its_neighbours() -> None:
    assert network(ip_address("2001:db8::1")) == network(ip_address("2001:db8::ffff:1"))
    assert network(ip_address("2001:db8::1")) != network(ip_address("2001:db8:0:1::1"))
    assert network(ip_address("192.0.2.1")) != network(ip_address("192.0.2.2"))
    assert network(ip_address("::ffff:192.0.2.1")) == network(ip_address("192.0.2.1"))
