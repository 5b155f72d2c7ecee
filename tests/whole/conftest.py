"""What the tests of the whole gateway share: houses without a projector, where none is asked for anything."""

import asyncio

import pytest

from gateway.edge.projection import Projection


@pytest.fixture
def no_projector(monkeypatch: pytest.MonkeyPatch) -> None:
    """The projector is a process that costs a second to start and to end, and get and list alone need it."""

    async def run(self: Projection) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Projection, "run", run)
