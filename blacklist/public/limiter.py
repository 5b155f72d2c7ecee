"""Limiter: how often the public may look up: from one address, for one number, and in all.

Pure; the caller passes `now_ns`. Its memory is fixed. Keys are hashed into a few rows of slots (as in a
count-min sketch), each of which holds when it will be empty again: a slot shared with others makes it
stricter, never laxer, so that nobody gets round it by coming under many names. The hash is keyed, so that
nobody can choose whom to share a slot with.
"""

import hashlib
from array import array
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

ROWS: Final = 4
SLOTS: Final = 1 << 16
SLOT_BYTES: Final = 2
KEY_BYTES: Final = 16
# Whoever has one address of IPv6 has all of its network.
NETWORK_BYTES: Final = 8
HOUR_NS: Final = 3_600 * 10**9
SECOND_NS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and one more in each interval."""

    burst: int
    interval_ns: int


class Sketch:
    """A rate for each of any number of keys (a virtual schedule, GCRA). `slots`: at most 65,536."""

    def __init__(self, rate: Rate, key: bytes, slots: int = SLOTS) -> None:
        if not 1 <= slots <= SLOTS:
            raise ValueError(f"slots: {slots} given, must be 1 to {SLOTS}")
        self._rate = rate
        self._key = key
        self._slots = slots
        self._rows = [array("q", bytes(8 * slots)) for _ in range(ROWS)]

    def wait_ns(self, now_ns: int, whom: bytes) -> int:
        """How long until this key may come; 0: now. It counts nothing."""
        ahead_ns = self._empty_ns(whom) - now_ns
        allowed_ns = (self._rate.burst - 1) * self._rate.interval_ns
        return max(0, ahead_ns - allowed_ns)

    def count(self, now_ns: int, whom: bytes) -> None:
        """The key came."""
        empty_ns = max(self._empty_ns(whom), now_ns) + self._rate.interval_ns
        for row, slot in zip(self._rows, self._places(whom), strict=True):
            row[slot] = max(row[slot], empty_ns)

    def _empty_ns(self, whom: bytes) -> int:
        return min(row[slot] for row, slot in zip(self._rows, self._places(whom), strict=True))

    def _places(self, whom: bytes) -> list[int]:
        hashed = hashlib.blake2b(whom, digest_size=ROWS * SLOT_BYTES, key=self._key).digest()
        return [
            int.from_bytes(hashed[at : at + SLOT_BYTES], "big") % self._slots
            for at in range(0, len(hashed), SLOT_BYTES)
        ]


class Limiter:
    """All three rates; what is refused counts nowhere. `key`: KEY_BYTES of chance."""

    def __init__(self, address: Rate, number: Rate, total: Rate, key: bytes) -> None:
        self._addresses = Sketch(address, key)
        self._numbers = Sketch(number, key)
        self._total = Sketch(total, key, 1)
        # By what they were refused for.
        self.refused = {"address": 0, "number": 0, "total": 0}

    def take(self, now_ns: int, address: bytes, number: bytes) -> int:
        """Whether a look-up may be made now: 0, and it is counted; else after how many nanoseconds."""
        asked = ((self._addresses, address), (self._numbers, number), (self._total, b""))
        for cause, (sketch, whom) in zip(self.refused, asked, strict=True):
            if wait_ns := sketch.wait_ns(now_ns, whom):
                self.refused[cause] += 1
                return wait_ns
        for sketch, whom in asked:
            sketch.count(now_ns, whom)
        return 0


def per_hour(count: int) -> Rate:
    """So many an hour, all of them at once if they come so."""
    return Rate(count, HOUR_NS // count)


def per_second(count: int) -> Rate:
    """So many a second, all of them at once if they come so."""
    return Rate(count, SECOND_NS // count)


def network(address: IPv4Address | IPv6Address) -> bytes:
    """What an address is counted by: itself, or its network of 64 bits."""
    if isinstance(address, IPv6Address):
        if mapped := address.ipv4_mapped:
            return mapped.packed
        return address.packed[:NETWORK_BYTES]
    return address.packed
