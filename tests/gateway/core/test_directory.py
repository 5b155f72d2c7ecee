"""Directory: a snapshot is read whole or not at all; a scope reaches whom plain Python finds in the data."""

import contextlib
import struct
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from gateway.core.testing_queue import Directory
from gateway.directory import Directory as Real
from tests.gateway.core.samples import unhurried
from tests.model.world import BEHIND, HUB, ITEMS, MUTE, snapshot

HEADER = struct.Struct("<8sIIQ")
INSTITUTION = struct.Struct("<HBBI")
ENDPOINT = struct.Struct("<III")
ALL_ITEMS = (1 << 25) - 1

items = st.just(ALL_ITEMS) | st.sets(st.integers(0, 24), min_size=1).map(
    lambda codes: sum(1 << code for code in codes)
)


@cache
def real() -> tuple[Real, Directory]:
    directory = Real.load()
    return directory, Directory(directory.snapshot())


def naive(reach: int, province: int, listed: list[int], wanted: int) -> set[int]:
    found = set()
    for row in real()[0].institutions:
        is_within = {
            gateway.REACH_ALL: True,
            gateway.REACH_BANKS: not row.is_unit,
            gateway.REACH_UNITS: row.is_unit,
            gateway.REACH_PROVINCE: row.province == f"{province:02}",
            gateway.REACH_LIST: row.index in listed,
        }[gateway.Reach.ValueType(reach)]
        if is_within and any(wanted >> (code - 1) & 1 for code in row.items):
            found.add(row.index)
    return found


@unhurried
@given(
    reach=st.integers(1, 5),
    province=st.sampled_from([11, 33, 44, 54, 99]),
    listed=st.lists(st.integers(0, 4200), max_size=30),
    wanted=items,
)
def test_every_scope_reaches_whom_plain_python_finds(
    reach: int, province: int, listed: list[int], wanted: int
) -> None:
    """Twice: the second time it is remembered."""
    expected = naive(reach, province, listed, wanted)
    for _ in range(2):
        assert real()[1].reach(reach, province, listed, wanted) == expected


def test_every_province_and_every_item_is_reached_alone() -> None:
    directory, compiled = real()
    provinces = sorted({int(row.province) for row in directory.institutions if not row.is_unit})
    assert len(provinces) > 20
    for province in provinces:
        expected = naive(gateway.REACH_PROVINCE, province, [], ALL_ITEMS)
        assert compiled.reach(gateway.REACH_PROVINCE, province, [], ALL_ITEMS) == expected != set()
    for code in range(25):
        assert compiled.reach(gateway.REACH_ALL, 0, [], 1 << code) == naive(1, 0, [], 1 << code) != set()


def test_log_sets_are_those_who_can_be_inquired_of() -> None:
    directory, compiled = real()
    able = {row.index for row in directory.institutions if "INQUIRE" in row.can}
    banks = {row.index for row in directory.institutions if not row.is_unit}
    assert (compiled.members(0), compiled.members(1), compiled.members(2)) == (
        able,
        able & banks,
        able - banks,
    )


def test_places_behind_an_endpoint_are_spread_to_their_institutions() -> None:
    directory, compiled = real()
    for endpoint in directory.endpoints:
        assert compiled.behind(endpoint.index) == sorted(endpoint.institutions)
        places = range(0, len(endpoint.institutions), 3)
        assert compiled.spread(endpoint.index, places) == {sorted(endpoint.institutions)[at] for at in places}
    assert Directory(snapshot()).spread(HUB, range(4)) == set(BEHIND[HUB])


def packed(
    institutions: list[tuple[int, int, int, int]], endpoints: list[tuple[int, int]], version: int = 1
) -> bytes:
    rows = b"".join(INSTITUTION.pack(*row) for row in institutions)
    rows += b"".join(ENDPOINT.pack(*row, 0) for row in endpoints)
    return HEADER.pack(b"CKDIR001", len(institutions), len(endpoints), version) + rows


LINE = (100, 1000)
FAULTY = {
    "begin with CKDIR001": b"CKDIR002" + snapshot()[8:],
    "endpoint does not exist": packed([(1, 7, 33, 1)], [LINE]),
    "items are none": packed([(0, 7, 33, 0)], [LINE]),
    "beyond 25": packed([(0, 7, 33, 1 << 25)], [LINE]),
    "limit is 0": packed([(0, 7, 33, 1)], [(0, 1)]),
    "batch limit is 0": packed([(0, 7, 33, 1)], [(1, 0)]),
    "more than 128": packed([(0, 7, 33, 1)] * 129, [LINE]),
    "more than 64 kinds": packed([(at // 64, 7, 33, at + 1) for at in range(65)], [LINE, LINE]),
    "institutions out of": packed([], [LINE]),
    "endpoints out of": packed([(0, 7, 33, 1)], []),
    "length does not fit": HEADER.pack(b"CKDIR001", 4096, 4096, 1),
    "out of 1..4096": HEADER.pack(b"CKDIR001", 0xFFFFFFFF, 1, 1),
}


@pytest.mark.parametrize("words", FAULTY)
def test_a_faulty_snapshot_is_refused_with_its_fault(words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Directory(FAULTY[words])


def test_a_snapshot_cut_anywhere_or_with_more_behind_it_is_refused() -> None:
    whole = snapshot()
    for size in range(len(whole)):
        with pytest.raises(ValueError, match="snapshot"):
            Directory(whole[:size])
    with pytest.raises(ValueError, match="length"):
        Directory(whole + b"\0")


@unhurried
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_bent_snapshot_is_read_or_refused(at: int, byte: int) -> None:
    bent = bytearray(snapshot())
    bent[at % len(bent)] = byte
    with contextlib.suppress(ValueError):
        assert Directory(bytes(bent)).reach(1, 0, [], ALL_ITEMS) <= set(ITEMS)


def test_as_many_as_there_can_be_behind_one_endpoint_are_read() -> None:
    directory = Directory(packed([(at // 128, 7, 33, 1) for at in range(4096)], [LINE] * 32))
    assert directory.reach(1, 0, [], 1) == set(range(4096))
    assert directory.spread(31, [0, 127]) == {31 * 128, 4095}


@pytest.mark.parametrize(
    ("later", "is_follower"),
    [
        (snapshot(2), True),
        (snapshot(2, incapable=[]), True),
        (snapshot(2, limits={HUB: (1, 1)}), True),
        (snapshot(1), False),
        (snapshot(0), False),
        (packed([(0, 7, 33, 1)], [LINE], 2), False),
    ],
    ids=["same", "capability", "limit", "same version", "earlier", "others"],
)
def test_a_later_version_of_the_same_follows(later: bytes, is_follower: bool) -> None:
    assert Directory(later).follows(Directory(snapshot(1))) is is_follower


@pytest.mark.parametrize("row", [(1, 7, 33, 1), (0, 7, 32, 1), (0, 7, 0, 1), (0, 7, 33, 3)])
def test_nobody_moves_or_keeps_something_else(row: tuple[int, int, int, int]) -> None:
    """Another endpoint, another seat, a unit instead of a bank, other items."""
    old = Directory(packed([(0, 7, 33, 1), (1, 7, 33, 1)], [LINE] * 2))
    assert not Directory(packed([row, (1, 7, 33, 1)], [LINE] * 2, 2)).follows(old)
    assert Directory(packed([(0, 0, 33, 1), (1, 7, 33, 1)], [LINE] * 2, 2)).follows(old)


def test_the_mute_bank_is_concerned_but_not_asked() -> None:
    directory = Directory(snapshot())
    assert MUTE in directory.reach(1, 0, [], ALL_ITEMS)
    assert MUTE not in directory.members(0)
