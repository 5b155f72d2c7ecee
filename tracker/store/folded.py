"""Folded: cases judged anew from their events, one by one, where columns alone do not tell.

Pure but for reading the events; nothing is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from chakong.tracker.v1 import case_pb2
from runtime.clock import now_ns
from tracker.rules.law import Law
from tracker.store.judge import Judged, Told
from tracker.store.ruling import Ruling
from tracker.store.standing import OPEN, Kept, Packed, unpack
from tracker.store.tables import CASES, EVENTS

CASES_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Folded:
    """A case as it is kept, and as it stands by the new law."""

    row: Any
    kept: list[Kept]
    judged: Judged

    @property
    def case_no(self) -> int:
        """Its number."""
        return int(self.row.case_no)

    def due_days(self) -> Iterator[tuple[int, int, int]]:
        """Node, due day as it is kept, due day now, of each that is open before or after; 0: none."""
        before = {(node.number, node.thing): node.due for node in self.kept if node.state == OPEN}
        after = {(node.number, node.thing): node.due for node in self.judged.nodes if node.state == OPEN}
        for number, thing in sorted(before.keys() | after.keys()):
            yield number, before.get((number, thing), 0), after.get((number, thing), 0)


class Folder:
    """Under one law."""

    def __init__(self, law: Law) -> None:
        self._ruling = Ruling(law)

    def fold(self, connection: Connection, case_nos: Sequence[int]) -> Iterator[Folded]:
        """Cases by their numbers."""
        for start in range(0, len(case_nos), CASES_AT_ONCE):
            yield from self._some(connection, case_nos[start : start + CASES_AT_ONCE])

    def _some(self, connection: Connection, case_nos: Sequence[int]) -> Iterator[Folded]:
        events: dict[int, list[Told]] = {case_no: [] for case_no in case_nos}
        columns = (EVENTS.c.case_no, EVENTS.c.recorded_ns, EVENTS.c.source, EVENTS.c.body)
        statement = select(*columns).where(EVENTS.c.case_no.in_(case_nos)).order_by(EVENTS.c.seq)
        for case_no, recorded_ns, source, body in connection.execute(statement):
            events[case_no].append(Told(case_pb2.Event.FromString(body), recorded_ns, source))
        rows = connection.execute(select(CASES).where(CASES.c.case_no.in_(case_nos))).all()
        at_ns = now_ns()
        for row in rows:
            case = case_pb2.Case.FromString(row.registration)
            kept = unpack(Packed(bytes(row.standing), row.things))
            told = events[row.case_no]
            # A clock that was set back must not make it forget what it knows.
            known_ns = max((one.recorded_ns for one in told), default=at_ns)
            yield Folded(row, kept, self._ruling.stand(case, told, max(at_ns, known_ns)))
