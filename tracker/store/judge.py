"""Judge: what the store asks of the rules, in the words of the contract.

The rules know neither tables nor messages; here their answers become what is kept of a case. Pure.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from chakong.tracker.v1 import case_pb2
from runtime.errors import CallError
from tracker.store.standing import Node

# Who recorded an event, as the tables have it.
SOURCES: Final = ("court", "follower")
COURT, FOLLOWER = range(2)


class Told(NamedTuple):
    """An event with what the tracker knows of it besides."""

    event: case_pb2.Event
    recorded_ns: int
    source: int


class Judged(NamedTuple):
    """A case as it stands with all of its events. `court`: that has it now; `handler`: who handles it, None:
    as it was registered."""

    status: int
    status_day: int
    court: str
    nodes: tuple[Node, ...]
    handler: str | None = None


class Judge(Protocol):
    """One version of the law."""

    def case_refusal(self, case: case_pb2.Case) -> CallError | None:
        """Why such a case cannot be registered; None: it can."""

    def stand(self, case: case_pb2.Case, events: Sequence[Told], now_ns: int) -> Judged:
        """What follows from these events; their order does not matter."""

    def first_refusal(self, case: case_pb2.Case, events: Sequence[Told]) -> CallError | None:
        """Why a case may not be registered with these events; None: it may."""

    def takes_all(
        self, case: case_pb2.Case, events: Sequence[Told], told: Sequence[Told], now_ns: int
    ) -> bool:
        """Whether all of these may be recorded on top of the events; False: each is judged by itself."""

    def refusal(
        self, case: case_pb2.Case, events: Sequence[Told], event: Told, now_ns: int
    ) -> CallError | None:
        """Why the event may not be recorded on top of these; None: it may."""
