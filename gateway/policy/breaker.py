"""Breaker: decides when an endpoint counts as down.

Pure: the caller passes `now_ns`. It never sends, waits or logs; line does that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final


class State(Enum):
    """What is let through: CLOSED everything, HALF_OPEN one batch, OPEN nothing."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Event(Enum):
    """SUCCEEDED: a reply was taken. FAILED: one more failure. TRIPPED: the failure that is one too many.
    COOLED: the cool-down is over."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TRIPPED = "tripped"
    COOLED = "cooled"


NEXT: Final = {
    (State.CLOSED, Event.SUCCEEDED): State.CLOSED,
    (State.CLOSED, Event.FAILED): State.CLOSED,
    (State.CLOSED, Event.TRIPPED): State.OPEN,
    # A batch sent before the breaker opened can still be answered, or fail.
    (State.OPEN, Event.SUCCEEDED): State.HALF_OPEN,
    (State.OPEN, Event.FAILED): State.OPEN,
    (State.OPEN, Event.TRIPPED): State.OPEN,
    (State.OPEN, Event.COOLED): State.HALF_OPEN,
    (State.HALF_OPEN, Event.SUCCEEDED): State.CLOSED,
    # One failure is enough here, however few there were before.
    (State.HALF_OPEN, Event.FAILED): State.OPEN,
    (State.HALF_OPEN, Event.TRIPPED): State.OPEN,
}

# 64 times the first cool-down; beyond it waiting longer spares the endpoint nothing.
GROWTH_STEPS_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """After how many failures in a row it opens, and how long the first and the longest opening last."""

    failures: int
    cool_down_ns: int
    cool_down_ns_max: int


@dataclass(frozen=True, slots=True)
class Breaker:
    """One endpoint's breaker. `failures` and `openings` are in a row; while OPEN it cools at `cool_ns`."""

    state: State = State.CLOSED
    failures: int = 0
    openings: int = 0
    cool_ns: int = 0


def succeeded(breaker: Breaker) -> Breaker:
    """A reply was taken."""
    state = NEXT[breaker.state, Event.SUCCEEDED]
    openings = 0 if state is State.CLOSED else breaker.openings
    if (state, 0, openings) == (breaker.state, breaker.failures, breaker.openings):
        return breaker  # as after nearly every reply
    return replace(breaker, state=state, failures=0, openings=openings)


def failed(breaker: Breaker, now_ns: int, limits: Limits, jitter: Callable[[int], int]) -> Breaker:
    """A batch or a connection failed. Each opening in a row lasts twice as long as the one before it."""
    failures = breaker.failures + 1
    event = Event.TRIPPED if failures >= limits.failures else Event.FAILED
    state = NEXT[breaker.state, event]
    if state is not State.OPEN or breaker.state is State.OPEN:
        return replace(breaker, state=state, failures=failures)
    grown_ns = min(limits.cool_down_ns << min(breaker.openings, GROWTH_STEPS_MAX), limits.cool_down_ns_max)
    return Breaker(state, failures, breaker.openings + 1, now_ns + jitter(grown_ns))


def cooled(breaker: Breaker, now_ns: int) -> Breaker:
    """HALF_OPEN when the cool-down is over at `now_ns`; else as it was."""
    if breaker.state is not State.OPEN or now_ns < breaker.cool_ns:
        return breaker
    return replace(breaker, state=NEXT[breaker.state, Event.COOLED])
