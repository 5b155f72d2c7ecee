"""Strays: what the gateway told of cases that are not registered yet, kept until they are.

Of each inquiry and each hold only the latest word is kept, without names and numbers of persons. Each call is
one transaction and blocks; it is made in a thread.
"""

from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, delete, or_, select
from sqlalchemy.exc import SQLAlchemyError

from runtime.errors import UnavailableError
from tracker.follow.known import chosen
from tracker.store.head import writing
from tracker.store.reader import reading
from tracker.store.rows import put_rows
from tracker.store.tables import STRAYS

RETRY_MS: Final = 1_000
# Of one statement; SQLite takes 32,766 parameters.
PAIRS_AT_ONCE: Final = 500


class Kind(IntEnum):
    """What was told."""

    ANSWER = 1
    HOLD = 2


class Stray(NamedTuple):
    """An answer or a hold as it was last told. `number`: the inquiry's or the hold's id."""

    court: str
    case_number: str
    kind: Kind
    number: int
    body: bytes


class Strays:
    """Of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, strays: Sequence[Stray], now_ns: int) -> set[str]:
        """Keep them but for those whose cases have been registered meanwhile; the numbers of these.

        UnavailableError: nothing was kept.
        """
        try:
            with writing(self._engine) as connection:
                # Under the writers' lock: no case is registered between this look and the end.
                there = {
                    (court, number)
                    for court in {stray.court for stray in strays}
                    for number in chosen(
                        connection, court, {stray.case_number for stray in strays if stray.court == court}
                    )
                }
                rows = {
                    stray[:4]: {**stray._asdict(), "kind": int(stray.kind), "kept_ns": now_ns}
                    for stray in strays
                    if stray[:2] not in there
                }
                put_rows(connection, STRAYS, list(rows.values()))
                return {number for _, number in there}
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error

    def of(self, cases: Collection[tuple[str, str]]) -> list[Stray]:
        """Those of these cases, given by court and number, in the order in which things happened."""
        wanted = sorted(cases)
        found: list[Stray] = []
        with reading(self._engine) as connection:
            for start in range(0, len(wanted), PAIRS_AT_ONCE):
                statement = select(STRAYS).where(_any_of(wanted[start : start + PAIRS_AT_ONCE]))
                found += [
                    Stray(row.court, row.case_number, Kind(row.kind), row.number, bytes(row.body))
                    for row in connection.execute(statement)
                ]
        return sorted(found, key=lambda stray: (stray.court, stray.kind, stray.number))

    def forget(self, cases: Collection[tuple[str, str]]) -> None:
        """Those of these cases, which have been recorded."""
        wanted = sorted(cases)
        pieces = (wanted[start : start + PAIRS_AT_ONCE] for start in range(0, len(wanted), PAIRS_AT_ONCE))
        self._delete(_any_of(piece) for piece in pieces)

    def forget_before(self, kept_ns: int) -> None:
        """Those that nobody registered a case for in so long a time."""
        self._delete([STRAYS.c.kept_ns < kept_ns])

    def _delete(self, conditions: Iterable[ColumnElement[bool]]) -> None:
        try:
            with writing(self._engine) as connection:
                for condition in conditions:
                    connection.execute(delete(STRAYS).where(condition))
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error


def _any_of(cases: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    return or_(*(and_(STRAYS.c.court == court, STRAYS.c.case_number == number) for court, number in cases))


def _unavailable(error: Exception) -> UnavailableError:
    # Not its text, which quotes the statement and may name the database's host and user.
    kind = type(error).__name__
    return UnavailableError(f"the tracker's database cannot be written: {kind}", retry_ms=RETRY_MS)
