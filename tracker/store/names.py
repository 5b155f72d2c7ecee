"""Names: the numbers that courts, handlers and origins of due days have in the tables.

What was read or given once is remembered; a number is given inside the writer's transaction, and forgotten
when that fails. Numbers are given in one thread; what only reads may be asked from any.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select

from tracker.store.tables import COURTS, HANDLERS, ORIGINS

# Of each kind; a nation has 3,500 courts and some 100,000 handlers.
REMEMBERED_MAX: Final = 1_000_000
NOBODY: Final = 0


class Origin(NamedTuple):
    """Where a due day comes from."""

    rule: str
    article: str
    version: int


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Names:
    """All three kinds. The `_of` ones read; the others give a number where there is none."""

    def __init__(self) -> None:
        self._courts: dict[str, int] = {}
        self._handlers: dict[tuple[int, str], int] = {}
        self._origins: dict[Origin, int] = {}
        self._court_codes: dict[int, str] = {}
        self._handler_names: dict[int, str] = {NOBODY: ""}
        self._origin_texts: dict[int, Origin] = {}

    def forget(self) -> None:
        """Everything; it is read again."""
        self.__init__()  # type: ignore[misc]

    def find_court(self, connection: Connection, code: str) -> int | None:
        """The number of a court; None: it has never had a case."""
        found = self._courts.get(code)
        if found is None:
            found = _first(connection, COURTS.c.court_id, COURTS.c.code == code)
            _remember(self._courts, code, found)
        return found

    def court(self, connection: Connection, code: str) -> int:
        """The number of a court, given now if it has none."""
        found = self.find_court(connection, code)
        if found is None:
            found = self._courts[code] = _given(connection, COURTS, COURTS.c.court_id, {"code": code})
        return found

    def find_handler(self, connection: Connection, court_id: int, name: str) -> int | None:
        """The number of a handler of this court; None: there is none of that name."""
        if not name:
            return NOBODY
        found = self._handlers.get((court_id, name))
        if found is None:
            where = (HANDLERS.c.court_id == court_id) & (HANDLERS.c.name == name)
            found = _first(connection, HANDLERS.c.handler_id, where)
            _remember(self._handlers, (court_id, name), found)
        return found

    def handler(self, connection: Connection, court_id: int, name: str) -> int:
        """The number of a handler, given now if there is none."""
        found = self.find_handler(connection, court_id, name)
        if found is None:
            values = {"court_id": court_id, "name": name}
            found = _given(connection, HANDLERS, HANDLERS.c.handler_id, values)
            self._handlers[court_id, name] = found
        return found

    def origin(self, connection: Connection, origin: Origin) -> int:
        """The number of an origin, given now if there is none."""
        found = self._origins.get(origin)
        if found is None:
            where = (
                (ORIGINS.c.version == origin.version)
                & (ORIGINS.c.rule == origin.rule)
                & (ORIGINS.c.article == origin.article)
            )
            found = _first(connection, ORIGINS.c.origin_id, where)
            if found is None:
                found = _given(connection, ORIGINS, ORIGINS.c.origin_id, origin._asdict())
            _remember(self._origins, origin, found)
        return found

    def load_courts(self, connection: Connection) -> None:
        """Remember all courts, with one statement."""
        for court_id, code in connection.execute(select(COURTS.c.court_id, COURTS.c.code)):
            _remember(self._court_codes, court_id, code)

    def court_of(self, connection: Connection, court_id: int) -> str:
        """The code of a court."""
        where = COURTS.c.court_id == court_id
        return _known(self._court_codes, court_id, lambda: _first(connection, COURTS.c.code, where))

    def handler_of(self, connection: Connection, handler_id: int) -> str:
        """The name of a handler; empty for nobody."""
        where = HANDLERS.c.handler_id == handler_id
        return _known(self._handler_names, handler_id, lambda: _first(connection, HANDLERS.c.name, where))

    def origin_of(self, connection: Connection, origin_id: int) -> Origin:
        """Where a due day comes from."""

        def read() -> Origin | None:
            row = connection.execute(select(ORIGINS).where(ORIGINS.c.origin_id == origin_id)).one_or_none()
            return None if row is None else Origin(row.rule, row.article, row.version)

        return _known(self._origin_texts, origin_id, read)


def _known(known: dict[int, V], number: int, read: Callable[[], V | None]) -> V:
    found = known.get(number)
    if found is None:
        found = read()
        if found is None:
            raise LookupError(f"number {number} is in no row")
        _remember(known, number, found)
    return found


def _remember(known: dict[K, V], key: K, value: V | None) -> None:
    """What is not there may be there later."""
    if value is None:
        return
    if len(known) >= REMEMBERED_MAX:
        known.clear()
    known[key] = value


def _first(connection: Connection, column: Any, where: ColumnElement[bool]) -> Any:
    return connection.execute(select(column).where(where)).scalar_one_or_none()


def _given(connection: Connection, table: Table, key: Any, values: dict[str, Any]) -> int:
    """The next number; whoever calls holds the writers' lock."""
    number = int(connection.execute(select(func.coalesce(func.max(key), 0) + 1)).scalar_one())
    connection.execute(insert(table).values({key.name: number, **values}))
    return number
