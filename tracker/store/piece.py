"""Piece: some thousand cases in a row, their open nodes as columns, and what another law makes of them.

Pure but for reading the rows; nothing is written. A case stands by the law under which its last event was
judged, or by a later one that it was recomputed under since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from tracker.rules.law import Law
from tracker.rules.recompute import Columns, Recomputed, recompute
from tracker.store.standing import OPEN, PROVISIONAL, RECORD
from tracker.store.tables import CASES, LAWS

Ints = NDArray[np.int64]

_NARROW: Final = (CASES.c.case_no, CASES.c.law_id, CASES.c.standing)
_PLACED: Final = (*_NARROW, CASES.c.court_id, CASES.c.handler_id, CASES.c.level, CASES.c.things)


class Progress(NamedTuple):
    """How far cases were recomputed under a law."""

    law_id: int
    recomputed_to: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Cases in the order of their numbers. `records`: all of their nodes; `owner`: of each, the place of its
    case; `law_ids`: the law that each case stands by."""

    rows: Sequence[Any]
    records: NDArray[Any]
    owner: Ints
    law_ids: Ints

    @property
    def last_case_no(self) -> int:
        """Where the next piece begins after."""
        return int(self.rows[-1].case_no)


@dataclass(frozen=True, slots=True)
class Made:
    """What a law makes of nodes of some of the cases. `at`: their places among the records."""

    at: Ints
    recomputed: Recomputed


def read_progress(connection: Connection) -> list[Progress]:
    """Of every law, the oldest first."""
    statement = select(LAWS.c.law_id, LAWS.c.recomputed_to).order_by(LAWS.c.law_id)
    return [Progress(*row) for row in connection.execute(statement)]


def read_piece(
    connection: Connection, after: int, limit: int, progress: Sequence[Progress], *, placed: bool = False
) -> Piece | None:
    """The next cases after a number; None: there are none. `placed`: with court, handler, level and
    things."""
    columns = _PLACED if placed else _NARROW
    statement = select(*columns).where(CASES.c.case_no > after).order_by(CASES.c.case_no).limit(limit)
    rows = connection.execute(statement).all()
    if not rows:
        return None
    standings = [row.standing for row in rows]
    records = np.frombuffer(b"".join(standings), RECORD)
    sizes = np.fromiter((len(one) for one in standings), np.int64, len(rows)) // RECORD.itemsize
    law_ids = np.fromiter((row.law_id for row in rows), np.int64, len(rows))
    case_nos = np.fromiter((row.case_no for row in rows), np.int64, len(rows))
    for law_id, recomputed_to in progress:
        law_ids = np.where(case_nos <= recomputed_to, np.maximum(law_ids, law_id), law_ids)
    return Piece(rows, records, np.repeat(np.arange(len(rows)), sizes), law_ids)


def made_of(
    piece: Piece,
    law_id: int,
    old: Law,
    new: Law,
    *,
    with_past: bool = False,
    is_calendar_other: bool = False,
) -> Made:
    """The open nodes of the cases that stand by `old`, as `new` has them; `with_past`: also those that were
    done or ended, which are late or not by their due days. `is_calendar_other`: as of `recompute`."""
    records = piece.records
    is_wanted = piece.law_ids[piece.owner] == law_id
    if not with_past:
        is_wanted &= records["state"] == OPEN
    at = np.flatnonzero(is_wanted)
    rows = records[at]
    columns = Columns(
        number=rows["number"],
        start=rows["start"],
        due=rows["due"],
        amber=rows["amber"],
        red=rows["red"],
        stopped_days=rows["stopped_days"],
        variant=rows["variant"],
        is_provisional=(rows["flags"] & PROVISIONAL) > 0,
    )
    return Made(at, recompute(old, new, columns, is_calendar_other=is_calendar_other))
