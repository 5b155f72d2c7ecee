"""Hits are kept without a person, found by one, and deleted when they are old."""

import pytest
from sqlalchemy import Engine, select

from blacklist.model import Kind, Subject
from blacklist.rules.correction import Correction
from blacklist.store import hits as module
from blacklist.store.hits import Hit, Hits
from blacklist.store.tables import HITS
from tests.blacklist.build import draft, mandate, person
from tests.blacklist.house import COURT
from tests.blacklist.store.world import World

LISTED, BY_HAND = 2, 4


def hit(listing_id: int = 1, version: int = 1, at_ns: int = 5, outcome: int = LISTED) -> Hit:
    return Hit(listing_id, "railway", version, outcome, at_ns)


def shown(hits: Hits, whom: Subject, before_id: int = 0, limit: int = 10) -> list[Hit]:
    return [one for _, one in hits.page(whom, COURT, before_id, limit)]


def test_hits_of_a_person_are_found_newest_first_and_in_pages(engine: Engine) -> None:
    world, hits = World(engine), Hits(engine)
    one, other = world.enter(), world.enter(draft(person(1)))
    written = [hit(one, 2, at) for at in range(5)]
    hits.write([*written, hit(other, 2, 9)])
    assert shown(hits, person()) == written[::-1]
    first = hits.page(person(), COURT, 0, 2)
    assert [found for _, found in first] == [written[4], written[3]]
    assert shown(hits, person(), first[-1][0]) == written[2::-1]


def test_check_by_hand_is_shown_to_whom_the_number_is(engine: Engine) -> None:
    hits = Hits(engine)
    World(engine).enter()
    hits.write([hit(outcome=BY_HAND)])
    assert shown(hits, person()) == [hit(outcome=BY_HAND)]
    assert shown(hits, Subject(1, person().id_number, "李四")) == []


def test_hit_before_a_correction_is_of_whom_the_listing_was_then(engine: Engine) -> None:
    world, hits = World(engine), Hits(engine)
    one = world.enter()
    world.writer.correct(one, Correction(person(1)), "number", 0, world.by(), world.now_ns)
    before, after = hit(one, 1), hit(one, 3)
    hits.write([before, after])
    assert shown(hits, person()) == [before]
    assert shown(hits, person(1)) == [after]


def test_hit_of_a_removed_listing_is_still_shown(engine: Engine) -> None:
    world, hits = World(engine), Hits(engine)
    one = world.enter()
    hits.write([hit(one)])
    world.remove(one, "listed_in_error")
    assert shown(hits, person()) == [hit(one)]


def test_court_sees_hits_of_its_own_listings_alone(engine: Engine) -> None:
    world, hits = World(engine), Hits(engine)
    ours = world.enter()
    foreign = draft(kind=Kind.RESTRICTED, ground="", mandate=mandate(court="沪0101"))
    other = world.writer.create(foreign, world.by("沪0101"), world.now_ns).listing_id
    hits.write([hit(ours, 2), hit(other, 2)])
    assert [one.listing_id for one in shown(hits, person())] == [ours]
    assert hits.listings_of(person(), COURT) == {ours: "(2026)京0105执1号"}
    assert hits.listings_of(person(7), COURT) == {}


def test_old_hits_are_deleted_oldest_first_and_in_pieces(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PRUNED_PER_TURN_MAX", 2)
    hits = Hits(engine)
    World(engine).enter()
    hits.write([hit(at_ns=at) for at in range(6)])
    assert [hits.prune(5) for _ in range(4)] == [2, 2, 1, 0]
    assert [one.at_ns for one in shown(hits, person())] == [5]


def test_more_than_one_statement_takes_are_written_whole(engine: Engine) -> None:
    count = module.WRITTEN_AT_ONCE + 1
    Hits(engine).write([hit(at_ns=at) for at in range(count)])
    with engine.connect() as connection:
        assert len(connection.execute(select(HITS.c.at_ns)).all()) == count


def test_table_has_no_column_for_a_person() -> None:
    assert set(HITS.columns.keys()) == {"hit_id", "listing_id", "unit", "version", "outcome", "at_ns"}
