"""What the tracker's benchmarks fill a database with is what the tracker would have left in it."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.services import tracker_cases
from benchmarks.services.tracker_cases import fill, kind_index
from chakong.tracker.v1 import tracker_pb2
from runtime.clock import now_ns
from runtime.database import make_engine
from tracker.store.contribution import figures_of, is_listed
from tracker.store.laws import judge_of
from tracker.store.standing import Packed, unpack
from tracker.store.tables import CASES, DUE_COUNTS, DUE_NODES, FIGURES, TALLIES
from tracker.store.work import Batch, Register
from tracker.store.writer import Writer

COURTS = 7
CASES_WANTED = 100


def test_rows_counts_and_tallies_belong_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker_cases, "COURT_COUNT", COURTS)
    monkeypatch.setattr(tracker_cases, "DAYS_BACK", 12)
    monkeypatch.setattr(tracker_cases, "CASES_AT_ONCE", 30)
    engine = make_engine(f"sqlite:///{tmp_path}/tracker.db", is_source=True)
    filled = fill(engine, CASES_WANTED)
    tallies, by_day = Counter[tuple[int, int, str]](), Counter[tuple[int, ...]]()
    listed: set[tuple[object, ...]] = set()
    with engine.connect() as connection:
        rows = connection.execute(select(CASES).order_by(CASES.c.case_no)).all()
        assert [row.case_no for row in rows] == list(range(1, CASES_WANTED + 1))
        for index, row in enumerate(rows):
            kind = filled.kinds[kind_index(index, len(filled.kinds))]
            assert bytes(row.standing) == kind.mould.records
            assert (row.court_id, row.case_number) == (index % COURTS + 1, number(index))
            for node in unpack(Packed(bytes(row.standing), row.things)):
                for name, value in zip(FIGURES, figures_of(node), strict=True):
                    tallies[row.court_id, node.number, name] += value
                if is_listed(node):
                    listed.add((row.court_id, node.number, node.due, row.case_no, node.thing, row.handler_id))
                    by_day[row.court_id, row.level, node.number, node.due] += node.due > 0
        due = select(DUE_NODES).order_by(DUE_NODES.c.case_no)
        assert {tuple(row[:6]) for row in connection.execute(due)} == listed
        assert {tuple(row)[:4]: row[4] for row in connection.execute(select(DUE_COUNTS))} == +by_day
        found = {
            (row.court_id, row.node, name): getattr(row, name)
            for row in connection.execute(select(TALLIES))
            for name in FIGURES
            if getattr(row, name)
        }
        assert found == +tallies
        assert filled.due_count == connection.execute(select(func.count()).select_from(DUE_NODES)).scalar()
    assert filled.open_count == sum(value for key, value in tallies.items() if key[2] == "open")


def test_a_kind_is_what_the_writer_makes_of_its_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker_cases, "COURT_COUNT", 1)
    monkeypatch.setattr(tracker_cases, "DAYS_BACK", 12)
    engine = make_engine(f"sqlite:///{tmp_path}/tracker.db", is_source=True)
    filled = fill(engine, 3)
    writer = Writer(engine, judge_of)
    for place, kind in enumerate(filled.kinds[::40]):
        request = tracker_pb2.RegisterCaseRequest(case=kind.case, events=kind.events)
        request.case.case_number = f"again-{place}"
        (outcome,) = writer.write([Batch((Register("京0001", request),))], now_ns()).outcomes[0]
        assert outcome.error is None
        with engine.connect() as connection:
            where = CASES.c.case_no == outcome.case_no
            row = connection.execute(select(CASES.c.standing).where(where)).one()
        assert bytes(row.standing) == kind.mould.records


def number(index: int) -> str:
    return f"(2026)京{index % COURTS + 1:04}执{index}号"
