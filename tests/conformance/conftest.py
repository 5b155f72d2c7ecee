"""What the tests of the kit share: a loop for simulators, one of them that is calm, and a fixture for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.fixture import Fixture, parse
from simulator.layout import Layout
from tests.conformance.drawn import fixture_of
from tests.conformance.simulated import SEED, Loop, simulated

HUB = "union-11"


@pytest.fixture(scope="session")
def layout() -> Layout:
    return Layout.load()


@pytest.fixture(scope="session")
def content(layout: Layout) -> dict[str, Any]:
    """A fixture of a hub as TOML has it."""
    return fixture_of(layout, SEED, HUB)


@pytest.fixture(scope="session")
def fixture(content: dict[str, Any]) -> Fixture:
    return parse(content, Path())


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def calm(loop: Loop, layout: Layout) -> Iterator[str]:
    """The address of a simulator that does everything as it should."""
    with simulated(loop, layout) as address:
        yield address
