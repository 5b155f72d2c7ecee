"""Keep: connects a line's streams, connects them again when they end, and asks what its institutions can do.

The waits between tries are the line's backoff; whether to try at all is the gate's word. It sends no batch.
"""

import asyncio
from typing import Final

from adapters.contract import Unreadable
from gateway._core import CAUSE_BROKEN
from gateway.edge import trouble
from gateway.edge.line import Line
from gateway.edge.stream import CALL_ERRORS, Stream

# A hub that does not know Describe must not hold up its connection for long.
DESCRIBE_S_MAX: Final = 5.0


async def keep(line: Line) -> None:
    """Keep all streams of a line until cancelled; everything of it is closed then."""
    line.gate.look()
    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(line.shared.settings.streams):
                tasks.create_task(_keep_stream(line))
            tasks.create_task(_keep_described(line))
    finally:
        line.close()


async def _keep_stream(line: Line) -> None:
    while True:
        await line.gate.may_connect.wait()
        stream = await _connect(line)
        if stream is not None:
            await _serve(line, stream)
        await asyncio.sleep(line.backoff_ns() / 1e9)


async def _connect(line: Line) -> Stream | None:
    """An open stream, or None when there was none to be had. At most so many at a time over all lines."""
    async with line.shared.opening:
        stream = line.new_stream()
        is_open = False
        try:
            await _describe(line, stream)
            await stream.open(line.hello, line.shared.settings.connect_timeout_s)
            is_open = True
        except (*CALL_ERRORS, TimeoutError) as error:
            line.counts.connects_failed += 1
            line.failed(trouble.connecting(error))
        finally:
            if not is_open:
                await stream.close()
    return stream if is_open else None


async def _serve(line: Line, stream: Stream) -> None:
    cause = CAUSE_BROKEN
    line.up(stream)
    try:
        cause = await stream.serve()
    finally:
        line.down(stream, cause)


async def _keep_described(line: Line) -> None:
    while True:
        await asyncio.sleep(line.shared.settings.describe_every_s)
        if line.streams:
            await _describe(line, line.streams[0])


async def _describe(line: Line, stream: Stream) -> None:
    """Follow what the endpoint says of its institutions. When it says nothing, what it said before stands."""
    timeout_s = min(DESCRIBE_S_MAX, line.shared.settings.connect_timeout_s)
    try:
        described = line.adapter.capabilities(await stream.describe(line.adapter.describe(), timeout_s))
    except (*CALL_ERRORS, Unreadable):
        line.counts.describes_failed += 1
        return
    line.shared.described(line.endpoint.index, described)
