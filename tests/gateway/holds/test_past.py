"""Past: ids stay known for their time, and go together."""

from gateway.holds.face import DAY_NS
from gateway.holds.past import Past, PastClaim, PastOrder, left_text

ORDER = PastOrder(5, 4, b"hash", False)


def claim(number: int, forgotten_ns: int, *hold_ids: int) -> PastClaim:
    orders = {("京0105", f"o{number}"): ORDER}
    return PastClaim(number, f"c{number}", ("京0105", "沪0101"), forgotten_ns, orders, (), hold_ids)


def test_what_left_is_known_under_every_court_that_had_it() -> None:
    past = Past()
    past.add(claim(1, 10, 4))
    assert past.claim_ids == {("京0105", "c1"): 1, ("沪0101", "c1"): 1}
    assert past.orders == {("京0105", "o1"): ORDER}
    assert past.had_hold(4)
    assert not past.had_hold(3)


def test_what_left_before_that_moment_goes_and_the_rest_stays() -> None:
    past = Past()
    for number in (1, 2, 3):
        past.add(claim(number, 10 * number, 100 * number))
    assert [one.number for one in past.let_go(30)] == [1, 2]
    assert [one.number for one in past.claims] == [3]
    assert list(past.orders) == [("京0105", "o3")]
    assert past.let_go(30) == []


def test_holds_that_went_for_good_are_still_none_that_nobody_knew() -> None:
    past = Past()
    past.add(claim(1, 10, 100))
    past.let_go(11)
    assert past.hold_ids == set()
    assert past.had_hold(100)
    assert not past.had_hold(101)


def test_the_text_names_the_time() -> None:
    assert left_text(90 * DAY_NS) == "; what is settled leaves 90 days after its last change"
    assert left_text(0) == ""
