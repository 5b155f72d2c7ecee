"""Server: the screening of a list of so many entries, in a process of its own.

`python -m benchmarks.services.blacklist_server PORT ENTRIES`: plaintext on loopback, callers name their unit
in metadata. It answers messages in order, each as it comes.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from grpc.aio import EOF  # type: ignore[attr-defined]

from benchmarks.floor.process import Context, listening, run, serve
from benchmarks.services.blacklist_stage import AS_OF_NS, binding, hasher, snapshot
from blacklist.screening._snapshot import Snapshot
from blacklist.screening.calls import ScreeningCalls
from blacklist.screening.current import Changes, Current
from blacklist.screening.rows import Row
from chakong.blacklist.v1 import screening_pb2
from runtime.identity import caller

SERVICE = screening_pb2.DESCRIPTOR.services_by_name["Screening"].full_name
BULK = f"/{SERVICE}/ScreenBulk"


class _Loaded(Current):
    """A list that was made here and never changes."""

    def __init__(self, made: Snapshot) -> None:
        super().__init__(_Nothing(), hasher(), lambda: AS_OF_NS)
        self._swap(made, AS_OF_NS)


class _Nothing:
    def entries(self) -> tuple[int, list[Row]]:
        return 0, []

    def changes(self, after: int, count_max: int) -> Changes:
        return Changes(after, ())


@asynccontextmanager
async def screening(port: int, entry_count: int) -> AsyncIterator[str]:
    """RuntimeError where the port is taken."""
    bound = binding()
    recorded: list[int] = [0]

    def record(_unit: str, _version: int, named: list[tuple[int, int]]) -> None:
        recorded[0] += len(named)

    calls = ScreeningCalls(
        _Loaded(snapshot(entry_count)), lambda _unit, _day: bound, record, lambda: AS_OF_NS
    )

    async def bulk(_messages: object, context: Context) -> None:
        unit = caller(context, plaintext=True).name
        while (message := await context.read()) is not EOF:
            await context.write(calls.bulk(unit, message))

    handlers = {"ScreenBulk": grpc.stream_stream_rpc_method_handler(bulk)}
    async with listening(port, SERVICE, handlers):
        yield f"entries={entry_count}"


if __name__ == "__main__":
    run(serve(screening(int(sys.argv[1]), int(sys.argv[2]))))
