"""What one transaction does to listings and entries, and what it knows."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine

from blacklist.errors import ReusedError, UnknownListingError
from blacklist.model import Deed
from blacklist.store.head import read_head, writing
from blacklist.store.turn import By, Turn
from tests.blacklist.build import NOON_NS, TODAY, draft, listing, person
from tests.blacklist.house import COURT
from tests.blacklist.store.world import World


def turn(connection: Connection, by: By) -> Turn:
    return Turn(connection, read_head(connection), by, NOON_NS)


def test_an_entry_is_replaced_when_it_says_something_else(engine: Engine) -> None:
    world = World(engine)
    with writing(engine) as connection:
        one = turn(connection, world.by())
        added = one.add(listing())
        one.put(added, replace(added, subject=person(2)), Deed.CORRECT)
        assert one.head.cursor == 3
        one.put(added, replace(added, removal_due=TODAY), Deed.PROPOSE_REMOVAL)
        assert one.head.cursor == 3
        case = (COURT, added.mandate.case_number)
        assert one.near(person(2), *case).listings[0].listing_id == added.listing_id
        assert one.near(person(), *case).listings == ()
        assert one.near(person(2), COURT, "another").listings == ()


def test_nothing_is_listed_without_an_act(engine: Engine) -> None:
    with writing(engine) as connection, pytest.raises(ValueError, match="act"):
        turn(connection, By(COURT, "o")).add(listing())


def test_a_court_finds_its_own_listings_alone(engine: Engine) -> None:
    world = World(engine)
    listing_id = world.enter()
    with writing(engine) as connection:
        assert turn(connection, world.by()).listing(listing_id).listing_id == listing_id
        with pytest.raises(UnknownListingError):
            turn(connection, world.by("沪0101")).listing(listing_id)


def test_an_act_is_known_by_court_and_id(engine: Engine) -> None:
    world = World(engine)
    by = world.by(act_id="a", content=b"1")
    listing_id = world.writer.create(draft(), by, NOON_NS).listing_id
    with writing(engine) as connection:
        assert turn(connection, by).known() == listing_id
        assert turn(connection, world.by("沪0101", "a", b"1")).known() == 0
        with pytest.raises(ReusedError):
            turn(connection, world.by(act_id="a", content=b"2")).known()
