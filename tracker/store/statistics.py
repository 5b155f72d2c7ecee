"""Statistics: the figures of every court, level and node on a day.

What is open and done stands in the tallies; what is overdue is summed from the counts of due nodes, which
stand in the order of their due days. Each call is one transaction and blocks; it is made in a thread.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Engine, and_, case, cast, func, select

from tracker.rules.statistics import MONTHS, Figures, overdue_until
from tracker.store.names import Names
from tracker.store.reader import reading
from tracker.store.tables import DUE_COUNTS, TALLIES


class Key(NamedTuple):
    """Of what the figures are."""

    court_id: int
    level: int
    node: int


class Statistics:
    """Reads one database. `duties`: the nodes that become overdue."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names = Names()

    def of_court(self, court: str, day: int, duties: Collection[int]) -> list[tuple[str, Key, Figures]]:
        """Of one court, or with an empty code of all: the court's code, the key, the figures."""
        with reading(self._engine) as connection:
            names = self._names
            court_id = None
            if court:
                court_id = names.find_court(connection, court)
                if court_id is None:
                    return []
            else:
                names.load_courts(connection)
            found = figures(connection, day, duties, court_id)
            return [(names.court_of(connection, key.court_id), key, one) for key, one in found.items()]


def figures(
    connection: Connection, day: int, duties: Collection[int], court_id: int | None = None
) -> dict[Key, Figures]:
    """Of one court, or of all; ordered by key."""
    statement = select(TALLIES).order_by(TALLIES.c.court_id, TALLIES.c.level, TALLIES.c.node)
    if court_id is not None:
        statement = statement.where(TALLIES.c.court_id == court_id)
    found = {Key(*row[:3]): Figures(*row[3:]) for row in connection.execute(statement)}
    for row in connection.execute(overdue_statement(day, duties, court_id)):
        key = Key(*row[:3])
        found[key] = Figures(*found[key][:5], *row[3:])
    return found


def overdue_statement(day: int, duties: Collection[int], court_id: int | None) -> Any:
    """Sums of what is overdue, from one range of due days for each row of the tallies."""
    columns = DUE_COUNTS.c
    keys = (columns.court_id, columns.level, columns.node)
    joined = and_(*(TALLIES.c[key.name] == key for key in keys), columns.due < day)
    where = [TALLIES.c.open > 0, TALLIES.c.node.in_(sorted(duties))]
    if court_id is not None:
        where.append(TALLIES.c.court_id == court_id)
    since = [case((columns.due <= overdue_until(day, months), columns.count), else_=0) for months in MONTHS]
    sums = [_sum(counts) for counts in (columns.count, *since)]
    return select(*keys, *sums).select_from(TALLIES.join(DUE_COUNTS, joined)).where(*where).group_by(*keys)


def _sum(counts: Any) -> Any:
    """Not the decimal number that PostgreSQL makes of a sum."""
    return cast(func.sum(counts), BigInteger)
