"""Directory: a snapshot read, scopes resolved, and what is behind endpoints spread into one set."""

import numpy as np

from benchmarks.core._messages import Places
from benchmarks.core.conftest import Measure
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, REACH_BANKS, REACH_PROVINCE, REACH_UNITS
from gateway.directory import Directory
from gateway.directory.model import INQUIRE
from runtime.chance import Chance

SCOPE_COUNT = 4_000
SPREAD_COUNT = 100
ITEM_COUNT = 25
ITEMS_ALL = (1 << ITEM_COUNT) - 1
PROVINCES = (11, 31, 44, 33, 32, 51, 41, 43)
REACHES = (REACH_ALL, REACH_BANKS, REACH_UNITS, REACH_PROVINCE)


def reached(directory: Directory, reach: int, province: int, items: int) -> int:
    """How many institutions a scope means, one by one."""
    wanted = {code for code in range(1, ITEM_COUNT + 1) if items >> (code - 1) & 1}
    return sum(
        1
        for one in directory.institutions
        if wanted & set(one.items)
        and (
            reach == REACH_ALL
            or (reach == REACH_UNITS and not one.province)
            or (reach == REACH_BANKS and one.province)
            or (reach == REACH_PROVINCE and one.province == str(province))
        )
    )


def test_snapshot_read(measure: Measure, directory: Directory) -> None:
    places = Places(directory.snapshot())
    count = len(directory.institutions)
    assert measure(Places.read, lambda: places, count) == {count}


def test_scopes_resolved(measure: Measure, directory: Directory) -> None:
    count = measure.size(SCOPE_COUNT)
    chance = Chance(1)
    kinds = [
        (reach, PROVINCES[at % len(PROVINCES)] if reach == REACH_PROVINCE else 0, 1 + chance.below(ITEMS_ALL))
        for at in range(10)
        for reach in REACHES
    ]
    means = [reached(directory, *kind) for kind in kinds]
    drawn = [chance.below(len(kinds)) for _ in range(count)]
    scopes = np.array([kinds[at] for at in drawn], np.uint32).tobytes()
    places = Places(directory.snapshot())
    expected = sum(means[at] for at in drawn)
    assert measure(lambda known: known.reach(scopes), lambda: places, count) == {expected}


def test_endpoints_spread(measure: Measure, directory: Directory) -> None:
    count = measure.size(SPREAD_COUNT)
    places = Places(directory.snapshot())
    capable = sum(1 for one in directory.institutions if INQUIRE in one.can)
    spread_count = count * len(directory.endpoints)
    assert measure(lambda known: known.spread(count), lambda: places, spread_count) == {count * capable}
