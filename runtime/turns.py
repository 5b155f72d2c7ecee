"""Turns: places for so many watches of courts, and how a watch gives its place to the next.

Where there are more courts than may be watched at a time, they take turns: who has been told nothing for a
while lets the next one have the place. What is watched, and from where, is its caller's business.
"""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from grpc import aio

# A court without a word for so long is quiet; a service tells what it has kept much faster.
QUIET_S: Final = 1.0
AT_ONCE_S: Final = 0.0
# A service that ends a watch is stopping.
ENDED_S: Final = 0.5

T = TypeVar("T")


class Turns:
    """Places for so many watches."""

    def __init__(self, count: int) -> None:
        self._places = asyncio.Semaphore(count)
        self._waiting = 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a place."""
        return self._waiting > 0

    async def take(self) -> None:
        """Wait for a place; who comes first is served first."""
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        """Let the next one have it."""
        self._places.release()


async def each(
    call: "aio.UnaryStreamCall[Any, T]", take: Callable[[T], Awaitable[None]], turns: Turns
) -> float:
    """Take each response, until the watch ends, or is quiet while another court waits; when to watch
    again."""
    try:
        while True:
            coming = asyncio.create_task(_read(call))
            try:
                while not (await asyncio.wait((coming,), timeout=QUIET_S))[0]:
                    if turns.is_wanted:
                        return AT_ONCE_S
            finally:
                # What reads a call ends it when it is cancelled.
                coming.cancel()
            response = coming.result()
            if response is None:
                return ENDED_S
            await take(response)
    finally:
        call.cancel()


async def _read(call: AsyncIterable[T]) -> T | None:
    """The next response; None: the gateway ended the watch. grpc.RpcError when it failed."""
    async for response in call:
        return response
    return None
