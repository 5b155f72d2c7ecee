"""Projector: a process of its own that carries the journal into the projection database.

Follows the journal from its own cursor, which it moves in the same transaction as the rows: nothing is
missing and nothing double, wherever it is killed. A line with a seq on standard input tells it that the
journal has grown so far; each transaction is answered with a line that has the cursor. The end of the input
ends it. It writes no journal.
"""

import argparse
import gc
import logging
import os
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import (
    BindParameter,
    Connection,
    Delete,
    Dialect,
    Engine,
    Insert,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from gateway.edge.errors import JournalError
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_schema import ADMISSION, ANSWER
from gateway.edge.rows import Row, Step, step
from gateway.edge.tables import COVERAGE, CURSOR, INQUIRIES, RECORDS
from runtime import logs, migration
from runtime.database import make_engine

if TYPE_CHECKING:
    from sqlalchemy.engine.default import DefaultDialect

MIGRATIONS: Final = "gateway.edge:migrations"
FRAMES_AT_ONCE: Final = 512
BYTES_AT_ONCE: Final = 4 << 20
# It must not take the processor from the gateway, which has the same two cores.
NICENESS: Final = 10
EXIT_BROKEN: Final = 1
# Rows have no cycles to look for; with Python's own thresholds that was a fifth of the projector's time.
GARBAGE_THRESHOLDS: Final = (200_000, 50, 1_000)

log = logging.getLogger(__name__)


class Projector:
    """One journal into one database."""

    def __init__(self, journal: Path, engine: Engine) -> None:
        self._reader = Reader(journal)
        self._engine = engine
        self._statements = _Statements(engine.dialect)
        self._journal_name = sha256(bytes.fromhex(self._reader.meta.secret)).hexdigest()
        migrate(engine)
        self.cursor = self._read_cursor()

    def advance(self) -> bool:
        """Carry over the next frames, in one transaction. False: there are none.

        JournalError when the cursor is no longer where it was left: a projector outlives a gateway that was
        killed by a moment, and would put older answers over those of the next one.
        """
        frames = self._reader.read(
            self.cursor, kinds=(ADMISSION, ANSWER), limit=FRAMES_AT_ONCE, bytes_max=BYTES_AT_ONCE
        )
        if not frames:
            return False
        with self._engine.begin() as connection:
            ours = update(CURSOR).where(CURSOR.c.seq == self.cursor)
            if connection.execute(ours.values(seq=frames[-1].seq)).rowcount != 1:
                raise JournalError("projection.url: another projector writes to the database")
            self._statements.write(connection, step(frames))
        self.cursor = frames[-1].seq
        return True

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _read_cursor(self) -> int:
        """JournalError when the database is of another journal: its rows would be mixed with this one's."""
        with self._engine.begin() as connection:
            row = connection.execute(select(CURSOR.c.seq, CURSOR.c.journal)).one_or_none()
            if row is None:
                connection.execute(insert(CURSOR).values(id=1, seq=0, journal=self._journal_name))
                return 0
        if row.journal != self._journal_name or row.seq > self._reader.last_seq():
            raise JournalError("projection.url: the database is of another journal; give an empty one")
        return int(row.seq)


def migrate(engine: Engine) -> None:
    """Bring the tables to what this version needs."""
    migration.migrate(engine, MIGRATIONS)


class _Statements:
    """What the projector writes, as the driver's own text: rows reach it as they are. Passed to SQLAlchemy
    instead, each row is made two dictionaries, which was two fifths of the projector's time."""

    def __init__(self, dialect: Dialect) -> None:
        # Rows are tuples: the driver must take values by place. PostgreSQL's takes them by name otherwise.
        kind = cast("type[DefaultDialect]", type(dialect))
        by_place = dialect if dialect.positional else kind(paramstyle="format")

        def text(statement: Insert | Delete) -> str:
            return str(statement.compile(dialect=by_place))

        self._inserts = {table: text(insert(table)) for table in (INQUIRIES, COVERAGE, RECORDS)}
        answered: BindParameter[int] = bindparam("answered_id")
        self._deletes = [
            text(delete(table).where(table.c.inquiry_id == answered)) for table in (RECORDS, COVERAGE)
        ]

    def write(self, connection: Connection, made: Step) -> None:
        """All rows of a step; what was known of an inquiry that is answered again goes."""
        answered = [row[:1] for row in made.coverage]
        for delete_old in self._deletes:
            _run(connection, delete_old, answered)
        for table, rows in ((INQUIRIES, made.inquiries), (COVERAGE, made.coverage), (RECORDS, made.records)):
            _run(connection, self._inserts[table], rows)


def _run(connection: Connection, statement: str, rows: list[Row]) -> None:
    if rows:
        connection.exec_driver_sql(statement, rows)


def main() -> int:
    """`python -m gateway.edge.projector --journal PATH --database URL`; the exit code."""
    parser = argparse.ArgumentParser(
        prog="gateway.edge.projector", description="Carry a journal into SQL tables."
    )
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--database", default="", help="URL; without it, the first line of standard input")
    parser.add_argument("--log-level", default="info")
    parser.add_argument("--log-format", default="text", choices=("json", "text"))
    given = parser.parse_args()
    logs.configure(given.log_level, given.log_format)
    os.nice(NICENESS)
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    # A URL may hold a password; the gateway gives it where `ps` does not show it.
    url = given.database or sys.stdin.readline().strip()
    try:
        with closing(Projector(given.journal, make_engine(url))) as projector:
            _follow(projector)
    except (JournalError, ValueError) as error:
        log.error("the projection cannot be kept", extra={"error": str(error), "path": str(given.journal)})  # noqa: TRY400
        return EXIT_BROKEN
    except BrokenPipeError:
        # The gateway is gone; what is still buffered is for nobody, and must not fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _follow(projector: Projector) -> None:
    sys.stdout.write(f"{projector.cursor}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        target_seq = int(line)
        while projector.advance():
            sys.stdout.write(f"{projector.cursor}\n")
            sys.stdout.flush()
        # Frames of kinds that leave no rows count as carried over too.
        sys.stdout.write(f"{max(projector.cursor, target_seq)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
