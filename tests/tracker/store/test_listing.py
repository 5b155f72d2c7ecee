"""Lists of what is due: the same as a look at every node of every case, and no table is scanned for them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from chakong.tracker.v1 import case_pb2
from runtime.calendar import add_days
from tests.tracker.store.filled import fill
from tests.tracker.store.test_recomputing import miscounted
from tests.tracker.world import NOW_NS, OURS, TODAY, Store, case_number, event, recorded
from tracker.model import Node, Urgency
from tracker.rules import law as laws
from tracker.rules import levels
from tracker.store.laws import texts_of
from tracker.store.listing import (
    Level,
    Listing,
    Position,
    Question,
    node_statement,
    undated_statement,
)
from tracker.store.reader import Reader
from tracker.store.ruling import Ruling
from tracker.store.statistics import overdue_statement

DEPOSIT = case_pb2.Detail(property="deposit")
MANNER = case_pb2.Detail(manner="ended_for_now", reason="the debtor's firm is struck off")
OFFSETS = (-40, -1, 0, 1, 30, 200)


def ruling(store: Store) -> Ruling:
    with store.engine.connect() as connection:
        return Ruling(laws.load(texts_of(connection, 1)))


def question(judge: Ruling, level: Level, day: int = TODAY) -> Question:
    kinds = {number: rule.kind for number, rule in judge.law.nodes.items()}
    return Question(court=OURS, level=level, day=day, kinds=kinds)


def standing(store: Store, judge: Ruling) -> list[tuple[str, Node]]:
    """Every node of every case of our court."""
    reader = Reader(store.engine)
    with store.engine.connect() as connection:
        statement = "SELECT case_number FROM cases JOIN courts USING (court_id) WHERE code = :code"
        numbers = connection.execute(text(statement), {"code": OURS}).scalars().all()
    cases = [(number, reader.case(OURS, number)) for number in numbers]
    return [
        (number, node)
        for number, case in cases
        for node in judge.state(case.case, case.events, TODAY, NOW_NS).nodes
    ]


def expected(
    judge: Ruling, nodes: list[tuple[str, Node]], level: Level, day: int
) -> list[tuple[int, int, str]]:
    """Due day, node and case of what a look at everything finds."""
    found = []
    for number, node in nodes:
        urgency = levels.urgency(judge.law, node, day)
        is_listed = node.due or level in (Level.AMBER, Level.RED)
        if is_listed and urgency is not None and level in (Level.ALL, int(urgency)):
            found.append((node.due, node.number, number))
    return sorted(found)


@pytest.mark.parametrize("level", list(Level))
def test_a_list_is_what_a_look_at_everything_finds(filled: Store, level: Level) -> None:
    judge, seen = ruling(filled), 0
    nodes = standing(filled, judge)
    for offset in OFFSETS:
        day = add_days(TODAY, offset)
        page = Listing(filled.engine).page(replace(question(judge, level, day), limit=10_000))
        assert sorted((one.position.due, one.position.node, one.case_number) for one in page) == expected(
            judge, nodes, level, day
        )
        assert page == sorted(page, key=lambda one: one.position)
        seen += len(page)
    assert seen
    assert {level.name for level in Level} == {"ALL", *(urgency.name for urgency in Urgency)}


def test_what_warns_without_a_due_day_is_listed_first(store: Store) -> None:
    fill(store, with_events=True)
    for number in (1, 2, 3):
        ending = event("closing", 20261118, "e", basis="b", detail=MANNER)
        found = event("property_found_after_suspension", 20261119, "f", thing="p-9", detail=DEPOSIT)
        for made in (ending, found):
            assert store.do(recorded(number, made))[0].error is None
    judge, listing = ruling(store), Listing(store.engine)
    asked = question(judge, Level.RED)
    red = listing.page(asked)
    assert [one.position[:2] for one in red[:3]] == [(0, 10)] * 3
    assert sorted((one.position.due, one.position.node, one.case_number) for one in red) == expected(
        judge, standing(store, judge), Level.RED, TODAY
    )
    paged: list[object] = []
    after = None
    while page := listing.page(replace(asked, limit=2, after=after)):
        paged += page
        after = page[-1].position
    assert paged == red
    assert all(one.position.due for one in listing.page(replace(asked, due_from=20260101)))
    for level in (Level.ALL, Level.NORMAL, Level.OVERDUE):
        assert all(one.position.due for one in listing.page(question(judge, level)))
    assert miscounted(store) == []


def test_pages_join_without_gap_or_repetition(filled: Store) -> None:
    asked = question(ruling(filled), Level.ALL)
    listing = Listing(filled.engine)
    whole = listing.page(replace(asked, limit=1_000))
    found, after = [], None
    for _ in range(100):
        page = listing.page(replace(asked, limit=3, after=after))
        found += page
        if len(page) < 3:
            break
        after = page[-1].position
    assert found == whole
    assert len(whole) > 20


def test_a_list_is_narrowed_by_handler_node_and_days(filled: Store) -> None:
    asked = replace(question(ruling(filled), Level.ALL), limit=1_000)
    listing = Listing(filled.engine)
    whole = listing.page(asked)
    assert listing.page(replace(asked, handler="judge-1")) == [
        one for one in whole if one.handler == "judge-1"
    ]
    assert listing.page(replace(asked, handler="nobody-else")) == []
    assert listing.page(replace(asked, node=31)) == [one for one in whole if one.position.node == 31]
    first, last = whole[2].position.due, whole[20].position.due
    narrowed = listing.page(replace(asked, due_from=first, due_until=last))
    assert narrowed == [one for one in whole if first <= one.position.due <= last]
    assert listing.page(replace(asked, court="no court")) == []


def plan(connection: Connection, statement: object) -> list[str]:
    """How the database would find the rows, a line for each step."""
    compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    word = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    if connection.dialect.name == "postgresql":
        # The tables of a test are so small that reading them whole is right.
        connection.execute(text("SET enable_seqscan = off"))
    return [str(row[-1]) for row in connection.execute(text(f"{word} {compiled}"))]


def questions(judge: Ruling) -> Iterator[Question]:
    for level in Level:
        for handler in ("", "judge-1"):
            for after in (None, Position(TODAY, 3, 5, "")):
                yield replace(question(judge, level), handler=handler, after=after)


def scans(engine: Engine, statement: object) -> list[str]:
    with engine.connect() as connection:
        return [
            step for step in plan(connection, statement) if step.startswith("SCAN ") or "Seq Scan" in step
        ]


def test_no_list_scans_a_table(filled: Store) -> None:
    judge = ruling(filled)
    looked_at = 0
    for asked in questions(judge):
        for node in (3, 31):
            handler_id = 2 if asked.handler else None
            for statement in (
                node_statement(asked, 1, handler_id, node, (54, 18)),
                undated_statement(replace(asked, after=None), 1, handler_id, node),
            ):
                if statement is not None:
                    assert scans(filled.engine, statement) == []
                    looked_at += 1
    assert looked_at > 30


def test_statistics_of_a_court_scan_no_table_of_nodes(filled: Store) -> None:
    steps = scans(filled.engine, overdue_statement(TODAY, [2, 3, 31], 1))
    assert not any("due_nodes" in step for step in steps)


@pytest.mark.parametrize("handler", ["", "judge-1"])
def test_what_never_warns_ahead_is_listed_all_the_same(store: Store, handler: str) -> None:
    """Three days that warn on the last of them, and a window, before any other of their kind was seen."""
    store.register(1)
    for kind, day in (("appraisal_received", 20261103), ("appraisal_served", 20261105)):
        assert store.do(recorded(1, event(kind, day, thing="p-1")))[0].error is None
    store.register(2)
    assert store.do(recorded(2, event("appraisal_received", 20261103, thing="p-1")))[0].error is None
    judge = ruling(store)

    def found(level: Level, node: int, day: int) -> list[tuple[str, int]]:
        asked = replace(question(judge, level, day), node=node, handler=handler)
        return [(one.case_number, one.position.due) for one in Listing(store.engine).page(asked)]

    served = [(case_number(2), 20261106)]
    assert found(Level.ALL, 18, 20261104) == found(Level.NORMAL, 18, 20261104) == served
    assert found(Level.RED, 18, 20261106) == found(Level.OVERDUE, 18, 20261107) == served
    assert found(Level.ALL, 19, 20261105) == [(case_number(1), 20261110)]
    assert found(Level.ALL, 19, 20261111) == []


@pytest.mark.parametrize("day", [10101, 99991231])
@pytest.mark.parametrize("level", list(Level))
def test_the_first_and_the_last_of_all_days_have_their_lists(filled: Store, level: Level, day: int) -> None:
    judge = ruling(filled)
    page = Listing(filled.engine).page(replace(question(judge, level, day), limit=10_000))
    nodes = standing(filled, judge)
    assert sorted((one.position.due, one.position.node, one.case_number) for one in page) == expected(
        judge, nodes, level, day
    )
