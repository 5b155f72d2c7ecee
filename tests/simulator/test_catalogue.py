"""The catalogue: every draw makes a record that the contract allows."""

import pytest

from simulator.catalogue import CLASS_SHARES, DRAWS, OTHER_NAMES, Draw, Holder
from simulator.layout import Layout


def test_shares_of_the_classes_add_up() -> None:
    for holder in Holder:
        assert sum(shares[holder] for shares in CLASS_SHARES.values()) in range(65_536 - 8, 65_536 + 1)


@pytest.mark.parametrize("draw", DRAWS)
def test_a_draw_stays_within_the_contract(draw: Draw) -> None:
    assert 0 < draw.share <= 1
    assert 0 < draw.threshold < 2**32
    assert 1 <= draw.digit_count <= 18
    assert len(draw.locator.encode()) + draw.digit_count <= 128
    assert all(0 < len(kind.encode()) <= 64 for kind in draw.kinds)
    assert draw.least_fen << (draw.doublings + 1) < 2**63
    assert draw.currency in ("", "USD")
    assert len(draw.description.encode()) <= 512


def test_every_item_is_owned_by_persons_and_firms_alike_but_where_only_persons_can(layout: Layout) -> None:
    items = {item for one in layout.institutions for item in one.items}
    by_holder = [{draw.item for draw in DRAWS if draw.holder == holder} for holder in Holder]
    assert by_holder[Holder.PERSON] == items
    assert items - by_holder[Holder.ORGANISATION] == {5, 22, 23, 24, 25}


def test_there_is_always_another_name() -> None:
    assert all(len(set(names)) == len(names) > 1 for names in OTHER_NAMES)
