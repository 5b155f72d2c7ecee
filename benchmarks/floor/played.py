"""Played: processes that play gateway and institutions, and the court's two streams into them.

Everything it starts it stops, also when starting fails. What is sent is the subclass's business.
"""

import asyncio
import sys
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grpc import aio

from benchmarks.floor.process import COURT_SERVICE, LOOPBACK, OPTIONS
from benchmarks.service import Service

READY_S_MAX = 180.0
STOP_S_MAX = 20.0


class Played(ABC):
    """Use as an async context: entered, processes are ready and streams open. Logs go to `out`."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._exits = AsyncExitStack()
        self._services: list[Service] = []
        # Raw bytes both ways.
        self.bulk: Any = None
        self.watch: Any = None

    async def __aenter__(self) -> Self:
        self._out.mkdir(parents=True, exist_ok=True)
        try:
            await self.start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    @abstractmethod
    async def start(self) -> None:
        """`serve` what is needed, then `connect`."""

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by the last part of a module's name."""
        return {service.name: service.pid for service in self._services}

    def require_alive(self) -> None:
        """RuntimeError names a process that has ended by itself, and its log."""
        for service in self._services:
            service.require_alive()

    async def serve(self, module: str, *arguments: str) -> None:
        """Run `python -m module`, and wait until it is ready."""
        package, _, name = module.rpartition(".")
        log_path = self._out / f"{package.rpartition('.')[2]}-{name}.log"
        service = Service(name, (sys.executable, "-m", module, *arguments), log_path, STOP_S_MAX)
        self._services.append(await self._exits.enter_async_context(service))
        await service.ready(READY_S_MAX)

    async def connect(self, port: int) -> None:
        """Open the bulk and the watch stream."""
        channel = aio.insecure_channel(f"{LOOPBACK}:{port}", options=OPTIONS)
        self._exits.push_async_callback(channel.close, None)
        bulk: Any = channel.stream_stream(f"/{COURT_SERVICE}/SubmitBulk", None, None)
        watch: Any = channel.unary_stream(f"/{COURT_SERVICE}/Watch", None, None)
        self.bulk, self.watch = bulk(), watch(b"")
        async with asyncio.timeout(READY_S_MAX):
            await self.bulk.wait_for_connection()
            await self.watch.wait_for_connection()
