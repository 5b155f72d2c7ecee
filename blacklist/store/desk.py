"""Desk: does the writer's work for many callers, one act after the other, in a thread of its own.

What waits is bounded. When the database cannot be written the caller is told UNAVAILABLE, and nothing of the
act is stored.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from runtime.clock import now_ns
from runtime.errors import FullError, UnavailableError

RETRY_MS: Final = 1_000

T = TypeVar("T")

log = logging.getLogger(__name__)


class Desk:
    """`changed` is called after each act that was done."""

    def __init__(self, waiting_max: int, changed: Callable[[], None]) -> None:
        self._waiting_max = waiting_max
        self._changed = changed
        # One thread, so that a connection is always found where it was left.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="blacklist-writer")
        self._idle = asyncio.Event()
        self._idle.set()
        self.waiting_count = 0
        self.done_count = 0
        self.failed_count = 0
        self.is_available = True

    async def do(self, act: Callable[[int], T]) -> T:
        """Call `act` with the time. FullError, UnavailableError: nothing was stored.

        Cancelling the caller takes nothing back.
        """
        if self.waiting_count >= self._waiting_max:
            raise FullError(f"waiting: {self.waiting_count} acts there already", retry_ms=RETRY_MS)
        self.waiting_count += 1
        self._idle.clear()
        future = asyncio.get_running_loop().run_in_executor(self._thread, lambda: act(now_ns()))
        future.add_done_callback(self._ended)
        try:
            done = await asyncio.shield(future)
        except (SQLAlchemyError, OSError) as error:
            # Not its text, which quotes the statement and may name the database's host and user.
            kind = type(error).__name__
            if self.is_available:
                log.exception("the blacklist's database cannot be written", extra={"error": kind})
            self.is_available = False
            self.failed_count += 1
            text = f"the blacklist's database cannot be written: {kind}"
            raise UnavailableError(text, retry_ms=RETRY_MS) from None
        self.is_available = True
        return done

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        await self._idle.wait()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    def _ended(self, future: "asyncio.Future[T]") -> None:
        self.waiting_count -= 1
        if not self.waiting_count:
            self._idle.set()
        # A caller that went away hears of no failure; what it asked for was done all the same, and is told.
        if not future.cancelled() and future.exception() is None:
            self.done_count += 1
            self._changed()
