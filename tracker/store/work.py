"""Work: what the writer is given to do, and what became of it. It was read and checked before, and is not
changed any more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.errors import CallError
from tracker.store.judge import COURT
from tracker.store.moulds import key_of

DIGEST_BYTES: Final = 16


class Register:
    """A case with what is known to have happened in it. `court`: whose case it is.

    What needs no table is made here, beside the writer's thread: it is the one that all wait for.
    """

    __slots__ = ("bodies", "case", "case_number", "court", "digest", "events", "key", "registration")

    def __init__(self, court: str, request: tracker_pb2.RegisterCaseRequest) -> None:
        self.court = court
        self.case = request.case
        self.case_number = self.case.case_number
        # A list: each time that a message is asked for its parts, it makes objects for them.
        self.events = request.events[:]
        self.registration = self.case.SerializeToString()
        self.bodies = [event.SerializeToString() for event in self.events]
        self.digest = _digest([self.registration, *self.bodies])
        self.key = key_of(self.case, self.events)


@dataclass(frozen=True, slots=True)
class Record:
    """An event. `court`: on whose word; it must have the case."""

    court: str
    event: case_pb2.Event
    source: int = COURT


Work = Register | Record


class Outcome(NamedTuple):
    """What became of one piece of work. With `error` nothing of it is stored."""

    case_no: int = 0
    is_repeated: bool = False
    error: CallError | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Works that are done in one transaction, in their order. Each has an outcome of its own; `cursors` are
    kept whatever the outcomes are."""

    works: tuple[Work, ...]
    cursors: dict[str, int] = field(default_factory=dict)


class Written(NamedTuple):
    """One transaction. `courts`: those that have new events."""

    outcomes: list[list[Outcome]]
    courts: frozenset[str]
    seq: int


def _digest(bodies: Sequence[bytes]) -> bytes:
    """Of a registration and its events, each behind its length."""
    content = b"".join([part for body in bodies for part in (len(body).to_bytes(4, "big"), body)])
    return blake2b(content, digest_size=DIGEST_BYTES).digest()
