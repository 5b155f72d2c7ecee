"""What a court finds: its own, the newest, page by page."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from chakong.gateway.v1 import gateway_pb2
from gateway.edge.errors import UnavailableError
from gateway.edge.journal import Journal
from gateway.edge.projector import Projector
from gateway.edge.store import Store
from gateway.edge.tables import INQUIRIES, RECORDS
from runtime.database import make_engine
from tests.gateway.edge.frames import COURT, admission, answer, answers, found


@pytest.fixture
async def store(tmp_path: Path, database: str) -> AsyncIterator[Store]:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1, 5, case_number="案1"))
    await journal.append(admission(6, 1, court="沪0101", case_number="案1"))
    await journal.append(answers(answer(2, findings=[found(1, 5, 2), found(2, 6)])))
    engine = make_engine(database)
    projector = Projector(journal.path, engine)
    while projector.advance():
        pass
    yield Store(engine)
    projector.close()
    journal.close()


def test_an_inquiry_comes_with_its_answer(store: Store) -> None:
    view = store.by_id(COURT, 2)
    assert view is not None
    assert view.scope == gateway_pb2.Scope(reach=gateway_pb2.REACH_LIST, institutions=[1, 2])
    assert view.answer.findings == answer(2, findings=[found(1, 5, 2), found(2, 6)]).findings
    assert view.answer.coverage == answer(2).coverage
    assert view.asked == gateway_pb2.Asked()


async def test_what_of_an_account_is_protected_held_and_free_is_kept(tmp_path: Path, database: str) -> None:
    finding = found(1, 100, 2)
    finding.records.add(item=1, amount_fen=100, protected_fen=30, held_fen=20, available_fen=50)
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1))
    await journal.append(answers(answer(1, findings=[finding])))
    engine = make_engine(database)
    projector = Projector(journal.path, engine)
    projector.advance()
    view = Store(engine).by_id(COURT, 1)
    assert view is not None
    assert list(view.answer.findings) == [finding]
    projector.close()
    journal.close()


def test_which_items_were_asked_for_is_told_where_it_is_known(store: Store) -> None:
    for kept, expected in (
        (gateway_pb2.Asked(items=[1, 6]), [1, 6]),
        (gateway_pb2.Asked(), []),
        (None, None),
    ):
        content = None if kept is None else kept.SerializeToString()
        with store._engine.begin() as connection:
            connection.execute(update(INQUIRIES).values(asked=content))
        view = store.by_id(COURT, 2)
        assert view is not None
        assert (list(view.asked.items) if view.HasField("asked") else None) == expected


def test_without_an_answer_there_is_none(store: Store) -> None:
    view = store.by_order_id(COURT, "order-1")
    assert view is not None
    assert view.inquiry_id == 1
    assert not view.HasField("answer")


def test_another_court_finds_nothing(store: Store) -> None:
    assert store.by_id("沪0101", 2) is None
    assert store.by_order_id("沪0101", "order-2") is None
    assert [one.inquiry_id for one in store.of_case("沪0101", "案1", 2**62, 10)] == [6]


def test_a_case_is_listed_newest_first_without_findings(store: Store) -> None:
    views = store.of_case(COURT, "案1", 2**62, 10)
    assert [one.inquiry_id for one in views] == [5, 4, 3, 2, 1]
    assert views[3].answer.coverage.total == 2
    assert not views[3].answer.findings
    assert [one.inquiry_id for one in store.of_case(COURT, "案1", 4, 2)] == [3, 2]


def test_a_text_that_looks_like_sql_is_a_text(store: Store) -> None:
    assert store.of_case(COURT, "' OR 1=1 --", 2**62, 10) == []


async def test_an_answer_and_its_findings_are_of_one_revision(tmp_path: Path, database: str) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1))
    await journal.append(answers(answer(1, stage=gateway_pb2.STAGE_PARTIAL, findings=[found(1, 5)])))
    engine = make_engine(database)
    projector = Projector(journal.path, make_engine(database))
    projector.advance()
    await journal.append(answers(answer(1, revision=2, findings=[found(1, 5), found(2, 6)])))

    def between(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM records" in statement:
            projector.advance()

    event.listen(engine, "before_cursor_execute", between)
    store = Store(engine)
    seen = [store.by_id(COURT, 1) for _ in range(2)]
    assert projector.cursor == 3
    assert [(one.answer.revision, len(one.answer.findings)) for one in seen if one] == [(1, 1), (2, 2)]
    store.close()
    projector.close()
    journal.close()


def test_a_database_that_cannot_be_read_is_unavailable_and_quotes_nothing(store: Store) -> None:
    with store._engine.begin() as connection:
        RECORDS.drop(connection)
    with pytest.raises(UnavailableError, match="cannot be read") as caught:
        store.by_id(COURT, 2)
    # No such table: each driver has its own name for that.
    assert re.fullmatch("the projection cannot be read: (Operational|Programming)Error", caught.value.message)
    assert caught.value.retry_ms > 0
