"""The institutions and endpoints of the data files."""

import pytest

from simulator.layout import BITMAP_BYTES, INQUIRE, Layout, bitmap, without


def test_all_institutions_and_endpoints_are_there(layout: Layout) -> None:
    assert (len(layout.institutions), len(layout.endpoints)) == (3_916, 372)
    assert [one.index for one in layout.institutions] == list(range(3_916))
    assert sum(INQUIRE not in one.can for one in layout.institutions) == 12


def test_every_institution_sits_behind_its_endpoint_alone(layout: Layout) -> None:
    members = [index for endpoint in layout.endpoints for index in endpoint.institutions]
    assert sorted(members) == list(range(3_916))
    assert all(
        layout.institutions[index].endpoint == endpoint.index
        for endpoint in layout.endpoints
        for index in endpoint.institutions
    )


def test_a_local_class_serves_the_province_it_is_seated_in(layout: Layout) -> None:
    city_bank = 3 * 100
    assert {layout.institutions[index].province for index in layout.pools[city_bank + 33]} == {33}
    assert layout.pools[city_bank + 99] == layout.pools[city_bank]
    assert all(layout.pools)


def test_every_item_of_a_unit_has_its_keeper(layout: Layout) -> None:
    assert sorted(layout.keepers) == list(range(6, 26))
    assert layout.institutions[layout.keepers[14]].key == "mps"


def test_an_unknown_key_has_no_endpoint(layout: Layout) -> None:
    assert layout.endpoint_of("union-33") is not None
    assert layout.endpoint_of("union-00") is None


def test_a_bitmap_has_the_bits_it_was_made_of() -> None:
    bits = bitmap([0, 9, 4095])
    assert len(bits) == BITMAP_BYTES
    assert int.from_bytes(bits, "little") == 1 | 1 << 9 | 1 << 4095
    assert without(bits, [9, 10]) == bitmap([0, 4095])
    with pytest.raises(IndexError):
        bitmap([4096])
