"""Difference: what a new law would change: how many due days move, which way, with some samples.

Nothing is written. Cases are read a piece at a time, so that the tracker goes on meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from sqlalchemy import Engine, select

from tracker.rules.law import Law
from tracker.rules.recompute import Moves, changes_events, compare
from tracker.store.calendars import knows_otherwise
from tracker.store.folded import Folder
from tracker.store.piece import Made, Piece, made_of, read_piece, read_progress
from tracker.store.reader import reading
from tracker.store.tables import CASES

CASES_AT_ONCE: Final = 100_000
SAMPLES_MAX: Final = 10

LawOf = Callable[[int], Law]


class Sample(NamedTuple):
    """A due day that moves."""

    case_number: str
    node: int
    before: int
    after: int


@dataclass(slots=True)
class Difference:
    """Over all cases. `moves` by node; `folded`: cases that were judged anew from their events."""

    case_count: int = 0
    node_count: int = 0
    changed_case_count: int = 0
    folded: int = 0
    moves: dict[int, Moves] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def add(self, node: int, moves: Moves) -> None:
        """More due days of a node."""
        known = self.moves.get(node, Moves(0, 0, 0, 0, 0))
        self.moves[node] = Moves(*(one + other for one, other in zip(known, moves, strict=True)))


class Differ:
    """Compares what is there with what `new` makes of it."""

    def __init__(self, engine: Engine, law_of: LawOf, new: Law) -> None:
        self._engine = engine
        self._law_of = law_of
        self._new = new
        self._folder = Folder(new)
        self._found = Difference()
        self._sampled: dict[int, int] = {}
        self._is_calendar_other = False

    def whole(self, told: Callable[[int], None] = lambda _count: None) -> Difference:
        """Of all cases; `told` hears how many were looked at. ValueError: cases have a profile that the new
        law lacks."""
        with reading(self._engine) as connection:
            self._is_calendar_other = knows_otherwise(connection)
        after = 0
        while (piece := self._next(after)) is not None:
            self._look(piece)
            after = piece.last_case_no
            told(self._found.case_count)
        return self._found

    def _next(self, after: int) -> Piece | None:
        with reading(self._engine) as connection:
            return read_piece(connection, after, CASES_AT_ONCE, read_progress(connection))

    def _look(self, piece: Piece) -> None:
        found = self._found
        found.case_count += len(piece.rows)
        for law_id in np.unique(piece.law_ids).tolist():
            old = self._law_of(law_id)
            if changes_events(old, self._new):
                places = np.flatnonzero(piece.law_ids == law_id)
                found.node_count += self._fold(piece, places.tolist())
                continue
            made = made_of(piece, law_id, old, self._new, is_calendar_other=self._is_calendar_other)
            found.node_count += len(made.at)
            self._compare(piece, made)

    def _compare(self, piece: Piece, made: Made) -> None:
        found, records, new = self._found, piece.records[made.at], made.recomputed
        owners = piece.owner[made.at]
        unsure = np.unique(owners[new.unsure])
        sure = ~np.isin(owners, unsure)
        before, after, numbers = records["due"].astype(np.int64), new.due, records["number"]
        moved = sure & (before != after)
        found.changed_case_count += len(np.unique(owners[moved]))
        for node in np.unique(numbers).tolist():
            of_node = sure & (numbers == node)
            found.add(node, compare(before[of_node], after[of_node]))
        for place in self._samples(numbers, moved):
            case_no = piece.rows[int(owners[place])].case_no
            self._sample(case_no, int(numbers[place]), int(before[place]), int(after[place]))
        if len(unsure):
            self._fold(piece, unsure.tolist())

    def _samples(self, numbers: np.ndarray, moved: np.ndarray) -> Sequence[int]:
        """Places of some moved rows, the first few of each node."""
        wanted: list[int] = []
        for node in np.unique(numbers[moved]).tolist():
            room = SAMPLES_MAX - self._sampled.get(node, 0)
            places = np.flatnonzero(moved & (numbers == node))[:room].tolist()
            self._sampled[node] = self._sampled.get(node, 0) + len(places)
            wanted += places
        return wanted

    def _fold(self, piece: Piece, places: Sequence[int]) -> int:
        """Cases one by one; how many open nodes they have."""
        case_nos = [piece.rows[place].case_no for place in places]
        count = 0
        with reading(self._engine) as connection:
            for folded in self._folder.fold(connection, case_nos):
                self._found.folded += 1
                is_changed = False
                for node, before, after in folded.due_days():
                    count += 1
                    self._found.add(node, compare(np.array([before]), np.array([after])))
                    if before != after:
                        is_changed = True
                        if self._sampled.get(node, 0) < SAMPLES_MAX:
                            self._sampled[node] = self._sampled.get(node, 0) + 1
                            self._sample(folded.case_no, node, before, after)
                self._found.changed_case_count += is_changed
        return count

    def _sample(self, case_no: int, node: int, before: int, after: int) -> None:
        with reading(self._engine) as connection:
            statement = select(CASES.c.case_number).where(CASES.c.case_no == case_no)
            number = connection.execute(statement).scalar_one()
        self._found.samples.append(Sample(number, node, before, after))
