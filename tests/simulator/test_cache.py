"""The cache of drawn batches: right, and bounded."""

from simulator._population import Population
from simulator.cache import MESSAGE_BYTES_MIN, DrawnCache
from tests.simulator.batches import batch, entry, people

ENTRIES = [entry(person) for person in people(300)]


def big(batch_id: int) -> bytes:
    message = batch(batch_id, ENTRIES)
    assert len(message) >= MESSAGE_BYTES_MIN
    return message


def test_the_same_bytes_are_drawn_once(population: Population) -> None:
    cache = DrawnCache(population)
    first = cache.draw(big(1))
    assert cache.draw(bytes(bytearray(big(1)))) is first
    assert cache.hits == 1


def test_other_bytes_with_the_same_sample_are_not_taken_for_them(population: Population) -> None:
    cache = DrawnCache(population)
    twin = bytearray(big(1))
    twin[len(twin) // 4] ^= 1
    first = cache.draw(big(1))
    assert cache.draw(bytes(twin)) is not first
    assert len(cache) == 1
    assert cache.held_bytes == len(twin) + cache.draw(bytes(twin)).held_bytes


def test_the_one_not_used_for_longest_goes_first(population: Population) -> None:
    cache = DrawnCache(population, count_max=2)
    first, second = cache.draw(big(1)), cache.draw(big(2))
    assert cache.draw(big(1)) is first
    cache.draw(big(3))
    assert len(cache) == 2
    assert cache.draw(big(1)) is first
    assert cache.draw(big(2)) is not second


def test_bytes_are_bounded(population: Population) -> None:
    one_bytes = len(big(1)) + DrawnCache(population).draw(big(1)).held_bytes
    cache = DrawnCache(population, bytes_max=3 * one_bytes)
    for batch_id in range(1, 10):
        cache.draw(big(batch_id))
        assert cache.held_bytes <= 3 * one_bytes
    assert len(cache) == 3
    nothing = DrawnCache(population, bytes_max=10)
    nothing.draw(big(1))
    assert (len(nothing), nothing.held_bytes) == (0, 0)


def test_a_small_batch_is_not_kept(population: Population) -> None:
    cache = DrawnCache(population)
    cache.draw(batch(1, ENTRIES[:3]))
    assert len(cache) == 0
