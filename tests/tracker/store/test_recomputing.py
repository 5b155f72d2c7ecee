"""A new law in force: every case stands as if it had always been judged by it, wherever the way was cut."""

from collections import Counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from chakong.tracker.v1 import case_pb2
from runtime.data import law_texts
from tests.tracker.store.filled import court_of, fill
from tests.tracker.world import NOW_NS, OURS, Store, event, recorded, registration
from tracker.rules import law as laws
from tracker.rules.law import Law
from tracker.store import recomputing as module
from tracker.store.calendars import OTHERWISE, knows_otherwise
from tracker.store.contribution import figures_of, is_listed
from tracker.store.difference import Differ, LawOf
from tracker.store.folded import Folder
from tracker.store.head import put_counters, writing
from tracker.store.laws import ALL_CASES, texts_of
from tracker.store.names import Names
from tracker.store.recomputing import Recomputing
from tracker.store.standing import Kept, Node, Packed, unpack
from tracker.store.tables import CASES, DUE_COUNTS, DUE_NODES, FIGURES, LAWS, TALLIES
from tracker.store.work import Register

NODE = """
[[node]]
number = {number}
key = "{key}"
zh = "{zh}"
en = "{en}"
kind = "duty"
per = "{per}"
from = "{start}"
limit = {{ {limit} }}
{more}
basis = "a new law"
status = "own"
"""
CLOSING = NODE.format(
    number=31,
    key="closing",
    zh="结案",
    en="Case closed",
    per="case",
    start="filing",
    limit="months = 5",
    more="""non_litigation_limit = { months = 2 }
extension = { months = 3, by = "president" }
clock = "case"
""",
)
CLUE = NODE.format(
    number=9, key="clue_check", zh="线索核查", en="Clue verified", per="clue", start="clue_received",
    limit="days = 9", more="urgent_limit = { days = 2 }",
)  # fmt: skip


def law_of(store: Store) -> LawOf:
    def read(law_id: int) -> Law:
        with store.engine.connect() as connection:
            return laws.load(texts_of(connection, law_id))

    return read


HEADER = """
profile = "national"
effective_from = 2026-06-02
"""


def amended(text: str = CLOSING + CLUE) -> tuple[dict[str, str], Law]:
    texts = laws.amended(law_texts(), "new.toml", HEADER + text)
    return texts, laws.load(texts)


def shown(node: Node | Kept) -> tuple[object, ...]:
    return (
        *(node.number, node.thing, node.state, node.start, node.due, node.amber),
        *(node.red, node.done, node.flags, node.stopped_days, node.variant),
    )


def tallies(store: Store) -> Counter[tuple[int, int, str]]:
    """By court, node and figure; of level 1 alone."""
    with store.engine.connect() as connection:
        rows = connection.execute(select(TALLIES)).all()
    return +Counter({(row.court_id, row.node, name): getattr(row, name) for row in rows for name in FIGURES})


def refolded(store: Store, law: Law) -> Counter[tuple[int, int, str]]:
    """What the tallies must be."""
    found = Counter[tuple[int, int, str]]()
    with store.engine.connect() as connection:
        case_nos = list(connection.execute(select(CASES.c.case_no)).scalars())
        for folded in Folder(law).fold(connection, case_nos):
            for node in unpack(Packed(bytes(folded.row.standing), folded.row.things)):
                for name, value in zip(FIGURES, figures_of(node), strict=True):
                    found[folded.row.court_id, node.number, name] += value
    return +found


def miscounted(store: Store) -> list[object]:
    """Counts by court, level, node and day that are not those of the due nodes."""
    keys = (DUE_NODES.c.court_id, CASES.c.level, DUE_NODES.c.node, DUE_NODES.c.due)
    joined = DUE_NODES.join(CASES, CASES.c.case_no == DUE_NODES.c.case_no)
    dated = DUE_NODES.c.due > 0
    with store.engine.connect() as connection:
        statement = select(*keys, func.count()).select_from(joined).where(dated).group_by(*keys)
        there: set[object] = {tuple(row) for row in connection.execute(statement)}
        counted: set[object] = {tuple(row) for row in connection.execute(select(DUE_COUNTS))}
    return list(there ^ counted)


def differences(store: Store, law: Law) -> list[tuple[int, object]]:
    """Cases that do not stand as the law says, in their own row or among the due nodes."""
    found: list[tuple[int, object]] = []
    names = Names()
    with store.engine.connect() as connection:
        case_nos = list(connection.execute(select(CASES.c.case_no)).scalars())
        for folded in Folder(law).fold(connection, case_nos):
            kept = unpack(Packed(bytes(folded.row.standing), folded.row.things))
            wanted = [(*shown(node), node.origin if node.due else None) for node in folded.judged.nodes]
            there = [
                (*shown(node), names.origin_of(connection, node.origin_id) if node.due else None)
                for node in kept
            ]
            if wanted != there:
                found.append((folded.case_no, sorted(set(wanted) ^ set(there), key=str)))
            where = DUE_NODES.c.case_no == folded.case_no
            listed = connection.execute(
                select(DUE_NODES.c.node, DUE_NODES.c.due, DUE_NODES.c.thing).where(where)
            )
            due = sorted((node.number, node.due, node.thing) for node in kept if is_listed(node))
            if sorted(tuple(row) for row in listed) != due:
                found.append((folded.case_no, "due nodes"))
    return found


def test_the_same_law_changes_nothing(store: Store) -> None:
    fill(store, with_events=True)
    law = laws.load(law_texts())
    difference = Differ(store.engine, law_of(store), law).whole()
    assert difference.case_count == 36
    assert difference.changed_case_count == 0
    assert difference.node_count > 100
    assert differences(store, law) == []


def test_every_case_stands_by_the_new_law(store: Store) -> None:
    fill(store, with_events=True)
    texts, law = amended()
    assert differences(store, law)
    difference = Differ(store.engine, law_of(store), law).whole()
    one = Recomputing(store.engine, law_of(store), law)
    with store.engine.connect() as connection:
        before = list(connection.execute(select(TALLIES).order_by(*TALLIES.primary_key)))
    assert one.adopt(texts, NOW_NS)
    one.run()
    assert differences(store, law) == []
    assert miscounted(store) == []
    assert difference.moves[31].earlier > 10
    assert difference.moves[9].later > 0
    assert difference.moves[9].earlier > 0
    assert difference.samples
    with store.engine.connect() as connection:
        assert list(connection.execute(select(TALLIES).order_by(*TALLIES.primary_key))) == before
        assert connection.execute(select(LAWS.c.recomputed_to)).scalars().all() == [ALL_CASES] * 2


def test_what_is_counted_anew_with_the_same_holidays_stands_as_it_did(store: Store) -> None:
    fill(store, with_events=True)
    with writing(store.engine) as connection:
        put_counters(connection, {"year:2026": OTHERWISE})
        assert knows_otherwise(connection)
    with store.engine.connect() as connection:
        before = [set(connection.execute(select(table))) for table in (DUE_NODES, TALLIES)]
    law = laws.load(law_texts())
    difference = Differ(store.engine, law_of(store), law).whole()
    # What only its events tell is judged from them.
    assert (difference.changed_case_count, difference.folded > 0) == (0, True)
    one = Recomputing(store.engine, law_of(store), law)
    assert one.adopt(law_texts(), NOW_NS)
    one.run()
    assert differences(store, law) == []
    with store.engine.connect() as connection:
        assert not knows_otherwise(connection)
        assert [set(connection.execute(select(table))) for table in (DUE_NODES, TALLIES)] == before


def test_what_was_done_is_late_or_in_time_by_the_new_law(store: Store) -> None:
    fill(store, with_events=True)
    checked = [
        recorded(number, event("clue_check", 20261122, thing="clue-1"), court_of(number))
        for number in range(36)
    ]
    closed = [
        recorded(
            number,
            event("closing", 20261123, basis="b", detail=case_pb2.Detail(manner="completed")),
            court_of(number),
        )
        for number in range(0, 36, 2)
    ]
    for outcome in store.do(*checked, *closed):
        assert outcome.error is None
    texts, law = amended()
    before = tallies(store)
    one = Recomputing(store.engine, law_of(store), law)
    one.adopt(texts, NOW_NS)
    one.run()
    assert differences(store, law) == []
    assert miscounted(store) == []
    assert tallies(store) == refolded(store, law) != before


def test_a_dry_run_writes_nothing(store: Store) -> None:
    fill(store)
    with store.engine.connect() as connection:
        before = [list(connection.execute(select(table))) for table in (CASES, DUE_NODES, LAWS)]
    Differ(store.engine, law_of(store), amended()[1]).whole()
    with store.engine.connect() as connection:
        assert [list(connection.execute(select(table))) for table in (CASES, DUE_NODES, LAWS)] == before


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_what_was_cut_off_is_gone_on_with(store: Store, monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    """After some pieces, with another one that fails; meanwhile events come, and cases."""
    fill(store, with_events=True)
    texts, law = amended()
    monkeypatch.setattr(module, "CASES_AT_ONCE", 10)
    first = Recomputing(store.engine, law_of(store), law)
    assert first.adopt(texts, NOW_NS)
    for _ in range(pieces):
        first.step()
    with monkeypatch.context() as patch:
        patch.setattr(module, "insert_rows", _fail)
        with pytest.raises(SQLAlchemyError):
            first.run()
    # Judged by the new law already, before the recomputation comes to them.
    assert store.do(Register(OURS, registration(99)))[0].error is None
    assert store.do(recorded(31, event("enforcement_notice", 20261121)))[0].error is None
    second = Recomputing(store.engine, law_of(store), law)
    assert not second.adopt(texts, NOW_NS)
    second.run()
    assert differences(store, law) == []


def test_a_third_law_reaches_cases_that_the_second_has_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, with_events=True)
    monkeypatch.setattr(module, "CASES_AT_ONCE", 10)
    texts, law = amended()
    second = Recomputing(store.engine, law_of(store), law)
    second.adopt(texts, NOW_NS)
    second.step()
    texts, law = amended(CLOSING.replace("months = 5", "months = 7"))
    third = Recomputing(store.engine, law_of(store), law)
    assert third.adopt(texts, NOW_NS)
    third.run()
    assert differences(store, law) == []


def test_a_law_that_another_one_has_followed_takes_no_case_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, with_events=True)
    monkeypatch.setattr(module, "CASES_AT_ONCE", 10)
    texts, law = amended()
    second = Recomputing(store.engine, law_of(store), law)
    second.adopt(texts, NOW_NS)
    second.step()
    texts, law = amended(CLOSING.replace("months = 5", "months = 7"))
    third = Recomputing(store.engine, law_of(store), law)
    third.adopt(texts, NOW_NS)
    third.step()
    assert not third.is_superseded
    # Beside the other one's pieces, and after them.
    assert second.step() == ALL_CASES
    third.run()
    second.run()
    assert second.is_superseded
    assert differences(store, law) == []
    assert miscounted(store) == []


def _fail(*_: object) -> None:
    raise SQLAlchemyError("gone")
