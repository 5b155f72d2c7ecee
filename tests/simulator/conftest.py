"""What the tests of the simulator share: one layout, one population, its truth, and a running server."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from runtime.clock import now_ns
from simulator._population import Population
from simulator.layout import INQUIRE, Layout, bitmap
from simulator.scenarios import MIXTURES, Cast, Mixture, Scenario
from simulator.server import Binding, InstitutionServer
from simulator.truth import Truth

SEED = 7


@pytest.fixture(scope="session")
def layout() -> Layout:
    return Layout.load()


@pytest.fixture(scope="session")
def population(layout: Layout) -> Population:
    return Population(SEED, layout)


@pytest.fixture(scope="session")
def truth(layout: Layout) -> Truth:
    return Truth(SEED, layout)


@pytest.fixture(scope="session")
def everybody(layout: Layout) -> bytes:
    """Bitmap of all institutions."""
    return bitmap(one.index for one in layout.institutions)


@pytest.fixture(scope="session")
def able(layout: Layout) -> bytes:
    """Bitmap of those that can be inquired."""
    return bitmap(one.index for one in layout.institutions if INQUIRE in one.can)


Serve = Callable[..., Awaitable[str]]


@pytest.fixture
async def serve(layout: Layout) -> AsyncIterator[Serve]:
    """Start a server for all endpoints on one address, with some of them cast anew; returns the address."""
    running: list[InstitutionServer] = []

    async def start(mixture: Mixture = MIXTURES["calm"], casts: dict[int, Cast] | None = None) -> str:
        scenario = Scenario(mixture, SEED, layout)
        scenario.casts.update(casts or {})
        server = InstitutionServer(layout, scenario, now_ns, SEED)
        running.append(server)
        await server.start(Binding(port=0, shared_host="127.0.0.1"))
        return next(iter(server.addresses.values()))

    yield start
    for server in running:
        await server.stop()
