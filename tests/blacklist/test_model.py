"""What a listing shows of itself."""

from blacklist.model import Deed, Kind, ObjectionStatus, Status
from chakong.blacklist.v1 import listings_pb2
from tests.blacklist.build import FIRM, listing, person


def test_no_name_and_no_number_is_in_a_repr() -> None:
    shown = repr(listing())
    assert person().name not in shown
    assert person().id_number not in shown
    assert "LISTED" in shown


def test_numbers_of_enums_are_those_of_the_contract() -> None:
    pairs = (
        (Kind, listings_pb2.ListingKind),
        (Status, listings_pb2.ListingStatus),
        (Deed, listings_pb2.Deed),
        (ObjectionStatus, listings_pb2.ObjectionStatus),
    )
    for ours, theirs in pairs:
        names = {int(number): name for name, number in theirs.items() if number}
        assert {int(one): one.name for one in ours}.keys() == names.keys()
        assert all(names[int(one)].endswith(one.name) for one in ours)


def test_listing_is_on_until_it_is_removed_or_its_term_ends() -> None:
    on = [status for status in Status if listing(status=status).is_on]
    assert on == [Status.IN_FORCE, Status.REMOVAL_DUE]


def test_organisation_is_told_by_the_type_of_its_number() -> None:
    assert FIRM.is_organisation
    assert not person().is_organisation
