"""Admission: whether a court's message is let in now, and when to send it again if not.

Pure. The Engine refuses what it has no room for; this refuses earlier, where the journal is behind, so that
what waits for its disk is bounded too. It never drops anything that was accepted.
"""

from dataclasses import dataclass
from typing import Final

# A gateway that is full for long gets no faster by being asked more often.
GROWTH_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """`unwritten_bytes_max`: frames handed to the journal that are not durable yet. `retry_after_ms`: what a
    refused caller is told at first."""

    unwritten_bytes_max: int
    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class Load:
    """What the gateway holds now. `refusals` counts messages refused in a row for want of room."""

    unwritten_bytes: int
    refusals: int


def is_full(load: Load, message_bytes: int, limits: Limits) -> bool:
    """True when a message of this size may not be taken. One alone always may."""
    return load.unwritten_bytes > 0 and load.unwritten_bytes + message_bytes > limits.unwritten_bytes_max


def retry_after_ms(load: Load, limits: Limits) -> int:
    """When a refused caller may try again: longer the longer nobody was let in, up to 16 times."""
    return limits.retry_after_ms * min(max(load.refusals, 1), GROWTH_MAX)
