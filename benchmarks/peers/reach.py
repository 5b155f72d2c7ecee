"""Reach: which institutions an inquiry concerns, and behind which endpoints they are.

Fair: a set of institutions is one Python integer with a bit for each, so that a scope, its items and what an
institution can do meet in three operations; what was worked out for a set once is kept.
"""

from collections.abc import Iterable
from functools import lru_cache

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from gateway.directory import INQUIRE, Directory

SETS_KEPT_MAX = 1 << 15
ITEM_COUNT = 25

Part = tuple[int, int, bytes]  # endpoint, institutions there as bits, Entry.institutions as encoded


def bits(institutions: Iterable[int]) -> int:
    """The set of these."""
    found = 0
    for index in institutions:
        found |= 1 << index
    return found


def members(institutions: int) -> list[int]:
    """The institutions of a set, ascending."""
    found = []
    while institutions:
        lowest = institutions & -institutions
        found.append(lowest.bit_length() - 1)
        institutions ^= lowest
    return found


class Reach:
    """Over one directory."""

    def __init__(self, directory: Directory) -> None:
        rows = directory.institutions
        self.capable = bits(row.index for row in rows if INQUIRE in row.can)
        self._count = len(rows)
        self._endpoint_of = [row.endpoint for row in rows]
        self._behind = [bits(endpoint.institutions) & self.capable for endpoint in directory.endpoints]
        units = bits(row.index for row in rows if row.is_unit)
        everybody = (1 << self._count) - 1
        self._by_reach: dict[int, int] = {
            gateway.REACH_ALL: everybody,
            gateway.REACH_BANKS: everybody & ~units,
            gateway.REACH_UNITS: units,
        }
        provinces = {row.province for row in rows if row.province}
        self._by_province = {
            province: bits(row.index for row in rows if row.province == province) for province in provinces
        }
        self._by_item = [
            bits(row.index for row in rows if code in row.items) for code in range(ITEM_COUNT + 1)
        ]
        self._keepers = lru_cache(maxsize=SETS_KEPT_MAX)(self._keepers_of)
        self.parts = lru_cache(maxsize=SETS_KEPT_MAX)(self._parts_of)

    def scope(self, scope: gateway.Scope) -> int | None:
        """Those of a scope; None where it names no such province or institution."""
        if scope.reach == gateway.REACH_LIST:
            listed = scope.institutions
            if not listed or max(listed) >= self._count:
                return None
            return bits(listed)
        if scope.reach == gateway.REACH_PROVINCE:
            return self._by_province.get(scope.province)
        return self._by_reach.get(scope.reach)

    def behind(self, endpoint: int) -> int:
        """Those at an endpoint that can be inquired of."""
        return self._behind[endpoint]

    def keepers(self, items: tuple[int, ...]) -> int:
        """Those that keep any of the items (ascending codes; none: all)."""
        return self._keepers(items)

    def _keepers_of(self, items: tuple[int, ...]) -> int:
        found = 0
        for code in items or range(1, ITEM_COUNT + 1):
            found |= self._by_item[code]
        return found

    def _parts_of(self, institutions: int) -> tuple[Part, ...]:
        """A set that can be inquired of, endpoint by endpoint."""
        found: dict[int, int] = {}
        for index in members(institutions):
            endpoint = self._endpoint_of[index]
            found[endpoint] = found.get(endpoint, 0) | 1 << index
        return tuple(
            (endpoint, part, b"" if part == self._behind[endpoint] else _encoded(part))
            for endpoint, part in found.items()
        )


def _encoded(institutions: int) -> bytes:
    return institution.Entry(institutions=members(institutions)).SerializeToString()
