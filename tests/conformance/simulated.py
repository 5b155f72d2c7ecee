"""Simulated: the simulator's own servers in this process, on a thread of their own.

The kit's calls block; the simulator's loop must go on meanwhile.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from runtime.clock import now_ns
from simulator.books.misbehaviour import misbehaviour
from simulator.layout import Layout
from simulator.scenarios import MIXTURES, Cast, Scenario
from simulator.server import Binding, BooksOptions, InstitutionServer

SEED = 1
WAIT_S = 120.0
T = TypeVar("T")


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()


@contextmanager
def simulated(
    loop: Loop, layout: Layout, books: str = "none", rate: float = 1.0, casts: dict[int, Cast] | None = None
) -> Iterator[str]:
    """The address of a simulator with a test bench; `books`: how they misbehave."""
    scenario = Scenario(MIXTURES["calm"], SEED, layout)
    scenario.casts.update(casts or {})
    options = BooksOptions(misbehaviour(books, SEED, rate), has_test_bench=True)

    async def start() -> InstitutionServer:
        server = InstitutionServer(layout, scenario, now_ns, SEED, options)
        await server.start(Binding(port=0, shared_host="127.0.0.1"))
        return server

    server = loop.run(start())
    try:
        yield next(iter(server.addresses.values()))
    finally:
        loop.run(server.stop())
