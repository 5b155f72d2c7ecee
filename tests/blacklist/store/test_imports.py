"""Many at once, each as if it came alone; again, and nothing is twice."""

import pytest
from sqlalchemy import Engine, update

from blacklist.model import Circumstance, Draft, Kind, Rule
from blacklist.store.imports import Imports, act_of, batches
from blacklist.store.rows import insert_rows
from blacklist.store.tables import LISTINGS
from tests.blacklist.build import LAW, NOON_NS, draft, person
from tests.blacklist.store.world import World


def drafts(count: int, start: int = 0) -> list[Draft]:
    return [draft(person(index), f"case-{index}") for index in range(start, start + count)]


def test_rerun_imports_nothing_twice(engine: Engine) -> None:
    imports, world = Imports(engine, LAW), World(engine)
    first = imports.write(drafts(40), NOON_NS)
    again = imports.write(drafts(45), NOON_NS + 1)
    assert (first.listed_count, first.repeated_count, first.refused) == (40, 0, ())
    assert (again.listed_count, again.repeated_count, again.refused) == (5, 40, ())
    assert world.rows()[0] == 45
    assert world.whole(45).listing.subject == person(44)


def test_bad_ones_are_refused_by_rule_and_the_rest_is_listed(engine: Engine) -> None:
    given = [*drafts(2), draft(person(3, born=20150101)), draft(ground=""), *drafts(1, 5)]
    found = Imports(engine, LAW).write(given, NOON_NS)
    assert found.listed_count == 3
    assert [(place, refusal.rule) for place, refusal in found.refused] == [
        (2, Rule.MINOR),
        (3, Rule.NO_GROUND),
    ]


def test_circumstances_and_approval_are_kept(engine: Engine) -> None:
    given = draft(circumstances=frozenset({Circumstance.PERFORMANCE_ORDER_LATER}), approved_by="president")
    Imports(engine, LAW).write([given], NOON_NS)
    kept = World(engine).whole(1).listing
    assert (kept.circumstances, kept.approved_by) == (given.circumstances, given.approved_by)


def test_lines_of_one_batch_know_of_each_other(engine: Engine) -> None:
    found = Imports(engine, LAW).write([draft(), draft(), draft(since=20261102)], NOON_NS)
    assert (found.listed_count, found.repeated_count) == (1, 1)
    assert [refusal.rule for _, refusal in found.refused] == [Rule.LISTED_ALREADY]


def test_line_that_says_something_else_now_is_refused(engine: Engine) -> None:
    imports = Imports(engine, LAW)
    imports.write([draft()], NOON_NS)
    found = imports.write([draft(ground="obstruction")], NOON_NS)
    assert [refusal.rule for _, refusal in found.refused] == [Rule.LISTED_ALREADY]


def test_who_was_removed_is_not_listed_again_by_the_same_line(engine: Engine) -> None:
    imports, world = Imports(engine, LAW), World(engine)
    imports.write([draft()], NOON_NS)
    world.remove(1)
    assert imports.write([draft()], NOON_NS).repeated_count == 1
    assert world.rows()[1] == []


@pytest.mark.parametrize("is_removed", [True, False])
def test_line_that_was_imported_under_another_spelling_of_its_case_is_known(
    engine: Engine, is_removed: bool
) -> None:
    imports, world, wide = Imports(engine, LAW), World(engine), "（2026）京0105执1号"
    imports.write([draft(case=wide)], NOON_NS)
    with engine.begin() as connection:
        # As versions left it that kept case numbers as they came, and a migration since.
        connection.execute(update(LISTINGS).values(case_number=draft().mandate.case_number))
    if is_removed:
        world.remove(1)
    found = imports.write([draft(spelled_case=wide)], NOON_NS)
    assert (found.listed_count, found.repeated_count, found.refused) == (0, 1, ())
    changed = imports.write([draft(spelled_case=wide, ground="obstruction")], NOON_NS)
    assert [refusal.rule for _, refusal in changed.refused] == [Rule.LISTED_ALREADY]
    assert len(world.rows()[1]) == (0 if is_removed else 1)


def test_batch_that_fails_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    imports, world = Imports(engine, LAW), World(engine)

    def fail(connection: object, table: object, rows: object) -> None:
        if str(table) == "entries":
            raise OSError("full")
        insert_rows(connection, table, rows)  # type: ignore[arg-type]

    monkeypatch.setattr("blacklist.store.imports.insert_rows", fail)
    with pytest.raises(OSError, match="full"):
        imports.write(drafts(3), NOON_NS)
    assert world.rows() == (0, [])
    monkeypatch.undo()
    assert imports.write(drafts(3), NOON_NS).listed_count == 3


def test_act_is_of_subject_case_and_day_and_its_content_of_the_rest() -> None:
    one = act_of(draft())
    assert act_of(draft()) == one
    assert act_of(draft(ground="obstruction"))[0] == one[0]
    assert act_of(draft(ground="obstruction"))[1] != one[1]
    for other in (draft(person(1)), draft(case="x"), draft(since=20261102), draft(kind=Kind.RESTRICTED)):
        assert act_of(other)[0] != one[0]


def test_batches_have_their_size_and_nothing_is_lost() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
