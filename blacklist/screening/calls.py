"""Calls: what Screen and ScreenBulk do, bytes in and bytes out, whoever carries them.

A bulk message is answered from one snapshot, whatever is swapped meanwhile, and says its version. Hits and
checks by hand are handed to `record`; of whoever did not hit nothing is kept. Who asks was settled before.
"""

from collections.abc import Callable
from typing import Final

import grpc

from blacklist.screening._snapshot import Binding, MessageError
from blacklist.screening.current import Current
from chakong.blacklist.v1 import screening_pb2
from runtime.calendar import day_of

MESSAGE_BYTES_MAX: Final = 4 << 20
RETRY_MS: Final = 1_000

# Unit, version of the list, and (listing id, outcome) of each listing that was named.
Record = Callable[[str, int, list[tuple[int, int]]], None]
# What a unit is to do on a day (since 1970).
BindingOf = Callable[[str, int], Binding]


class NotLoadedError(Exception):
    """The list was not loaded yet: to be asked again in RETRY_MS."""


class ScreeningCalls:
    """`now_ns` is the clock."""

    def __init__(
        self, current: Current, binding_of: BindingOf, record: Record, now_ns: Callable[[], int]
    ) -> None:
        self._current = current
        self._binding_of = binding_of
        self._record = record
        self._now_ns = now_ns

    def one(self, unit: str, message: bytes) -> bytes:
        """An encoded ScreenResponse. MessageError, NotLoadedError."""
        # Both requests have their subject in the same field.
        answer, version, named = self._answer(unit, message)
        whole = screening_pb2.ScreenBulkResponse.FromString(answer)
        if whole.screened != 1:
            raise MessageError(f"subject: {whole.screened} given, must be 1")
        if named:
            self._record(unit, version, named)
        clear = screening_pb2.Finding(outcome=screening_pb2.OUTCOME_CLEAR)
        response = screening_pb2.ScreenResponse(
            version=whole.version,
            as_of_ns=whole.as_of_ns,
            finding=whole.findings[0] if whole.findings else clear,
        )
        return response.SerializeToString()

    def bulk(self, unit: str, message: bytes) -> bytes:
        """An encoded ScreenBulkResponse; what cannot be answered says so in it."""
        try:
            response, version, named = self._answer(unit, message)
        except MessageError as error:
            return refused(grpc.StatusCode.INVALID_ARGUMENT, str(error), 0)
        except NotLoadedError:
            return refused(grpc.StatusCode.UNAVAILABLE, "the list is not loaded yet", RETRY_MS)
        if named:
            self._record(unit, version, named)
        return response

    def _answer(self, unit: str, message: bytes) -> tuple[bytes, int, list[tuple[int, int]]]:
        """The answer, the version it is from, and whom it names: recorded once it is given."""
        if len(message) > MESSAGE_BYTES_MAX:
            raise MessageError(f"message: {len(message)} bytes given, must be at most {MESSAGE_BYTES_MAX}")
        snapshot, as_of_ns = self._current.snapshot, self._current.as_of_ns
        if snapshot is None:
            raise NotLoadedError
        day = day_of(self._now_ns())
        response, named = snapshot.screen(message, self._binding_of(unit, day), day, as_of_ns)
        return response, snapshot.version, named


def refused(status: grpc.StatusCode, message: str, retry_ms: int) -> bytes:
    """The answer to a message of a stream of which nothing was screened."""
    error = screening_pb2.ScreenError(code=status.value[0], message=message, retry_after_ms=retry_ms)
    return screening_pb2.ScreenBulkResponse(error=error).SerializeToString()
