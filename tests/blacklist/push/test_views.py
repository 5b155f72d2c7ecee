"""Changes, standings and proofs as the contract has them."""

from blacklist.model import Deed
from blacklist.push.deadlines import Standing
from blacklist.push.marks import Failure, Mark
from blacklist.push.proof import UnitProof
from blacklist.push.views import changes_view, proof_view, standing_view
from blacklist.rules.units import Measures
from blacklist.store.proving import Removal
from chakong.blacklist.v1 import changes_pb2 as pb
from chakong.blacklist.v1 import listings_pb2
from tests.blacklist.push.changes import change

BINDING: Measures = (frozenset({37, 28}), frozenset({37}), frozenset(), frozenset({5}))


def test_unit_is_shown_what_binds_it_and_by_which_measures() -> None:
    shown = changes_view([change(1), change(2, 2), change(3, 3), change(4, is_added=False)], BINDING)
    assert [(one.cursor, list(one.measures)) for one in shown] == [(1, [28, 37]), (3, [5]), (4, [28, 37])]
    assert [one.kind for one in shown] == [
        pb.CHANGE_KIND_ADDED,
        pb.CHANGE_KIND_ADDED,
        pb.CHANGE_KIND_REMOVED,
    ]
    assert shown[1].listing_kind == listings_pb2.LISTING_KIND_DERIVED
    assert (shown[0].since, shown[0].until) == (20261101, 0)


def test_standing_has_its_exceptions_in_order() -> None:
    left = {9: Failure.OTHER, 4: Failure.PASSED_ON}
    shown = standing_view(Standing("railway", Mark(9, left, 12, 7), 3, 5, 2, 20261120, 1, True))
    assert [(one.cursor, one.failure) for one in shown.exceptions] == [
        (4, pb.FAILURE_PASSED_ON),
        (9, pb.FAILURE_OTHER),
    ]
    assert (shown.told_cursor, shown.late_working_days, shown.provisional) == (12, 1, True)


def test_proof_is_whole_when_all_have_confirmed() -> None:
    done = UnitProof("railway", 20261110, 20261112, 20261112, False, None)
    late = UnitProof("moe", 0, 0, 20261112, True, Failure.OWN_SYSTEM)
    removals = [
        Removal(7, Deed.REMOVE, 20261109, (done, late)),
        Removal(3, Deed.CORRECT, 20261101, (done,)),
    ]
    shown = proof_view(5, removals, 20261123)
    assert [one.confirmed_by_all for one in shown.removals] == [False, True]
    assert shown.removals[0].units[1].failure == pb.FAILURE_OWN_SYSTEM
    assert shown.removals[1].deed == listings_pb2.DEED_CORRECT


def test_reasons_have_the_numbers_of_the_contract() -> None:
    assert {one.name: int(one) for one in Failure} == {
        name.removeprefix("FAILURE_"): number for name, number in pb.Failure.items() if number
    }
