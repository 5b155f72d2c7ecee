"""The proof of one listing, from what the ledger kept, on both stores."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from blacklist.errors import UnknownListingError
from blacklist.model import Deed, Kind
from blacklist.push.marks import Failure
from blacklist.push.proof import UnitProof
from blacklist.rules.correction import Correction
from blacklist.rules.units import Succession, load
from blacklist.store.ledger import Ledger
from blacklist.store.proving import Proving, Removal
from runtime.calendar import DAY_NS, midnight_ns
from runtime.data import measure_texts
from runtime.database import make_engine
from runtime.errors import UnavailableError
from tests.blacklist.build import NOON_NS, TODAY, draft, mandate, person
from tests.blacklist.house import COURT, SUPERIOR
from tests.blacklist.store.world import World

UNITS = load(*measure_texts())
UNIT, DUE = "railway", 20261126
LATER_NS = midnight_ns(20261127)


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine, UNITS, 3)


def proof(engine: Engine, ledger: Ledger, listing_id: int, now_ns: int = LATER_NS) -> list[Removal]:
    return Proving(engine, UNITS, ledger).proof(listing_id, COURT, now_ns)


def of(removal: Removal, unit: str = UNIT) -> UnitProof:
    return next(one for one in removal.units if one.unit == unit)


def test_proof_says_who_was_told_and_has_confirmed_when(engine: Engine, ledger: Ledger) -> None:
    world = World(engine)
    one = world.enter()
    world.remove(one)
    ledger.tell({UNIT: [(0, 2)], "moe": [(0, 2)]}, NOON_NS)
    ledger.acknowledge(UNIT, 1, {}, NOON_NS)
    ledger.acknowledge(UNIT, 2, {}, NOON_NS + DAY_NS)
    (removal,) = proof(engine, ledger, one)
    assert (removal.cursor, removal.deed, removal.removed, len(removal.units)) == (2, Deed.REMOVE, TODAY, 40)
    assert of(removal) == UnitProof(UNIT, TODAY, 20261124, DUE, False, None)
    assert of(removal, "moe") == UnitProof("moe", TODAY, 0, DUE, True, None)
    assert of(removal, "spp") == UnitProof("spp", 0, 0, DUE, True, None)


def test_what_was_left_out_is_not_confirmed_before_it_is_settled(engine: Engine, ledger: Ledger) -> None:
    world = World(engine)
    one = world.enter()
    world.remove(one)
    ledger.acknowledge(UNIT, 2, {2: Failure.SUBJECT_UNCLEAR}, NOON_NS)
    (removal,) = proof(engine, ledger, one)
    assert of(removal) == UnitProof(UNIT, TODAY, 0, DUE, True, Failure.SUBJECT_UNCLEAR)
    ledger.acknowledge(UNIT, 2, {}, NOON_NS + 2 * DAY_NS)
    (removal,) = proof(engine, ledger, one)
    assert of(removal) == UnitProof(UNIT, TODAY, 20261125, DUE, False, None)


def test_correction_is_proven_beside_the_removal_and_a_longer_term_is_not(
    engine: Engine, ledger: Ledger
) -> None:
    world = World(engine)
    one = world.enter()
    assert proof(engine, ledger, one) == []
    world.writer.extend(one, 12, "several_acts", "d", world.by(), NOON_NS)
    assert proof(engine, ledger, one) == []
    world.writer.correct(one, Correction(person(9)), "a digit", 0, world.by(), NOON_NS)
    ledger.acknowledge(UNIT, 4, {}, NOON_NS)
    world.remove(one)
    found = proof(engine, ledger, one)
    assert [each.deed for each in found] == [Deed.REMOVE, Deed.CORRECT]
    assert [bool(of(each).confirmed) for each in found] == [False, True]


def test_only_units_that_it_binds_are_in_a_proof(engine: Engine, ledger: Ledger) -> None:
    world = World(engine)
    given = draft(person(8), kind=Kind.RESTRICTED, ground="", mandate=mandate("another"))
    one = world.enter(given)
    world.remove(one)
    (removal,) = proof(engine, ledger, one)
    units = {each.unit for each in removal.units}
    assert {"railway", "moe"} <= units
    assert "spp" not in units


def test_successor_stands_for_those_it_succeeds(engine: Engine) -> None:
    merged = replace(UNITS, successions=(Succession(frozenset({"moe", UNIT}), "merged", 20261124),))
    ledger, world = Ledger(engine, merged, 3), World(engine)
    one = world.enter()
    world.remove(one)
    ledger.acknowledge(UNIT, 2, {}, NOON_NS)
    proving = Proving(engine, merged, ledger)
    (before,) = proving.proof(one, COURT, NOON_NS)
    assert of(before).confirmed == TODAY
    (after,) = proving.proof(one, COURT, LATER_NS)
    assert not {UNIT, "moe"} & {each.unit for each in after.units}
    assert of(after, "merged").confirmed == 0
    ledger.acknowledge("merged", 2, {}, NOON_NS + DAY_NS)
    (after,) = proving.proof(one, COURT, LATER_NS)
    assert of(after, "merged") == UnitProof("merged", 20261124, 20261124, DUE, False, None)


def test_listing_of_another_court_has_no_proof(engine: Engine, ledger: Ledger) -> None:
    one = World(engine).enter()
    with pytest.raises(UnknownListingError):
        Proving(engine, UNITS, ledger).proof(one, SUPERIOR, NOON_NS)


def test_database_that_is_gone_is_unavailable(ledger: Ledger) -> None:
    gone = make_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(UnavailableError):
        Proving(gone, UNITS, ledger).proof(1, COURT, NOON_NS)
