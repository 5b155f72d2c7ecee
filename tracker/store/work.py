"""Work: what the writer is given to do, and what became of it. Frozen; it was read and checked before."""

from dataclasses import dataclass, field
from typing import NamedTuple

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.errors import CallError
from tracker.store.judge import COURT


@dataclass(frozen=True, slots=True)
class Register:
    """A case with what is known to have happened in it. `court`: whose case it is."""

    court: str
    request: tracker_pb2.RegisterCaseRequest


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
