"""Reader: one case with its events, and events after a cursor.

Each call is one transaction and blocks; it is made in a thread.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, and_, select
from sqlalchemy.exc import SQLAlchemyError

from chakong.tracker.v1 import case_pb2
from runtime.errors import ForbiddenError, UnavailableError
from tracker.errors import UnknownCaseError
from tracker.store.head import CURSOR_PREFIX, read_counters, read_head
from tracker.store.judge import Told
from tracker.store.names import Names
from tracker.store.tables import CASES, EVENTS

RETRY_MS: Final = 1_000


class Found(NamedTuple):
    """A case as it is kept."""

    case_no: int
    court: str
    handler: str
    level: int
    registered_ns: int
    case: case_pb2.Case
    events: list[Told]
    law_id: int


class Recorded(NamedTuple):
    """An event with its cursor."""

    seq: int
    case_number: str
    told: Told


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads. UnavailableError when the database cannot be read."""
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as error:
        # Not its text, which quotes the statement and may name the database's host and user.
        kind = type(error).__name__
        raise UnavailableError(f"the tracker's database cannot be read: {kind}", retry_ms=RETRY_MS) from error


class Reader:
    """Reads one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names = Names()

    def case(self, court: str, case_number: str) -> Found:
        """A case of this court. UnknownCaseError; ForbiddenError: another court has it."""
        if not case_number.isprintable():
            # No case is registered under it, and PostgreSQL takes no text with a zero in it.
            raise UnknownCaseError("case_number: there is no such case")
        with reading(self._engine) as connection:
            names = self._names
            rows = connection.execute(select(CASES).where(CASES.c.case_number == case_number)).all()
            if not rows:
                raise UnknownCaseError("case_number: there is no such case")
            court_id = names.find_court(connection, court)
            row = next((one for one in rows if one.court_id == court_id), None)
            if row is None:
                raise ForbiddenError("case_number: another court has the case")
            return Found(
                row.case_no,
                court,
                names.handler_of(connection, row.handler_id),
                row.level,
                row.registered_ns,
                case_pb2.Case.FromString(row.registration),
                [told for _, told in _events(connection, EVENTS.c.case_no == row.case_no, None)],
                read_head(connection).law_id,
            )

    def events_after(self, court: str, cursor: int, case_number: str, limit: int) -> list[Recorded]:
        """Events of a court after the cursor, in the order of recording; of one case, if it is named."""
        with reading(self._engine) as connection:
            court_id = self._names.find_court(connection, court)
            if court_id is None:
                return []
            where = and_(EVENTS.c.court_id == court_id, EVENTS.c.seq > cursor)
            if case_number and not case_number.isprintable():
                raise UnknownCaseError("case_number: there is no such case")
            if case_number:
                numbered = select(CASES.c.case_no, CASES.c.court_id).where(CASES.c.case_number == case_number)
                rows = connection.execute(numbered).all()
                if not rows:
                    raise UnknownCaseError("case_number: there is no such case")
                case_no = next((row.case_no for row in rows if row.court_id == court_id), None)
                if case_no is None:
                    raise ForbiddenError("case_number: another court has the case")
                where = and_(EVENTS.c.case_no == case_no, EVENTS.c.seq > cursor)
            found = _events(connection, where, limit)
            numbers = _case_numbers(connection, {row.case_no for row, _ in found})
            return [Recorded(row.seq, numbers[row.case_no], told) for row, told in found]

    def last_seq(self) -> int:
        """Of the newest event."""
        with reading(self._engine) as connection:
            return read_head(connection).seq

    def cursor(self, name: str) -> int:
        """How far somebody followed; 0: nothing was kept yet."""
        with reading(self._engine) as connection:
            key = f"{CURSOR_PREFIX}{name}"
            return read_counters(connection, (key,)).get(key, 0)


def _events(connection: Connection, where: Any, limit: int | None) -> list[tuple[Any, Told]]:
    statement = select(EVENTS).where(where).order_by(EVENTS.c.seq).limit(limit)
    return [
        (row, Told(case_pb2.Event.FromString(row.body), row.recorded_ns, row.source))
        for row in connection.execute(statement)
    ]


def _case_numbers(connection: Connection, case_nos: Sequence[int] | set[int]) -> dict[int, str]:
    statement = select(CASES.c.case_no, CASES.c.case_number).where(CASES.c.case_no.in_(sorted(case_nos)))
    return {row.case_no: row.case_number for row in connection.execute(statement)}
