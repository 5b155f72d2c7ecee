"""Who was told what and has acknowledged what, and who is late, on both stores."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from blacklist.errors import AheadError
from blacklist.model import Kind
from blacklist.push.deadlines import Standing
from blacklist.push.marks import Failure
from blacklist.rules.correction import Correction
from blacklist.rules.units import Succession, load
from blacklist.store.ledger import Ledger
from blacklist.store.tables import EXCEPTIONS, MARKS, WATERMARKS
from runtime.calendar import DAY_NS, midnight_ns
from runtime.data import measure_texts
from runtime.database import make_engine
from runtime.errors import UnavailableError
from tests.blacklist.build import NOON_NS, TODAY, draft, mandate, person
from tests.blacklist.store.world import World

UNITS = load(*measure_texts())
UNIT = "railway"
LATER_NS = midnight_ns(20261127)
DOWN = Failure.OWN_SYSTEM
# Two units that become one on the day after today.
MERGED = replace(UNITS, successions=(Succession(frozenset({"moe", "railway"}), "merged", 20261124),))
REMOVAL_COUNT = 6


@pytest.fixture
def world(engine: Engine) -> World:
    made = World(engine)
    for index in range(3):
        made.remove(made.enter(draft(person(index))))
    return made


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine, UNITS, 3)


def counts(one: Standing) -> tuple[int, int, int]:
    return one.open_removals, one.overdue_removals, one.due


def test_unit_that_never_acknowledges_is_late_after_its_deadline(world: World, ledger: Ledger) -> None:
    assert counts(ledger.standing(UNIT, midnight_ns(20261126))) == (3, 0, 20261126)
    late = ledger.standing(UNIT, LATER_NS)
    assert counts(late) == (3, 3, 20261126)
    assert (late.late_working_days, late.mark.acknowledged_ns) == (1, 0)
    assert world.entries.version() == 6


def test_watermark_and_exceptions_say_what_is_open(world: World, ledger: Ledger) -> None:
    ledger.acknowledge(UNIT, 4, {2: DOWN}, NOON_NS)
    standing = ledger.standing(UNIT, LATER_NS)
    assert (standing.mark.cursor, standing.mark.exceptions, standing.open_removals) == (4, {2: DOWN}, 2)
    ledger.acknowledge(UNIT, 6, {}, NOON_NS + 1)
    standing = ledger.standing(UNIT, LATER_NS)
    assert counts(standing) == (0, 0, 0)
    assert (standing.mark.exceptions, standing.mark.acknowledged_ns) == ({}, NOON_NS + 1)
    assert world.entries.version() == 6


def test_what_is_left_out_again_is_open_again(world: World, ledger: Ledger) -> None:
    for left, open_count in (({2: DOWN}, 1), ({}, 0), ({2: DOWN, 4: Failure.PASSED_ON}, 2), ({4: DOWN}, 1)):
        ledger.acknowledge(UNIT, 6, left, NOON_NS)
        standing = ledger.standing(UNIT, NOON_NS)
        assert (standing.mark.exceptions, standing.open_removals) == (left, open_count)
    assert world.entries.version() == 6


def test_acknowledgement_never_goes_back_nor_ahead(world: World, ledger: Ledger) -> None:
    ledger.acknowledge(UNIT, 5, {}, NOON_NS)
    ledger.acknowledge(UNIT, 3, {1: DOWN}, NOON_NS)
    assert ledger.mark(UNIT, NOON_NS)[0].cursor == 5
    with pytest.raises(AheadError):
        ledger.acknowledge(UNIT, 7, {}, NOON_NS)
    assert world.entries.version() == 6


def test_only_what_binds_a_unit_is_open_for_it(world: World, ledger: Ledger) -> None:
    given_draft = draft(person(8), kind=Kind.RESTRICTED, ground="", mandate=mandate("another"))
    world.remove(world.enter(given_draft))
    found = {one.unit: one.open_removals for one in ledger.standings(NOON_NS)}
    assert len(found) == 40
    assert (found[UNIT], found["moe"], found["spp"]) == (4, 4, 3)


def test_extension_is_no_removal_and_a_correction_is_one(world: World, ledger: Ledger) -> None:
    one = world.enter(draft(person(7)))
    world.writer.extend(one, 12, "several_acts", "d", world.by(), NOON_NS)
    assert ledger.standing(UNIT, NOON_NS).open_removals == 3
    world.writer.correct(one, Correction(person(9)), "a digit", 0, world.by(), NOON_NS)
    assert ledger.standing(UNIT, NOON_NS).open_removals == 4


def test_unit_with_a_deadline_of_its_own_is_late_by_that(world: World, engine: Engine) -> None:
    ledger = Ledger(engine, replace(UNITS, own_working_days={UNIT: 1}), 3)
    on_wednesday = {one.unit: one for one in ledger.standings(midnight_ns(20261125))}
    assert counts(on_wednesday[UNIT]) == (3, 3, 20261124)
    assert counts(on_wednesday["moe"]) == (3, 0, 20261126)
    assert world.entries.version() == 6


def test_told_goes_on_from_where_it_was(world: World, ledger: Ledger) -> None:
    ledger.tell({UNIT: [(0, 2)], "moe": [(3, 6)]}, NOON_NS)
    assert [ledger.mark(unit, NOON_NS)[0].told for unit in (UNIT, "moe")] == [2, 0]
    ledger.acknowledge(UNIT, 4, {}, NOON_NS)
    ledger.tell({UNIT: [(4, 6)]}, NOON_NS)
    assert ledger.mark(UNIT, NOON_NS) == (replace(ledger.mark(UNIT, NOON_NS)[0], told=6, cursor=4), 6)
    assert world.entries.version() == 6


def test_rows_are_one_for_a_unit_and_day_however_often_it_says_something(
    world: World, ledger: Ledger, engine: Engine
) -> None:
    for cursor in range(1, 7):
        ledger.tell({UNIT: [(cursor - 1, cursor)]}, NOON_NS)
        ledger.acknowledge(UNIT, cursor, {}, NOON_NS)
    ledger.acknowledge(UNIT, 6, {}, NOON_NS + DAY_NS)
    with engine.connect() as connection:
        assert len(connection.execute(select(MARKS)).all()) == 2
        assert len(connection.execute(select(WATERMARKS)).all()) == 1
    assert world.entries.version() == 6


def test_successor_goes_on_from_the_last_of_those_it_succeeds(world: World, engine: Engine) -> None:
    ledger = Ledger(engine, MERGED, 3)
    ledger.acknowledge("railway", 6, {2: DOWN}, NOON_NS)
    ledger.acknowledge("moe", 4, {4: Failure.PASSED_ON}, NOON_NS + 1)
    assert "merged" not in {one.unit for one in ledger.standings(NOON_NS)}
    tomorrow_ns = NOON_NS + DAY_NS
    mark, _ = ledger.mark("merged", tomorrow_ns)
    assert (mark.cursor, mark.exceptions) == (4, {2: DOWN, 4: Failure.PASSED_ON})
    standing = ledger.standing("merged", tomorrow_ns)
    assert counts(standing) == (3, 0, 20261126)
    ledger.tell({"merged": [(4, 6)]}, tomorrow_ns)
    assert ledger.mark("merged", tomorrow_ns)[0] == replace(mark, told=6)
    ledger.acknowledge("merged", 6, {4: Failure.PASSED_ON}, tomorrow_ns)
    assert ledger.standing("merged", tomorrow_ns).open_removals == 1
    assert not {"moe", "railway"} & {one.unit for one in ledger.standings(tomorrow_ns)}
    assert world.entries.version() == 6


def test_successor_of_who_never_acknowledged_has_everything_open(world: World, engine: Engine) -> None:
    ledger = Ledger(engine, MERGED, 3)
    ledger.acknowledge("railway", 6, {}, NOON_NS)
    standing = ledger.standing("merged", LATER_NS)
    assert (standing.mark.cursor, counts(standing)) == (0, (3, 3, 20261126))
    assert world.entries.version() == 6


def test_database_that_is_gone_is_unavailable() -> None:
    ledger = Ledger(make_engine("postgresql://nobody@127.0.0.1:1/none"), UNITS, 3)
    with pytest.raises(UnavailableError):
        ledger.acknowledge(UNIT, 1, {}, NOON_NS)


STEPS = st.tuples(
    st.sampled_from(["railway", "moe", "merged"]),
    st.integers(0, 2 * REMOVAL_COUNT),
    st.sets(st.integers(1, 2 * REMOVAL_COUNT), max_size=3),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=6))
def test_ledger_says_what_a_row_for_each_change_and_unit_would(
    engine: Engine, steps: list[tuple[str, int, set[int]]]
) -> None:
    world, ledger = World(engine), Ledger(engine, MERGED, 3)
    with engine.begin() as connection:
        for table in (WATERMARKS, MARKS, EXCEPTIONS):
            connection.execute(delete(table))
    if not world.entries.version():
        for index in range(REMOVAL_COUNT):
            world.remove(world.enter(draft(person(index))))
    done: dict[str, set[int]] = {unit: set() for unit in ("railway", "moe")}
    highest: dict[str, int] = dict.fromkeys(done, 0)
    # The two are units today, the one that succeeds them is from tomorrow on.
    for unit, cursor, chosen in sorted(steps, key=lambda step: step[0] == "merged"):
        if unit == "merged" and unit not in done:
            done[unit], highest[unit] = done["railway"] & done["moe"], min(highest.values())
        left = {one for one in chosen if one <= cursor}
        at_ns = NOON_NS + DAY_NS * (unit == "merged")
        ledger.acknowledge(unit, cursor, dict.fromkeys(left, DOWN), at_ns)
        if cursor >= highest[unit]:
            highest[unit], done[unit] = cursor, set(range(1, cursor + 1)) - left
    removals = set(range(2, 2 * REMOVAL_COUNT + 1, 2))
    for unit, carried_out in done.items():
        at_ns = midnight_ns(TODAY) + DAY_NS * (unit == "merged")
        assert ledger.standing(unit, at_ns).open_removals == len(removals - carried_out)
