"""Cache: batches that were drawn lately, by their bytes.

The gateway sends one message to all endpoints that were cut alike; here it is drawn once. Bounded by count
and bytes, the one not used for longest goes first. It changes no answer, only what it costs.
"""

from collections import OrderedDict

from simulator._drawn import Drawn
from simulator._population import Population

# A batch that is quickly drawn would only push out one that is not.
MESSAGE_BYTES_MIN = 16_384
SAMPLE_BYTES = 64

_Sample = tuple[int, bytes, bytes, bytes]


class DrawnCache:
    """Draws batches of one population. Not for several threads."""

    def __init__(self, population: Population, *, count_max: int = 64, bytes_max: int = 128_000_000) -> None:
        self._population = population
        self._count_max = count_max
        self._bytes_max = bytes_max
        self._drawn: OrderedDict[_Sample, tuple[bytes, Drawn]] = OrderedDict()
        self.held_bytes = 0
        self.hits = 0

    def __len__(self) -> int:
        return len(self._drawn)

    def draw(self, message: bytes) -> Drawn:
        """What Drawn(population, message) is; ValueError as there."""
        if len(message) < MESSAGE_BYTES_MIN:
            return Drawn(self._population, message)
        sample = _sample(message)
        kept = self._drawn.get(sample)
        if kept is not None and kept[0] == message:
            self._drawn.move_to_end(sample)
            self.hits += 1
            return kept[1]
        drawn = Drawn(self._population, message)
        self._drop(sample)
        self._drawn[sample] = (message, drawn)
        self.held_bytes += _weight_bytes(message, drawn)
        while self._drawn and (len(self._drawn) > self._count_max or self.held_bytes > self._bytes_max):
            self._drop(next(iter(self._drawn)))
        return drawn

    def _drop(self, sample: _Sample) -> None:
        dropped = self._drawn.pop(sample, None)
        if dropped is not None:
            self.held_bytes -= _weight_bytes(*dropped)


def _sample(message: bytes) -> _Sample:
    """Cheaper than a hash of half a megabyte, which Python would take anew for each stream's copy of it."""
    middle = len(message) // 2
    return (
        len(message),
        message[:SAMPLE_BYTES],
        message[middle : middle + SAMPLE_BYTES],
        message[-SAMPLE_BYTES:],
    )


def _weight_bytes(message: bytes, drawn: Drawn) -> int:
    return len(message) + drawn.held_bytes
