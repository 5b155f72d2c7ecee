"""Court: a whole gateway in the test's own process, and a court that calls it over real gRPC.

The Engine is the slow model; journal, server, lines and projector are the real ones. Nothing of it is left
afterwards.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import grpc
from google.rpc import error_details_pb2, status_pb2

from chakong.gateway.v1 import gateway_pb2_grpc
from gateway.edge.journal import Journal
from gateway.edge.serve import Gateway, Outside
from runtime.config import Config
from runtime.identity import PLAINTEXT_METADATA_KEY, Identity, Role
from runtime.settings import Listen
from tests.gateway.edge.house import COURT, SETTINGS, directory_of
from tests.gateway.edge.institution import Institution, Script, answering, serving
from tests.gateway.edge.unprojected import Unprojected
from tests.model.engine import ModelEngine
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway._core import Engine

LISTEN = Listen(address="127.0.0.1:0", plaintext=True, drain_s=5)


@dataclass(frozen=True, slots=True)
class Court:
    """A gateway that serves, the institutions behind it, and a connection of a court to it."""

    gateway: Gateway
    institutions: list[Institution]
    stub: Any
    channel: Any  # its stubs know nothing of raw bytes
    port: int
    stop: asyncio.Event
    running: asyncio.Task[None]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when it is so; TimeoutError when it never is."""
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 - what is waited for happens in many places
                await asyncio.sleep(0.002)

    async def end(self) -> None:
        """Stop the gateway and wait for its end."""
        self.stop.set()
        async with asyncio.timeout(DEADLINE_S):
            await self.running


def called_as(role: Role = Role.COURT, court: str = COURT, name: str = "") -> tuple[tuple[str, str], ...]:
    """Metadata of a plaintext caller."""
    return ((PLAINTEXT_METADATA_KEY, Identity(role, court, name or court).uri),)


def config_of(folder: Path, addresses: dict[str, str], **limits: Any) -> Config:
    """Plaintext on a free port of loopback, everything in one folder."""
    sections: dict[str, Any] = {
        "listen": LISTEN,
        "journal": {"path": folder / "journal"},
        "metrics": {"address": ""},
        "endpoints": {"plaintext": True, "addresses": addresses},
        "line": SETTINGS,
        "limits": limits,
        "order": {"unanswered_retry_ms": 5, "partial_every_ms": 10},
        "log": {"level": "error"},
    }
    return Config(**sections)


@asynccontextmanager
async def open_court(
    folder: Path, scripts: Sequence[Script] = (answering,), *, is_projected: bool = False, **limits: Any
) -> AsyncIterator[Court]:
    """A gateway that is ready, with an institution for each script; ended and looked over afterwards.
    `is_projected`: with its projector, as get and list need it."""
    before = asyncio.all_tasks()
    directory = directory_of([1] * len(scripts))
    institutions = [Institution(script) for script in scripts]
    async with AsyncExitStack() as stack:
        addresses = {
            endpoint.key: await stack.enter_async_context(serving(institution))
            for endpoint, institution in zip(directory.endpoints, institutions, strict=True)
        }
        journal = Journal.open(folder / "journal")
        stack.callback(journal.close)
        factory = cast("Callable[..., Engine]", ModelEngine)
        config = config_of(folder, addresses, **limits)
        outside = Outside() if is_projected else Unprojected()
        gateway = Gateway(config, journal, factory, directory, outside)
        await gateway.recover()
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        running = asyncio.create_task(gateway.run(stop, ready.set_result))
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        channel: Any = grpc.aio.insecure_channel(f"127.0.0.1:{ready.result()}")
        court = Court(
            gateway,
            institutions,
            gateway_pb2_grpc.GatewayStub(channel),
            channel,
            ready.result(),
            stop,
            running,
        )
        try:
            yield court
        finally:
            await court.end()
            await channel.close()
    await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() - before if _is_ours(task)]
    assert not left, left
    assert gateway.watch.watcher_count == 0
    assert gateway.server.guard.counts.open_calls == 0


def violations(error: grpc.aio.AioRpcError) -> dict[str, str]:
    """Field to reason, of the BadRequest among the error's details."""
    return {one.field: one.reason for one in detail(error, error_details_pb2.BadRequest).field_violations}


def retry_ms(error: grpc.aio.AioRpcError) -> int:
    """The delay of the RetryInfo among the error's details."""
    return int(detail(error, error_details_pb2.RetryInfo).retry_delay.ToMilliseconds())


def detail(error: grpc.aio.AioRpcError, kind: type[Any]) -> Any:
    """The detail of this kind; LookupError when there is none."""
    metadata: Any = error.trailing_metadata()
    trailing: dict[str, Any] = dict(metadata)
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    assert (status.code, status.message) == (error.code().value[0], error.details())
    for one in status.details:
        found = kind()
        if one.Unpack(found):
            return found
    raise LookupError(kind.__name__)


def _is_ours(task: asyncio.Task[Any]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "/gateway/edge/" in code.co_filename and not task.done()
