"""Draft: the rows that one transaction will write, gathered case by case.

Rows that go together are made together: what a case's nodes add to the due list and to the tallies is taken
from the same records that are kept of it. Nothing is written before `flush`, and nothing is read here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection

from tracker.store.contribution import Figures, figures_of, is_listed
from tracker.store.due_counts import DueCounts
from tracker.store.due_rows import CaseOf, due_rows, insert_due
from tracker.store.rows import Row, add_rows, change_rows, insert_rows, remove_rows
from tracker.store.standing import Kept, pack
from tracker.store.tables import CASES, DUE_NODES, EVENTS, FIGURES, TALLIES

_CHANGED: Final = ("court_id", "handler_id", "status", "status_day", "law_id", "standing", "things")


class Place(NamedTuple):
    """Under what a case is listed and counted."""

    court_id: int
    handler_id: int
    level: int


class Mould(NamedTuple):
    """What cases that stand alike have in common: records, and the rest of their rows."""

    status: int
    status_day: int
    records: bytes
    things: str
    # (node, due), then the thing, then (start, amber, red, flags, origin), of each due node.
    due: tuple[tuple[tuple[int, int], str, tuple[int, ...]], ...]
    figures: tuple[tuple[int, Figures], ...]
    # Who handles the case by its events; None: as it was registered.
    handler: str | None = None


def mould_of(status: int, status_day: int, nodes: Sequence[Kept]) -> Mould:
    """Of a case with these nodes."""
    packed = pack(nodes)
    due = tuple(
        ((node.number, node.due), node.thing, (node.start, node.amber, node.red, node.flags, node.origin_id))
        for node in nodes
        if is_listed(node)
    )
    figures = tuple((node.number, figures_of(node)) for node in nodes)
    return Mould(status, status_day, packed.records, packed.things, due, figures)


@dataclass(slots=True)
class Draft:
    """Of one transaction, under one law."""

    law_id: int
    cases: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    # New cases, whose due nodes are those of their mould; and due nodes of cases that were there.
    new: list[CaseOf] = field(default_factory=list)
    due: list[Row] = field(default_factory=list)
    # Keys of due nodes that are there no more, and cases that stand otherwise: their number, then _CHANGED.
    gone: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    tallies: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    due_counts: DueCounts = field(default_factory=DueCounts)
    # Of registrations: how many cases of a court have the same mould.
    moulds: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    _by_id: dict[int, Mould] = field(default_factory=dict)

    def add_case(
        self, case_no: int, place: Place, named: tuple[str, int, bytes, bytes], mould: Mould
    ) -> None:
        """A new case. `named`: case_number, registered_ns, registration, digest."""
        case_number, *rest = named
        court_id, handler_id, level = place
        stands = (mould.status, mould.status_day, self.law_id)
        self.cases.append(
            (case_no, court_id, case_number, handler_id, level, *stands, *rest, mould.records, mould.things)
        )
        number = id(mould)
        self._by_id[number] = mould
        self.new.append((number, court_id, case_no, handler_id))
        self.moulds[court_id, level, number] += 1

    def change_case(self, case_no: int, before: tuple[Place, Mould], after: tuple[Place, Mould]) -> None:
        """A case that stands otherwise now."""
        (old_place, old), (place, new) = before, after
        for (node, due), thing, _ in old.due:
            self.gone.append((old_place.court_id, node, due, case_no, thing))
        self.due += due_rows(place.court_id, case_no, place.handler_id, new)
        self.count(old_place, old, -1)
        self.count(place, new, 1)
        standing = (new.status, new.status_day, self.law_id, new.records, new.things)
        self.changed.append((case_no, place.court_id, place.handler_id, *standing))

    def count(self, place: Place, mould: Mould, times: int) -> None:
        """Add so many such cases to the tallies and the counts by day; less than 0: take them away."""
        court_id, _, level = place
        for (node, due), _, _ in mould.due:
            if due:
                self.due_counts.add((court_id, level, node, due), times)
        for node, added in mould.figures:
            key = (court_id, level, node)
            sums = self.tallies.setdefault(key, [0] * len(FIGURES))
            for index, value in enumerate(added):
                sums[index] += times * value

    def flush(self, connection: Connection) -> None:
        """Write everything, and be empty."""
        for (court_id, level, mould_id), times in self.moulds.items():
            self.count(Place(court_id, 0, level), self._by_id[mould_id], times)
        insert_rows(connection, CASES, self.cases)
        insert_rows(connection, EVENTS, self.events)
        remove_rows(connection, DUE_NODES, self.gone)
        insert_rows(connection, DUE_NODES, sorted(self.due))
        insert_due(connection, self._by_id, self.new)
        change_rows(connection, CASES, _CHANGED, self.changed)
        sums = [
            dict(zip(("court_id", "level", "node", *FIGURES), (*key, *values), strict=True))
            for key, values in sorted(self.tallies.items())
            if any(values)
        ]
        add_rows(connection, TALLIES, sums, FIGURES)
        self.due_counts.flush(connection)
        for filled in (self.cases, self.events, self.new, self.due, self.gone, self.changed):
            filled.clear()
        for counted in (self.tallies, self.moulds, self._by_id):
            counted.clear()
