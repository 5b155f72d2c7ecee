"""The population as a whole: what it takes, and how much is owned."""

from dataclasses import replace

import pytest

from chakong.type.v1 import type_pb2
from simulator._population import Population
from simulator.layout import Layout
from simulator.truth import Subject, Truth
from tests.simulator.batches import people


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_has_64_bits(layout: Layout, seed: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        Population(seed, layout)


def test_an_empty_pool_is_refused(layout: Layout) -> None:
    with pytest.raises(ValueError, match="none of them empty"):
        Population(1, replace(layout, pools=((), *layout.pools[1:])))


def test_an_institution_beyond_the_limit_is_refused(layout: Layout) -> None:
    far = replace(layout.endpoints[0], institutions=(4096,))
    with pytest.raises(ValueError, match="institution 4096"):
        Population(1, replace(layout, endpoints=(far,)))


def test_a_person_owns_about_five_things_and_a_firm_as_many(truth: Truth) -> None:
    firms = [
        Subject(type_pb2.ID_TYPE_CREDIT_CODE, f"91330106MA{place:08}", f"某{place}有限公司")
        for place in range(2_000)
    ]
    for holders in (people(2_000), firms):
        count = sum(len(one.records) for holder in holders for one in truth.found(holder).values())
        assert 4.5 < count / len(holders) < 5.5


def test_another_seed_is_another_population(layout: Layout, truth: Truth) -> None:
    other = Truth(8, layout)
    assert [other.found(person) for person in people(5)] != [truth.found(person) for person in people(5)]
