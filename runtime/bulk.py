"""Bulk: acknowledges the messages of a caller's stream, in their order, a few of them at a time.

A message that was read is acknowledged whatever happens; a stream that the service ends, because it drains,
ends after that. What a message means it does not know.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from runtime.guard import Context

# Messages of one stream that may be read before the first of them is acknowledged. One is being judged while
# another is on its way to the disk; more would only wait in memory.
IN_FLIGHT_MAX: Final = 4

# A message to its acknowledgement. Until it first waits it runs before that of the next message begins.
Acknowledge = Callable[[bytes], Coroutine[Any, Any, bytes]]


async def acknowledge_each(
    context: "Context",
    draining: asyncio.Event,
    acknowledge: Acknowledge,
    in_flight_max: int = IN_FLIGHT_MAX,
) -> None:
    """Until the stream ends, or `draining` is set and what was read is acknowledged."""
    slots = asyncio.Semaphore(in_flight_max)
    acknowledgements: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(in_flight_max + 1)

    async def read() -> None:
        is_draining = asyncio.ensure_future(draining.wait())
        reading: asyncio.Future[Any] | None = None
        try:
            while True:
                await slots.acquire()
                reading = next_read = asyncio.ensure_future(context.read())
                either: tuple[asyncio.Future[Any], ...] = (next_read, is_draining)
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not next_read.done():
                    # Not cancelled: that would end the call, with acknowledgements still to be written. It
                    # ends with the call, and what it says then is for nobody.
                    next_read.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
                    break
                message = next_read.result()
                if not isinstance(message, bytes):
                    break
                acknowledgements.put_nowait(tasks.create_task(acknowledge(message)))
        except asyncio.CancelledError:
            if reading is not None:
                reading.cancel()
            raise
        finally:
            is_draining.cancel()
        acknowledgements.put_nowait(None)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        while (acknowledgement := await acknowledgements.get()) is not None:
            await context.write(await acknowledgement)
            slots.release()
