"""Who was told, who has confirmed and who is late, of units that succeed each other."""

from hypothesis import given
from hypothesis import strategies as st

from blacklist.push.marks import Failure
from blacklist.push.proof import Kept, Left, UnitProof, Ways, proofs

REMOVED, TODAY, DUE = 20261109, 20261123, 20261112
TREE = {"c": ("a", "b"), "e": ("c", "d")}
UNITS = "abcde"
DATES = st.sampled_from([0, 20261109, 20261110, 20261112, 20261113, 20261120])


def ways(*units: str) -> Ways:
    return Ways(units, lambda unit: TREE.get(unit, ()), lambda _: 3)


def proof(kept: dict[str, Kept], unit: str = "e") -> UnitProof:
    (found,) = proofs(REMOVED, kept, ways(unit), TODAY)
    return found


def test_unit_that_has_confirmed_in_time_is_not_late() -> None:
    found = proof({"a": Kept(told=20261110, reached=20261112)}, "a")
    assert found == UnitProof("a", 20261110, 20261112, DUE, False, None)


def test_unit_that_has_not_confirmed_is_late_after_its_day() -> None:
    (before,) = proofs(REMOVED, {}, ways("a"), DUE)
    assert not before.is_late
    assert proof({}, "a") == UnitProof("a", 0, 0, DUE, True, None)


def test_unit_that_has_confirmed_after_its_day_was_late() -> None:
    assert proof({"a": Kept(20261110, 20261113)}, "a").is_late


def test_what_was_left_out_is_confirmed_when_it_is_settled() -> None:
    left = Kept(20261110, 20261110, Left(Failure.SUBJECT_UNCLEAR, 0))
    assert proof({"a": left}, "a") == UnitProof("a", 20261110, 0, DUE, True, Failure.SUBJECT_UNCLEAR)
    settled = Kept(20261110, 20261110, Left(Failure.SUBJECT_UNCLEAR, 20261112))
    assert proof({"a": settled}, "a") == UnitProof("a", 20261110, 20261112, DUE, False, None)


def test_who_has_confirmed_was_told() -> None:
    assert proof({"a": Kept(0, 20261112)}, "a").told == 20261112


def test_successor_goes_by_the_last_of_those_before_it() -> None:
    whole = {"a": Kept(20261110, 20261110), "b": Kept(20261110, 20261112), "d": Kept(20261110, 20261111)}
    found = proof(whole)
    assert (found.told, found.confirmed, found.is_late) == (20261110, 20261112, False)
    found = proof({one: kept for one, kept in whole.items() if one != "b"})
    assert (found.told, found.confirmed, found.is_late) == (0, 0, True)


def test_successor_may_confirm_for_those_who_have_not() -> None:
    assert proof({"a": Kept(20261110, 20261110), "e": Kept(20261111, 20261113)}).confirmed == 20261113


def test_reason_of_a_predecessor_is_shown_until_the_successor_settles_it() -> None:
    before = {"d": Kept(20261110, 20261110, Left(Failure.PASSED_ON, 0))}
    assert proof(before).failure is Failure.PASSED_ON
    after = before | {"e": Kept(20261110, 20261110, Left(Failure.PASSED_ON, 20261120))}
    assert (proof(after).failure, proof(after).confirmed) == (None, 20261120)


@given(st.dictionaries(st.sampled_from(UNITS), st.builds(Kept, DATES, DATES)))
def test_proof_is_what_a_walk_from_the_oldest_unit_gives(kept: dict[str, Kept]) -> None:
    confirmed: dict[str, int] = {}
    for unit in UNITS:
        before = [confirmed[one] for one in TREE.get(unit, ())]
        own = kept.get(unit, Kept()).reached
        confirmed[unit] = max(before) if before and 0 not in before else own
    found = {one.unit: one for one in proofs(REMOVED, kept, ways(*UNITS), TODAY)}
    assert {unit: one.confirmed for unit, one in found.items()} == confirmed
    for one in found.values():
        assert one.is_late == ((one.confirmed or TODAY) > DUE)
        assert not one.confirmed or 0 < one.told <= one.confirmed
