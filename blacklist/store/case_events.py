"""Case events: those of a case's events that tell whether it is ended for now, and what was found since, and
those that propose something by themselves.

Read and written within a transaction. What they mean the rules say (proposing.py). One that never happened
stays, and counts for nothing: a later correction may find that it did.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from blacklist.rules.proposing import CaseEvent
from blacklist.store.tables import CASE_EVENTS

# Of one case, the last ones; who has more has it looked at by hand.
EVENTS_MAX: Final = 1_000
CORRECTED: Final = ("happened", "manner", "reason", "period")
KEPT: Final = ("case_number", "event_id", "kind", *CORRECTED)


def of_case(connection: Connection, court: str, case_number: str) -> list[CaseEvent]:
    """Those that happened, as they were told."""
    where = and_(_of_case(court, case_number), CASE_EVENTS.c.is_void.is_(False))
    query = select(CASE_EVENTS).where(where).order_by(CASE_EVENTS.c.place.desc()).limit(EVENTS_MAX)
    rows = connection.execute(query).all()
    return [CaseEvent(**{name: getattr(row, name) for name in KEPT}) for row in rows[::-1]]


def keep(connection: Connection, court: str, event: CaseEvent) -> None:
    """One more."""
    last = select(CASE_EVENTS.c.place).where(_of_case(court, event.case_number))
    place = connection.execute(last.order_by(CASE_EVENTS.c.place.desc()).limit(1)).scalar() or 0
    row = {name: getattr(event, name) for name in KEPT}
    connection.execute(insert(CASE_EVENTS), row | {"court": court, "place": place + 1, "is_void": False})


def put_right(connection: Connection, court: str, right: CaseEvent) -> None:
    """What a correction says of one that is kept; of others nothing is done."""
    wrong = CASE_EVENTS.c.event_id == (right.voids or right.moves)
    values: dict[str, Any] = (
        {"is_void": True}
        if right.voids
        else {"is_void": False} | {name: getattr(right, name) for name in CORRECTED}
    )
    this = and_(_of_case(court, right.case_number), wrong)
    connection.execute(update(CASE_EVENTS).where(this).values(values))


def _of_case(court: str, case_number: str) -> ColumnElement[bool]:
    return and_(CASE_EVENTS.c.court == court, CASE_EVENTS.c.case_number == case_number)
