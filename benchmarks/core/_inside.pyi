"""Inside: the parts of a whole Engine, called one by one, for benchmarks.

The Engine is brought to where a part begins by its own verbs; what a part leaves behind is not always what
the next verb needs, so an Engine is used once, unless the loop says that it changes nothing. Every loop
returns what it came to, so that its work can be checked and is not left out.
"""

from collections.abc import Sequence
from typing import final

from gateway._core import Answers, Batch, Engine

@final
class Dues:
    def __init__(self, engine: Engine) -> None: ...
    def choose(self, now_ns: int, count: int) -> int:
        """Of every endpoint what it would be sent next, so many times; how often there was something. Changes
        nothing."""
    def gather(self, now_ns: int) -> int:
        """Those that can be sent something, in order; how many. Changes nothing."""
    @property
    def rows(self) -> list[tuple[int, int]]:
        """When each is due, and its endpoint."""
    def cut(self, now_ns: int) -> tuple[int, int]:
        """Cut for each of them; pieces that are on their way, and messages they share."""
    def hand_out(self, message: bytes) -> list[Batch]:
        """The pieces on their way as objects, all with these bytes. Changes counters alone."""

@final
class Replies:
    def __init__(self, engine: Engine, replies: Sequence[tuple[int, bytes]]) -> None:
        """What endpoints say of their batches in flight, read; ValueError for one that cannot be believed."""
    def check(self) -> int:
        """Against what was asked; how many are right. Changes nothing."""
    def settle(self, now_ns: int) -> int:
        """Check and take each; how many batches are in flight then."""
    def fail(self, now_ns: int) -> int:
        """Let each of these batches fail instead, by timeout; how many are in flight then."""

@final
class Frame:
    def __init__(self, engine: Engine, frame: bytes, court: str) -> None:
        """The inquiries of an Admission, read."""
    def route(self) -> int:
        """Every one of them; how many tickets there are. Once."""

def scan_frame(frame: bytes, count: int) -> int:
    """Read an Admission's head, so many times; the inquiries counted."""

def stand(engine: Engine, log: int) -> int:
    """Who has not answered each of the entries of a log; their number, summed. Changes nothing."""

def cover(engine: Engine) -> tuple[int, int]:
    """What every ticket has come to; open queries and answered NONE, summed. Changes nothing."""

def settle_sums(engine: Engine) -> None:
    """Bring all sums up to date, and end the asks that have all their answers."""

def finished(engine: Engine) -> int:
    """Tickets that wait for nothing any more."""

def make_answers(engine: Engine, now_ns: int) -> int:
    """Answers of all tickets that wait to be looked at; how many."""

def end_at_deadlines(engine: Engine, now_ns: int) -> int:
    """As if every deadline had come; how many tickets have ended."""

def hand_answers(engine: Engine, court: str) -> list[Answers]:
    """The court's answers so far as objects. They are gone from the Engine."""

def sweep(engine: Engine, now_ns: int) -> tuple[int, int]:
    """Let go of what has ended; segments and lane entries dropped."""

def make_world(snapshot: bytes, orders_max: int) -> int:
    """A world and its end; how many lines it had."""
