"""Slab: numbers stay, memory does not move, a new thing is zeroed, and the last one freed comes first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.testing_queue import Slab
from tests.gateway.core.samples import unhurried

CHUNK_SIZE = 4096
SIZE = 24


@settings(unhurried)
@given(turns=st.lists(st.integers(-3, 40), max_size=300))
def test_slab_agrees_with_a_dict_and_a_stack(turns: list[int]) -> None:
    """A turn below 0 takes a number; another frees one of those in use."""
    slab, model, freed, fresh = Slab(SIZE), dict[int, bytes](), list[int](), 0
    for turn, way in enumerate(turns):
        if way < 0 or not model:
            number = slab.new()
            if freed:
                assert number == freed.pop()
            else:
                assert number == fresh
                fresh += 1
            assert slab.read(number) == bytes(SIZE)
            model[number] = turn.to_bytes(SIZE, "big")
            slab.write(number, model[number])
        else:
            number = sorted(model)[way % len(model)]
            slab.free(number)
            del model[number]
            freed.append(number)
        assert (len(slab), slab.fresh) == (len(model), fresh)
    assert {number: slab.read(number) for number in model} == model


def test_a_thing_never_moves() -> None:
    slab = Slab(SIZE)
    places = [slab.place(slab.new()) for _ in range(20 * CHUNK_SIZE)]
    assert [slab.place(number) for number in range(20 * CHUNK_SIZE)] == places
    assert len(set(places)) == len(places)


def test_numbers_are_dense_across_chunks() -> None:
    slab = Slab(4)
    assert [slab.new() for _ in range(2 * CHUNK_SIZE + 1)] == list(range(2 * CHUNK_SIZE + 1))


def test_a_closed_slab_begins_anew() -> None:
    slab = Slab(SIZE)
    slab.write(slab.new(), b"x" * SIZE)
    slab.close()
    assert (len(slab), slab.fresh) == (0, 0)
    assert slab.new() == 0
    assert slab.read(0) == bytes(SIZE)
