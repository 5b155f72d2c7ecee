"""Who has acknowledged what, and who is late, in working days."""

import pytest
from sqlalchemy import Engine

from blacklist.errors import AheadError
from blacklist.model import Kind
from blacklist.rules.correction import Correction
from blacklist.store.ledger import Ledger, first_day_in_time
from runtime.calendar import add_days, midnight_ns, working_days_after
from runtime.database import make_engine
from runtime.errors import UnavailableError
from tests.blacklist.build import NOON_NS, TODAY, draft, mandate, person
from tests.blacklist.store.world import World

UNIT = "railway"
BOUNDS = (2, 3)
LATER_NS = midnight_ns(20261127)


@pytest.fixture
def world(engine: Engine) -> World:
    made = World(engine)
    for index in range(3):
        made.remove(made.enter(draft(person(index))))
    return made


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine, 3)


def test_unit_that_never_acknowledges_is_late_after_its_deadline(world: World, ledger: Ledger) -> None:
    on_time = ledger.standing(UNIT, BOUNDS, midnight_ns(20261126))
    assert (on_time.open_removals, on_time.overdue_removals, on_time.due) == (3, 0, 20261126)
    late = ledger.standing(UNIT, BOUNDS, LATER_NS)
    assert (late.open_removals, late.overdue_removals, late.acknowledged_ns) == (3, 3, 0)
    assert world.entries.version() == 6


def test_watermark_and_exceptions_say_what_is_open(world: World, ledger: Ledger) -> None:
    ledger.acknowledge(UNIT, 4, [2], NOON_NS)
    standing = ledger.standing(UNIT, BOUNDS, LATER_NS)
    assert (standing.cursor, standing.exceptions, standing.open_removals) == (4, (2,), 2)
    assert [ledger.proof(listing_id, UNIT) for listing_id in (1, 2, 3)] == [False, True, False]
    ledger.acknowledge(UNIT, 6, [], NOON_NS + 1)
    standing = ledger.standing(UNIT, BOUNDS, LATER_NS)
    assert (standing.open_removals, standing.due, standing.acknowledged_ns) == (0, 0, NOON_NS + 1)
    assert all(ledger.proof(listing_id, UNIT) for listing_id in (1, 2, 3))
    assert not ledger.proof(1, "hotel")
    assert world.entries.version() == 6


def test_what_is_on_the_list_has_no_proof_of_removal(world: World, ledger: Ledger) -> None:
    one = world.enter(draft(person(7)))
    ledger.acknowledge(UNIT, 7, [], NOON_NS)
    assert not ledger.proof(one, UNIT)


def test_acknowledgement_never_goes_back_nor_ahead(world: World, ledger: Ledger) -> None:
    ledger.acknowledge(UNIT, 5, [], NOON_NS)
    ledger.acknowledge(UNIT, 3, [1], NOON_NS)
    assert ledger.standing(UNIT, BOUNDS, NOON_NS).cursor == 5
    with pytest.raises(AheadError):
        ledger.acknowledge(UNIT, 7, [], NOON_NS)
    assert world.entries.version() == 6


def test_restrictions_concern_those_alone_whose_measures_bind(world: World, ledger: Ledger) -> None:
    given = draft(person(8), kind=Kind.RESTRICTED, ground="", mandate=mandate("another"))
    world.remove(world.enter(given))
    assert ledger.standing(UNIT, BOUNDS, NOON_NS).open_removals == 4
    assert ledger.standing("spp", (), NOON_NS).open_removals == 3


def test_extension_is_no_removal_and_a_correction_is_one(world: World, ledger: Ledger) -> None:
    one = world.enter(draft(person(7)))
    world.writer.extend(one, 12, "several_acts", "d", world.by(), NOON_NS)
    assert ledger.standing(UNIT, BOUNDS, NOON_NS).open_removals == 3
    world.writer.correct(one, Correction(person(9)), "a digit", 0, world.by(), NOON_NS)
    assert ledger.standing(UNIT, BOUNDS, NOON_NS).open_removals == 4


@pytest.mark.parametrize("today", [TODAY, 20261010, 20261008, 20261001, 20260224])
@pytest.mark.parametrize("days", [1, 3, 10])
def test_first_day_in_time_is_the_edge_of_the_deadline(today: int, days: int) -> None:
    first = first_day_in_time(today, days)
    assert working_days_after(first, days).date >= today
    assert working_days_after(add_days(first, -1), days).date < today


def test_database_that_is_gone_is_unavailable() -> None:
    ledger = Ledger(make_engine("postgresql://nobody@127.0.0.1:1/none"), 3)
    with pytest.raises(UnavailableError):
        ledger.acknowledge(UNIT, 1, [], NOON_NS)
