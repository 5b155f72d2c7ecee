"""The directory where everybody is direct: gateway and simulator agree on it, and on nothing else."""

from benchmarks.bench.direct import directory, keys, layout
from gateway.directory import Directory
from simulator.layout import Layout


def test_every_institution_is_alone_behind_its_endpoint() -> None:
    made, installed = directory(), Directory.load()
    assert [one.institutions for one in made.endpoints] == [(index,) for index in range(3_916)]
    assert [one.key for one in made.endpoints] == keys()
    assert [(one.key, one.items, one.can) for one in made.institutions] == [
        (one.key, one.items, one.can) for one in installed.institutions
    ]


def test_simulator_has_the_same_endpoints_and_the_same_population() -> None:
    made, installed = layout(), Layout.load()
    assert [one.key for one in made.endpoints] == keys()
    assert [one.endpoint for one in made.institutions] == list(range(3_916))
    assert (made.pools, made.keepers) == (installed.pools, installed.keepers)
