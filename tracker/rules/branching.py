"""Branching: whether a case has property. Pure.

Nothing was found only when every query of a full inquiry ended NONE or INCAPABLE: one that is LATE,
UNREACHABLE, AMBIGUOUS or REFUSED may hide something.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from tracker.model import Count, Event
from tracker.rules.things import DEPOSIT
from tracker.rules.words import (
    FOUND_AFTERWARDS,
    MEASURE_EFFECTIVE,
    MEASURE_ENDED,
    NOTHING_THERE,
    PROPERTY_FOUND,
)

# Deposits under 1,000 yuan, and under 5 per cent of the claim, may be left (suspension.toml: nothing_left).
TRIFLE_FEN: Final = 100_000
TRIFLE_PERCENT: Final = 5


def is_without_property(is_full: bool, ended: Iterable[Count]) -> bool:
    """Whether an inquiry proves that nothing was found: it was full, and its queries ended so."""
    counts = [count for count in ended if count.query_count > 0]
    return is_full and bool(counts) and all(count.state in NOTHING_THERE for count in counts)


def left_behind(history: Iterable[Event], on: int) -> tuple[Event, ...]:
    """The property known on a day and not yet dealt with: the event that last told of each."""
    left: dict[str, Event] = {}
    for event in history:
        if event.effective > on:
            continue
        if event.kind in (PROPERTY_FOUND, FOUND_AFTERWARDS, MEASURE_EFFECTIVE):
            left[event.thing] = event
        elif event.kind in (MEASURE_ENDED, "handover", "asset_for_debt"):
            left.pop(event.thing, None)
    return tuple(left.values())


def is_trifle(left: Sequence[Event], claim_fen: int) -> bool:
    """Whether what is left may be left: deposits of known amounts, in all under both limits."""
    amounts = [event.detail.amount_fen for event in left if event.detail.property == DEPOSIT]
    if len(amounts) != len(left) or not all(amounts):
        return False
    total_fen = sum(amounts)
    return total_fen < TRIFLE_FEN and total_fen * 100 < claim_fen * TRIFLE_PERCENT
