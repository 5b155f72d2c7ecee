"""Store: the questions that courts ask of the projection.

Each call is one transaction and blocks; it is made in a thread. A court sees its own inquiries alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, select
from sqlalchemy.exc import SQLAlchemyError

from chakong.gateway.v1 import gateway_pb2
from gateway.edge.errors import UnavailableError
from gateway.edge.rows import answer_of
from gateway.edge.tables import COVERAGE, INQUIRIES, RECORDS

RETRY_MS: Final = 2_000


class Store:
    """Reads one projection database. UnavailableError when it cannot be read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Close the connections that are idle."""
        self._engine.dispose()

    def by_id(self, court: str, inquiry_id: int) -> gateway_pb2.InquiryView | None:
        """An inquiry of the court with its latest answer; None when it has no such inquiry."""
        return self._one(and_(INQUIRIES.c.inquiry_id == inquiry_id, INQUIRIES.c.court == court))

    def by_order_id(self, court: str, order_id: str) -> gateway_pb2.InquiryView | None:
        """The same by the order id. Of one that was used again after it was forgotten, the newest."""
        return self._one(and_(INQUIRIES.c.court == court, INQUIRIES.c.order_id == order_id))

    def of_case(
        self, court: str, case_number: str, before_id: int, limit: int
    ) -> list[gateway_pb2.InquiryView]:
        """Inquiries of a case with ids below `before_id`, newest first, without their findings."""
        where = and_(
            INQUIRIES.c.court == court,
            INQUIRIES.c.case_number == case_number,
            INQUIRIES.c.inquiry_id < before_id,
        )
        with self._transaction() as connection:
            return [_view(row, ()) for row in _rows(connection, where, limit)]

    def _one(self, where: ColumnElement[bool]) -> gateway_pb2.InquiryView | None:
        with self._transaction() as connection:
            rows = _rows(connection, where, 1)
            if not rows:
                return None
            of_inquiry = RECORDS.c.inquiry_id == rows[0]["inquiry_id"]
            statement = select(RECORDS).where(of_inquiry).order_by(RECORDS.c.position)
            return _view(rows[0], connection.execute(statement).mappings().all())

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            # Not its text, which quotes the statement and may name the database's host and user.
            kind = type(error).__name__
            raise UnavailableError(f"the projection cannot be read: {kind}", retry_ms=RETRY_MS) from error


def _rows(connection: Connection, where: ColumnElement[bool], limit: int) -> Sequence[Any]:
    """Inquiries, newest first, with the columns of their coverage; those are None before the first answer."""
    covered = [column for column in COVERAGE.c if column.name != "inquiry_id"]
    both = INQUIRIES.outerjoin(COVERAGE, COVERAGE.c.inquiry_id == INQUIRIES.c.inquiry_id)
    statement = select(INQUIRIES, *covered).select_from(both).where(where)
    statement = statement.order_by(INQUIRIES.c.inquiry_id.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


def _view(row: Any, records: Sequence[Any]) -> gateway_pb2.InquiryView:
    view = gateway_pb2.InquiryView(
        inquiry_id=row["inquiry_id"],
        order_id=row["order_id"],
        case_number=row["case_number"],
        admitted_ns=row["admitted_ns"],
        deadline_ns=row["deadline_ns"],
        urgency=row["urgency"],
        scope=gateway_pb2.Scope.FromString(row["scope"]),
    )
    if row["asked"] is not None:
        view.asked.MergeFromString(row["asked"])
        view.asked.SetInParent()
    if row["stage"] is not None:
        view.answer.CopyFrom(answer_of(row, row, records))
    return view
