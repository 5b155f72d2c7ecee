"""Screening: what units ask of the list over gRPC. Bytes in, bytes out; what a message comes to is
screening/calls.py's."""

import asyncio
from typing import TYPE_CHECKING

from blacklist.rpc.bindings import Bindings
from blacklist.screening._snapshot import MessageError
from blacklist.screening.calls import RETRY_MS, NotLoadedError, ScreeningCalls, refused
from runtime.bulk import acknowledge_each
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.errors import ForbiddenError, UnavailableError
from runtime.identity import Identity
from runtime.requests import wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime.guard import Context


class UnitCalls:
    """The calls of chakong.blacklist.v1.Screening. `calls` gives what answers; None while nothing is
    loaded."""

    def __init__(
        self, calls: "Callable[[], ScreeningCalls | None]", bindings: Bindings, draining: asyncio.Event
    ) -> None:
        self._calls = calls
        self._bindings = bindings
        self._draining = draining

    async def one(self, caller: Identity, message: bytes) -> bytes:
        """Screen."""
        self._bindings.check(caller.name, date_of(now_ns()))
        try:
            return self._loaded().one(caller.name, message)
        except MessageError as error:
            raise wrong("", str(error)) from None
        except NotLoadedError:
            raise _not_loaded() from None

    async def bulk(self, caller: Identity, context: "Context") -> None:
        """ScreenBulk. A message takes a millisecond or two, and is answered on the loop."""
        checked = date_of(now_ns())
        self._bindings.check(caller.name, checked)
        calls = self._loaded()

        async def answer(message: bytes) -> bytes:
            nonlocal checked
            today = date_of(now_ns())
            if today != checked:
                # A stream may be open for days, and another unit may have succeeded this one.
                try:
                    self._bindings.check(caller.name, today)
                except ForbiddenError as error:
                    return refused(error.status, error.message, 0)
                checked = today
            return calls.bulk(caller.name, message)

        await acknowledge_each(context, self._draining, answer)

    def _loaded(self) -> ScreeningCalls:
        calls = self._calls()
        if calls is None:
            raise _not_loaded()
        return calls


def _not_loaded() -> UnavailableError:
    return UnavailableError("the list is not loaded yet", retry_ms=RETRY_MS)
