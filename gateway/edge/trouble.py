"""Trouble: what is told to operators of an endpoint that fails, and how often.

A line when its breaker opens and one when it closes again; of replies that cannot be used, one a minute at
most. No reply's content comes out, and nothing that the endpoint wrote once it was told of anybody. It counts
and decides nothing.
"""

import logging
import re
from dataclasses import dataclass
from typing import Final

import grpc

from gateway.edge.line_counts import CAUSES
from gateway.policy.breaker import State

# No stream came about: beside the causes for which a batch fails.
NOT_CONNECTED: Final = "not_connected"
# By the Engine's FAULT numbers.
FAULTS: Final = (
    "",
    "garbage",
    "unknown_batch",
    "unknown_index",
    "wrong_institution",
    "foreign_record",
    "refusal",
)
VOID_EVERY_NS: Final = 60 * 1_000_000_000
DETAIL_CHARACTERS_MAX: Final = 300
# Whoever wrote a detail, it stays one line, and no number of a person is in it.
UNPRINTABLE: Final = re.compile(r"[^ -~]+")
LONG_NUMBER: Final = re.compile(r"\d{6,}[\dXx]*")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something failed. `status` and `detail` are gRPC's, empty when it had no part in it."""

    cause: str
    status: str = ""
    detail: str = ""


def connecting(error: BaseException) -> Trouble:
    """Why no stream came about. Nobody was named on it yet, so the detail may be told."""
    if isinstance(error, grpc.aio.AioRpcError):
        return Trouble(NOT_CONNECTED, error.code().name, clean(error.details() or ""))
    return Trouble(NOT_CONNECTED, "", "timeout" if isinstance(error, TimeoutError) else "")


def failing(cause: int, status: str = "", detail: str = "") -> Trouble:
    """Why a stream ended or a batch failed, by the Engine's number."""
    return Trouble(CAUSES[cause], status, detail)


def clean(detail: str) -> str:
    """A status' detail as it may stand in a line."""
    return LONG_NUMBER.sub("#", UNPRINTABLE.sub(" ", detail))[:DETAIL_CHARACTERS_MAX]


class Teller:
    """Writes the lines of one endpoint."""

    def __init__(self, endpoint_key: str) -> None:
        self._endpoint = endpoint_key
        self._is_down = False
        self._void_count = 0
        self._void_ns = 0

    def failed(self, state: State, trouble: Trouble) -> None:
        """A failure has left the breaker in this state. It is told once, however often the breaker opens
        before it closes."""
        if state is State.OPEN and not self._is_down:
            self._is_down = True
            fields = {"cause": trouble.cause, "status": trouble.status, "detail": trouble.detail}
            log.warning("breaker opened", extra={"endpoint": self._endpoint, **fields})

    def succeeded(self, state: State) -> None:
        """A reply has left the breaker in this state."""
        if state is State.CLOSED and self._is_down:
            self._is_down = False
            log.info("breaker closed", extra={"endpoint": self._endpoint})

    def void(self, fault: int, at_ns: int) -> None:
        """A reply could not be used, for this FAULT of the Engine."""
        self._void_count += 1
        if self._void_ns and at_ns - self._void_ns < VOID_EVERY_NS:
            return
        log.warning(
            "void reply",
            extra={"endpoint": self._endpoint, "fault": FAULTS[fault], "void_count": self._void_count},
        )
        self._void_ns = at_ns
        self._void_count = 0
