"""Recomputing: puts a new law in force, and brings every case under it, while the tracker goes on.

From the moment it is adopted, new events are judged by it. The cases follow, a few thousand in each
transaction, which also says how far it has come: killed at any point, it goes on from there. No case is ever
half under one law and half under the other. A law that another one has followed takes no more cases.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Engine, update

from tracker.rules.law import Law
from tracker.rules.recompute import changes_events
from tracker.store.calendars import knows_more, knows_otherwise, narrow
from tracker.store.contribution import leads_of_days
from tracker.store.difference import LawOf
from tracker.store.draft import Draft, Place, mould_of
from tracker.store.due_counts import DueCounts
from tracker.store.folded import Folder
from tracker.store.head import put_counters, read_counters, read_head, writing
from tracker.store.laws import ALL_CASES, adopt
from tracker.store.leads import Leads
from tracker.store.moulds import Moulds
from tracker.store.names import Names, Origin
from tracker.store.piece import Ints, Made, Piece, made_of, read_piece, read_progress
from tracker.store.rows import add_rows, change_rows, insert_rows, remove_rows
from tracker.store.standing import DONE, OPEN, PROVISIONAL, RECORD
from tracker.store.tables import CASES, DUE_NODES, FIGURES, LAWS, TALLIES

CASES_AT_ONCE: Final = 10_000
# The number of the law under which also what was counted with known holidays is counted anew.
WHOLLY: Final = "recount:wholly"


class Recomputing:
    """Brings one database under `new`."""

    def __init__(self, engine: Engine, law_of: LawOf, new: Law) -> None:
        self._engine = engine
        self._law_of = law_of
        self._new = new
        self._folder = Folder(new)
        self._names = Names()
        self._leads = Leads()
        self._law_id = 0
        self._is_calendar_other = False
        # Another law was adopted since; whoever did that brings all cases under it.
        self.is_superseded = False

    def adopt(self, texts: Mapping[str, str], now_ns: int) -> bool:
        """Put the law in force. False: it is already, with cases left to recompute; they are gone on with."""
        with writing(self._engine) as connection:
            law_id = read_head(connection).law_id
            is_left = read_progress(connection)[-1].recomputed_to < ALL_CASES
            is_same = self._law_of(law_id).version == self._new.version
            was_wholly = is_left and read_counters(connection, (WHOLLY,)).get(WHOLLY) == law_id
            if is_left and is_same and not knows_more(connection):
                self._law_id, self._is_calendar_other = law_id, was_wholly
                return False
            self._is_calendar_other = was_wholly or knows_otherwise(connection)
            self._law_id = adopt(connection, texts, self._new, now_ns, recomputed_to=0)
            if self._is_calendar_other:
                put_counters(connection, {WHOLLY: self._law_id})
            return True

    def run(self, told: Callable[[int], None] = lambda _case_no: None) -> None:
        """Until every case stands by the law, or by one that has followed it; `told` hears how far it has
        come. Blocks."""
        while (case_no := self.step()) < ALL_CASES:
            told(case_no)

    def step(self) -> int:
        """One transaction; the number of the last case that it brought under the law, ALL_CASES: there is
        nothing left to do."""
        with writing(self._engine) as connection:
            if read_head(connection).law_id != self._law_id:
                self.is_superseded = True
                return ALL_CASES
            self._names.forget()
            self._leads.load(connection)
            narrow(connection)
            progress = read_progress(connection)
            after = next(one.recomputed_to for one in progress if one.law_id == self._law_id)
            piece = read_piece(connection, after, CASES_AT_ONCE, progress, placed=True)
            reached = ALL_CASES if piece is None else piece.last_case_no
            if piece is not None:
                self._bring(connection, piece)
            where = LAWS.c.law_id == self._law_id
            connection.execute(update(LAWS).where(where).values(recomputed_to=reached))
            self._leads.write(connection)
        return reached

    def _bring(self, connection: Connection, piece: Piece) -> None:
        for law_id in np.unique(piece.law_ids).tolist():
            if law_id == self._law_id:
                continue  # an event came since: judged by the new law already
            old = self._law_of(law_id)
            if changes_events(old, self._new):
                places = np.flatnonzero(piece.law_ids == law_id)
                self._fold(connection, piece, places.tolist())
                continue
            is_other = self._is_calendar_other
            made = made_of(piece, law_id, old, self._new, with_past=True, is_calendar_other=is_other)
            self._restand(connection, piece, made)

    def _restand(self, connection: Connection, piece: Piece, made: Made) -> None:
        """Cases of whose nodes something changes."""
        owners = piece.owner[made.at]
        unsure = np.unique(owners[made.recomputed.unsure])
        records = self._recounted(connection, piece, made)
        is_changed = (records != piece.records)[made.at] & ~np.isin(owners, unsure)
        at = made.at[is_changed]
        places = np.unique(piece.owner[at])
        bounds = np.searchsorted(piece.owner, np.arange(len(piece.rows) + 1)) * RECORD.itemsize
        packed = records.tobytes()
        changed = [
            (piece.rows[place].case_no, packed[begin:end])
            for place, begin, end in zip(places.tolist(), bounds[places], bounds[places + 1], strict=True)
        ]
        change_rows(connection, CASES, ("standing",), changed)
        states = records["state"][at]
        self._move(connection, piece, at[states == OPEN], records)
        _retally(connection, piece, at[states == DONE], records)
        self._fold(connection, piece, unsure.tolist())

    def _move(self, connection: Connection, piece: Piece, at: Ints, records: Any) -> None:
        """The due nodes of these records, from how they were to how they are."""
        gone: list[tuple[Any, ...]] = []
        due: list[tuple[Any, ...]] = []
        counts = DueCounts()
        wanted = ("number", "thing", "start", "due", "amber", "red", "flags", "origin_id")
        columns = [records[name][at].tolist() for name in wanted]
        was = piece.records[at]
        was_listed = (was["due"] > 0) | (was["amber"] > 0) | (was["red"] > 0)
        before = zip(piece.owner[at].tolist(), was["due"].tolist(), was_listed.tolist(), strict=True)
        for (owner, old_due, is_there), *node in zip(before, *columns, strict=True):
            number, thing_place, start, new_due, amber, red, flags, origin_id = node
            row = piece.rows[owner]
            thing = row.things.split("\n")[thing_place - 1] if thing_place else ""
            if is_there:
                gone.append((row.court_id, number, old_due, row.case_no, thing))
            if new_due or amber or red:
                rest = (row.handler_id, start, amber, red, flags, origin_id)
                due.append((row.court_id, number, new_due, row.case_no, thing, *rest))
            for day, count in ((old_due, -1), (new_due, 1)):
                if day:
                    counts.add((row.court_id, row.level, number, day), count)
        # In the order in which they stand.
        gone.sort()
        remove_rows(connection, DUE_NODES, gone)
        due.sort()
        insert_rows(connection, DUE_NODES, due)
        counts.flush(connection)
        self._see_leads(records[at])

    def _see_leads(self, records: Any) -> None:
        """How far ahead warnings begin, once for each of the pairs of days that there are."""
        due = records[records["due"] > 0]
        for number, *days in np.unique(due[["number", "due", "amber", "red"]]).tolist():
            self._leads.see(number, *leads_of_days(*days))

    def _recounted(self, connection: Connection, piece: Piece, made: Made) -> Any:
        """The records with the new days; those of other laws, and what is unsure, as they were."""
        new, at = made.recomputed, made.at
        records = piece.records.copy()
        for name in ("due", "amber", "red", "variant"):
            records[name][at] = getattr(new, name)
        flags = records["flags"][at] & ~np.uint16(PROVISIONAL)
        records["flags"][at] = flags | np.where(new.is_provisional, PROVISIONAL, 0).astype(np.uint16)
        numbers = np.array(
            [self._names.origin(connection, Origin(*one)) if one[0] else 0 for one in new.origins],
            dtype=np.uint32,
        )
        is_dated = records["due"][at] > 0
        records["origin_id"][at] = np.where(is_dated, numbers[new.origin], 0)
        # A term's article is that of the measure; where no rule is named what stood there stays.
        unnamed = at[is_dated & (numbers[new.origin] == 0)]
        records["origin_id"][unnamed] = piece.records["origin_id"][unnamed]
        return records

    def _fold(self, connection: Connection, piece: Piece, places: list[int]) -> None:
        """Cases one by one, from their events."""
        if not places:
            return
        draft = Draft(self._law_id)
        moulds = Moulds(self._names, self._leads)
        case_nos = [piece.rows[place].case_no for place in places]
        for folded in self._folder.fold(connection, case_nos):
            row = folded.row
            place = Place(row.court_id, row.handler_id, row.level)
            before = mould_of(row.status, row.status_day, folded.kept)
            draft.change_case(row.case_no, (place, before), (place, moulds.made(connection, folded.judged)))
        draft.flush(connection)


def _retally(connection: Connection, piece: Piece, at: Ints, records: Any) -> None:
    """These records are of nodes that were done: some are late now that were not, or the other way round."""
    done = records["done"][at]
    was_late, is_late = (
        (all_of["due"][at] > 0) & (all_of["due"][at] < done) for all_of in (piece.records, records)
    )
    more: Counter[tuple[int, int, int]] = Counter()
    for place in np.flatnonzero(was_late != is_late).tolist():
        row = piece.rows[int(piece.owner[at[place]])]
        more[row.court_id, row.level, int(records["number"][at[place]])] += 1 if is_late[place] else -1
    none = dict.fromkeys(FIGURES, 0)
    sums = [
        {"court_id": court_id, "level": level, "node": node, **none, "late": count, "in_time": -count}
        for (court_id, level, node), count in sorted(more.items())
    ]
    add_rows(connection, TALLIES, sums, FIGURES)
