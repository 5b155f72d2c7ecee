"""Life: where a hold stands, as a table. What is not in it cannot be, and is a fault of whoever said so.

Cover (full, part, zero) is derived from ceiling and controlled; terms, deductions and objections have
histories of their own.
"""

from enum import IntEnum, auto
from typing import Final

from chakong.gateway.v1 import controls_pb2
from gateway.holds.model import EFFECTIVE, ENDED, QUEUED, REQUESTED, SENT, UNKNOWN, Life


class Word(IntEnum):
    """What happens to a hold."""

    # The FREEZE was handed out.
    LEFT = auto()
    # No outcome in time.
    OVERDUE = auto()
    # The FREEZE ended without a hold.
    REFUSED = auto()
    # The institution states it.
    STATED_QUEUED = auto()
    STATED_EFFECTIVE = auto()
    STATED_ENDED = auto()


NEXT: Final[dict[tuple[Life, Word], Life]] = {
    (REQUESTED, Word.LEFT): SENT,
    (REQUESTED, Word.OVERDUE): UNKNOWN,
    (REQUESTED, Word.REFUSED): ENDED,
    (REQUESTED, Word.STATED_QUEUED): QUEUED,
    (REQUESTED, Word.STATED_EFFECTIVE): EFFECTIVE,
    (REQUESTED, Word.STATED_ENDED): ENDED,
    (SENT, Word.OVERDUE): UNKNOWN,
    (SENT, Word.REFUSED): ENDED,
    (SENT, Word.STATED_QUEUED): QUEUED,
    (SENT, Word.STATED_EFFECTIVE): EFFECTIVE,
    (SENT, Word.STATED_ENDED): ENDED,
    (UNKNOWN, Word.REFUSED): ENDED,
    (UNKNOWN, Word.STATED_QUEUED): QUEUED,
    (UNKNOWN, Word.STATED_EFFECTIVE): EFFECTIVE,
    (UNKNOWN, Word.STATED_ENDED): ENDED,
    (QUEUED, Word.STATED_QUEUED): QUEUED,
    (QUEUED, Word.STATED_EFFECTIVE): EFFECTIVE,
    (QUEUED, Word.STATED_ENDED): ENDED,
    (EFFECTIVE, Word.STATED_EFFECTIVE): EFFECTIVE,
    (EFFECTIVE, Word.STATED_ENDED): ENDED,
    # A balance that was taken back by the bank leaves the hold in force; only an ended one states nothing new
    # but its end.
    (ENDED, Word.STATED_ENDED): ENDED,
}
STATED: Final[dict[Life, Word]] = {
    QUEUED: Word.STATED_QUEUED,
    EFFECTIVE: Word.STATED_EFFECTIVE,
    ENDED: Word.STATED_ENDED,
}


def follows(life: Life, stated: Life) -> bool:
    """Whether an institution may state this of a hold that stands so."""
    word = STATED.get(stated)
    return word is not None and (life, word) in NEXT


def after(life: Life, word: Word) -> Life:
    """Where it stands then. KeyError for what is not in the table."""
    return NEXT[life, word]


def cover(ceiling_fen: int, controlled_fen: int, is_effective: bool) -> controls_pb2.Cover.ValueType:
    """How much of the ceiling there really is."""
    if not is_effective or controlled_fen == 0:
        return controls_pb2.COVER_ZERO
    return controls_pb2.COVER_FULL if controlled_fen >= ceiling_fen else controls_pb2.COVER_PART
