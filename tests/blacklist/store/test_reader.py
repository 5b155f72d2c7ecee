"""What courts see of their listings, page by page, and what is overdue."""

import pytest
from sqlalchemy import Engine

from blacklist.errors import UnknownListingError
from blacklist.model import Deed, Kind, Status
from blacklist.store.reader import Reader
from runtime.database import make_engine
from runtime.errors import UnavailableError
from tests.blacklist.build import TODAY, draft, mandate, person
from tests.blacklist.house import COURT
from tests.blacklist.store.world import World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_a_court_sees_its_own_listings_alone(world: World) -> None:
    one = world.enter()
    assert world.reader.whole(one, COURT).listing.subject == person()
    with pytest.raises(UnknownListingError):
        world.reader.whole(one, "沪0101")
    assert world.reader.page("沪0101", "", 0, 0, 10) == []


def test_pages_go_on_after_an_id_and_are_of_a_case_or_a_status(world: World) -> None:
    numbers = [world.enter(draft(person(index), f"case-{index % 2}")) for index in range(4)]
    world.remove(numbers[0])
    pages = [
        world.reader.page(COURT, "", 0, numbers[0], 2),
        world.reader.page(COURT, "case-0", 0, 0, 10),
        world.reader.page(COURT, "", Status.REMOVED, 0, 10),
    ]
    found = [[one.listing_id for one in page] for page in pages]
    assert found == [numbers[1:3], [numbers[0], numbers[2]], [numbers[0]]]


def test_overdue_are_removals_and_objections_past_their_day(world: World) -> None:
    due, objected, neither = (world.enter(draft(person(index), f"case-{index}")) for index in range(3))
    world.writer.propose(due, "performed", 0, world.by(), world.now_ns)
    world.writer.object_to(objected, 0, 0, world.by(), world.now_ns)
    assert neither == 3
    found = [
        [one.listing_id for one in world.reader.page(COURT, "", 0, 0, 10, overdue_on=day)]
        for day in (20261126, 20261127, 20261209)
    ]
    assert found == [[], [due], [due, objected]]
    figures = world.reader.figures(20261209)
    assert (figures.removals_due, figures.removals_overdue, figures.objections_overdue) == (1, 1, 1)


def test_time_that_the_subject_lets_pass_is_nobody_elses_delay(world: World) -> None:
    one = world.enter()
    world.writer.object_to(one, 0, 0, world.by(), world.now_ns)
    world.writer.decide(one, 1, False, "d", world.by(), world.now_ns)
    assert world.reader.figures(20270601).objections_overdue == 0


def test_figures_count_by_kind_and_state(world: World) -> None:
    world.enter()
    world.enter(draft(person(1), kind=Kind.RESTRICTED, ground="", mandate=mandate("another")))
    assert world.reader.figures(TODAY).listings == {
        (Kind.LISTED, Status.IN_FORCE): 1,
        (Kind.RESTRICTED, Status.IN_FORCE): 1,
    }


def test_history_begins_with_the_listing(world: World) -> None:
    whole = world.reader.whole(world.enter())
    (first,) = whole.history
    assert (first.deed, first.reason, first.instrument, first.actor) == (
        Deed.LIST,
        "evasion",
        "之一",
        "officer-1",
    )


def test_database_that_is_gone_is_unavailable() -> None:
    reader = Reader(make_engine("postgresql://nobody@127.0.0.1:1/none"))
    with pytest.raises(UnavailableError) as raised:
        reader.figures(TODAY)
    assert raised.value.retry_ms
    assert "nobody" not in raised.value.message
