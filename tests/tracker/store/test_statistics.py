"""Figures of courts: the same as a count over every node of every case."""

from collections import Counter

from sqlalchemy import text

from runtime.calendar import add_days
from tests.tracker.store.filled import fill
from tests.tracker.store.test_listing import ruling
from tests.tracker.world import NOW_NS, OURS, TODAY, Store, event, recorded
from tracker.model import NodeState
from tracker.rules.statistics import overdue_until
from tracker.store.reader import Reader
from tracker.store.statistics import Statistics


def counted(store: Store, day: int) -> Counter[tuple[int, str]]:
    """By node and figure, of our court."""
    judge, reader, found = ruling(store), Reader(store.engine), Counter[tuple[int, str]]()
    with store.engine.connect() as connection:
        statement = "SELECT case_number FROM cases JOIN courts USING (court_id) WHERE code = :code"
        numbers = connection.execute(text(statement), {"code": OURS}).scalars().all()
    for number in numbers:
        case = reader.case(OURS, number)
        for node in judge.state(case.case, case.events, TODAY, NOW_NS).nodes:
            if node.state is NodeState.DONE:
                found[node.number, "done"] += 1
                found[node.number, "late" if 0 < node.due < node.done else "in_time"] += 1
            elif node.state is NodeState.OPEN:
                found[node.number, "open"] += 1
                if judge.law.nodes[node.number].kind == "duty" and 0 < node.due < day:
                    found[node.number, "overdue"] += 1
                    for months in (1, 2, 3, 6):
                        is_so = node.due <= overdue_until(day, months)
                        found[node.number, f"overdue_{months}"] += is_so
    return +found


def test_figures_are_what_a_count_of_everything_finds(store: Store) -> None:
    fill(store, with_events=True)
    late = [recorded(number, event("enforcement_notice", 20261121)) for number in (1, 2, 6, 7)]
    assert [outcome.error for outcome in store.do(*late) if outcome.error] == []
    duties = [number for number, rule in ruling(store).law.nodes.items() if rule.kind == "duty"]
    for offset in (0, 40, 200):
        day = add_days(TODAY, offset)
        wanted = counted(store, day)
        found = Counter[tuple[int, str]]()
        for court, key, figures in Statistics(store.engine).of_court(OURS, day, duties):
            assert court == OURS
            for name, count in figures._asdict().items():
                if name != "days_sum":
                    found[key.node, name] += count
        assert +found == wanted
        assert wanted[31, "overdue"] or not offset


def test_all_courts_are_each_by_itself(store: Store) -> None:
    fill(store)
    found = Statistics(store.engine).of_court("", TODAY, [3])
    assert {court for court, _, _ in found} == {"京0105", "沪0101"}
    assert found == sorted(found, key=lambda row: row[1])
    assert Statistics(store.engine).of_court("nobody", TODAY, [3]) == []
