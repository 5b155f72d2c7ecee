"""Layout: the institutions and the endpoints they sit behind, as the simulator needs them.

Read from the project's data files; frozen. It says who keeps what and where, not who owns it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from simulator.catalogue import CLASS_SHARES, CLASSES_LOCAL

INQUIRE = "INQUIRE"
# Room in a bitmap of institutions; more than there will ever be.
BITMAP_BYTES = 512
# Pools of a class of bank: 0 the whole country, 1 to 99 the province of that code (GB/T 2260).
PROVINCES = 100
BANK_ITEM_MAX = 5


@dataclass(frozen=True, slots=True)
class Institution:
    index: int
    key: str
    institution_class: str
    province: int  # 0: a unit
    endpoint: int
    items: frozenset[int]
    can: frozenset[str]


@dataclass(frozen=True, slots=True)
class Endpoint:
    index: int
    key: str
    is_hub: bool
    hours: str
    in_flight_max: int
    institutions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    institutions: tuple[Institution, ...]
    endpoints: tuple[Endpoint, ...]
    pools: tuple[
        tuple[int, ...], ...
    ]  # by class in the order of CLASS_SHARES, then by province: who serves there
    keepers: dict[int, int]  # item kept by a unit -> the unit

    @classmethod
    def load(cls) -> "Layout":
        """The installed one, read once; nobody changes it."""
        return _installed()

    def endpoint_of(self, key: str) -> int | None:
        """Index of the endpoint with this key; None when there is none."""
        return next((endpoint.index for endpoint in self.endpoints if endpoint.key == key), None)


@cache
def _installed() -> Layout:
    rows = _read("endpoints.jsonl")
    places = {row["key"]: index for index, row in enumerate(rows)}
    institutions = tuple(_institution(row, places) for row in _read("institutions.jsonl"))
    behind: list[list[int]] = [[] for _ in rows]
    for institution in institutions:
        behind[institution.endpoint].append(institution.index)
    endpoints = tuple(
        Endpoint(
            index=index,
            key=row["key"],
            is_hub=row["line"] == "hub",
            hours=row["hours"],
            in_flight_max=row["max_in_flight"],
            institutions=tuple(behind[index]),
        )
        for index, row in enumerate(rows)
    )
    keepers = {item: one.index for one in institutions if not one.province for item in one.items}
    return Layout(institutions, endpoints, tuple(_pools(institutions)), keepers)


def bitmap(indexes: Iterable[int]) -> bytes:
    """BITMAP_BYTES bytes with bit (index & 7) of byte (index >> 3) set for each. IndexError beyond them."""
    bits = bytearray(BITMAP_BYTES)
    for index in indexes:
        bits[index >> 3] |= 1 << (index & 7)
    return bytes(bits)


def without(bits: bytes, indexes: Iterable[int]) -> bytes:
    """The same bitmap with these bits cleared."""
    cleared = bytearray(bits)
    for index in indexes:
        cleared[index >> 3] &= ~(1 << (index & 7))
    return bytes(cleared)


def _read(name: str) -> list[dict[str, Any]]:
    text = (files("runtime.data") / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _institution(row: dict[str, Any], places: dict[str, int]) -> Institution:
    return Institution(
        index=row["index"],
        key=row["key"],
        institution_class=row["class"],
        province=int(row["province"] or 0),
        endpoint=places[row["endpoint"]],
        items=frozenset(row["items"]),
        can=frozenset(row["can"]),
    )


def _pools(institutions: tuple[Institution, ...]) -> Iterable[tuple[int, ...]]:
    """A class that has nobody seated in a province is served there by all of the class."""
    for institution_class in CLASS_SHARES:
        seated: list[list[int]] = [[] for _ in range(PROVINCES)]
        for one in institutions:
            if one.institution_class == institution_class:
                seated[0].append(one.index)
                seated[one.province].append(one.index)
        everybody = tuple(seated[0])
        is_local = institution_class in CLASSES_LOCAL
        yield from (tuple(here) if is_local and here else everybody for here in seated)
