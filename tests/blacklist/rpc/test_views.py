"""Listings as courts see them."""

from typing import Any

from blacklist.model import Act, Circumstance, Deed, Objection, ObjectionStatus, Status
from blacklist.rpc.views import listing_view, whole_view
from blacklist.store.reader import Whole
from chakong.blacklist.v1 import listings_pb2
from tests.blacklist.build import listing

KNOWN: dict[str, Any] = {
    "circumstances": frozenset({Circumstance.ADEQUATE_SECURITY_GIVEN}),
    "approved_by": "president",
}


def test_listing_is_shown_with_everything_that_it_says() -> None:
    shown = listing_view(
        listing(status=Status.REMOVAL_DUE, removal_due=20261126, extended_months=12, **KNOWN)
    )
    assert shown.status == listings_pb2.LISTING_STATUS_REMOVAL_DUE
    assert (shown.removal_due, shown.extended_months, shown.until) == (20261126, 12, 20281101)
    assert shown.subject.name == "张三0"
    assert list(shown.circumstances) == [listings_pb2.CIRCUMSTANCE_ADEQUATE_SECURITY_GIVEN]
    assert shown.approved_by == "president"
    assert shown.mandate.court_code == "京0105"
    assert not shown.provisional


def test_day_in_a_year_whose_holidays_are_not_known_is_provisional() -> None:
    assert listing_view(listing(removal_due=20991201)).provisional


def test_whole_listing_has_its_history_and_objections() -> None:
    act = Act(Deed.OBJECT, 20261123, 5, "京0105", "o", objection_id=4)
    objection = Objection(4, 1, ObjectionStatus.OPEN, 20261208)
    shown = whole_view(Whole(listing(), (act,), (objection,)), is_repeated=True)
    assert shown.repeated
    assert [(one.deed, one.objection_id) for one in shown.history] == [(listings_pb2.DEED_OBJECT, 4)]
    assert [(one.status, one.due) for one in shown.objections] == [
        (listings_pb2.OBJECTION_STATUS_OPEN, 20261208)
    ]
