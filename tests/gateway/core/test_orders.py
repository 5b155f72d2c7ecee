"""Orders: a dict of the newest order ids; what was forgotten is counted."""

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway._core import Engine
from gateway.core.testing_queue import Orders
from tests.gateway.core.samples import unhurried
from tests.model.world import KEY

Pair = tuple[int, int]

keys = st.tuples(st.integers(0, 40), st.integers(0, 1))
acts = st.lists(st.tuples(st.sampled_from(["add", "add", "add", "remove", "find"]), keys), max_size=120)


@unhurried
@given(acts=acts, count_max=st.integers(1, 20))
def test_orders_agree_with_a_dict_that_forgets(acts: list[tuple[str, Pair]], count_max: int) -> None:
    """Rows are kept, and each row counts, whether its order is still known by it or not."""
    orders = Orders(count_max)
    rows: list[Pair | None] = []  # oldest first; None: no longer known by it
    known: OrderedDict[Pair, Pair] = OrderedDict()
    forgotten = 0
    for at, (act, key) in enumerate(acts):
        if act == "add":
            if len(rows) == count_max and (oldest := rows.pop(0)) is not None:
                del known[oldest]
                forgotten += 1
            if key in known:
                rows[rows.index(key)] = None
            rows.append(key)
            known[key] = (at + 7, at)
            assert orders.add(key, (at + 7, 1), at)
        elif act == "remove":
            orders.remove(key)
            if known.pop(key, None) is not None:
                rows[rows.index(key)] = None
        assert orders.find(key) == known.get(key)
    for key in [(low, high) for low in range(41) for high in (0, 1)]:
        assert orders.find(key) == known.get(key)
    assert orders.forgotten == forgotten


def test_growing_loses_nothing() -> None:
    orders = Orders(10_000)
    for at in range(10_000):
        assert orders.add((at, 1), (at, 2), at)
    assert all(orders.find((at, 1)) == (at, at) for at in range(10_000))
    assert orders.forgotten == 0
    assert orders.add((10_000, 1), (0, 0), 1)
    assert orders.find((0, 1)) is None
    assert orders.find((1, 1)) is not None
    assert orders.forgotten == 1


def test_an_order_recalled_twice_outlives_its_older_row() -> None:
    orders = Orders(3)
    for at, key in enumerate([5, 5, 6, 7]):
        orders.add((key, 0), (at, 0), at)
    assert orders.find((5, 0)) == (1, 1)
    assert orders.forgotten == 0


def test_an_impossible_number_of_orders_is_taken_as_the_most_there_can_be() -> None:
    orders = Orders(2**63)
    assert orders.add((1, 1), (2, 2), 3)
    assert orders.find((1, 1)) == (2, 3)


def test_two_keys_that_differ_in_bits_that_are_kept_are_two() -> None:
    orders = Orders(10)
    assert orders.add((1, 1), (1, 0), 2**48 - 1)
    assert orders.add((1, 0xFFFF), (2, 0), 1)
    assert orders.find((1, 1)) == (1, 2**48 - 1)
    assert orders.find((1, 0xFFFF)) == (2, 1)
    assert orders.find((1, 2)) is None


def test_inquiry_ids_that_rows_have_no_room_for_are_refused() -> None:
    engine = Engine(KEY, first_inquiry_id=2**48 - 1)
    engine.recall_orders(bytes(32) + (2**48 - 1).to_bytes(8, "little"))
    with pytest.raises(ValueError, match="inquiry id"):
        engine.recall_orders(bytes(32) + (2**48).to_bytes(8, "little"))
    with pytest.raises(ValueError, match="first_inquiry_id"):
        Engine(KEY, first_inquiry_id=2**48)
