"""All endpoints' books over one population."""

from dataclasses import replace

import pytest

from simulator._population import Population
from simulator.books.misbehaviour import Misdeed, misbehaviour
from simulator.books.room import Room
from simulator.books.staff import clerks, open_all
from simulator.layout import Layout
from tests.simulator.books.acts import ACCOUNT, NOW_NS, freeze, refusal


def test_every_endpoint_has_its_books_and_knows_what_its_institutions_can(
    layout: Layout, population: Population
) -> None:
    staff = clerks(layout, population)
    assert list(staff) == [endpoint.key for endpoint in layout.endpoints]
    unable = next(one for one in layout.institutions if "FREEZE" not in one.can)
    able = next(one for one in layout.institutions if "FREEZE" in one.can and one.province)
    told = []
    for one in (unable, able):
        clerk = staff[layout.endpoints[one.endpoint].key]
        order = freeze(one.index + 1, 5, opening=replace(ACCOUNT, institution=one.index, item=1))
        told.append(refusal(clerk.control([order], NOW_NS)[0]))
    assert told == ["INCAPABLE", "NO_SUCH_PROPERTY"]


def test_accounts_are_opened_where_their_institution_is(layout: Layout, population: Population) -> None:
    staff = clerks(layout, population)
    far = replace(ACCOUNT, institution=3905, item=12)
    open_all(layout, staff, [ACCOUNT, far], NOW_NS)
    for opening in (ACCOUNT, far):
        endpoint = layout.endpoints[layout.institutions[opening.institution].endpoint]
        assert staff[endpoint.key].books.account(opening.institution, opening.locator)
    with pytest.raises(ValueError, match="is there already"):
        open_all(layout, staff, [far], NOW_NS)
    with pytest.raises(ValueError, match="institution: 3916 given"):
        open_all(layout, staff, [replace(far, institution=3916)], NOW_NS)


def test_they_share_the_room_and_each_misbehaves_in_its_own_way(
    layout: Layout, population: Population
) -> None:
    room = Room(accounts_max=1)
    staff = clerks(layout, population, misbehaviour("late", 1, 0.5), room)
    open_all(layout, staff, [ACCOUNT], NOW_NS)
    assert room.account_count == 1
    struck = [
        tuple(one._misbehaviour.strikes(Misdeed.LATE, place) for place in range(64)) for one in staff.values()
    ]
    assert len(set(struck)) == len(staff)
