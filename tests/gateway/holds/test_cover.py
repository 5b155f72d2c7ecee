"""Cover: due, gap, and what one hold counts."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.holds import cover
from gateway.holds.model import Claim, Debtor, Subject
from tests.gateway.holds.world import DEDUCT, RELEASE, World

AMOUNTS = st.integers(0, 1 << 50)


def claim_of(base: int, interest_base: int, ppm: int, day: int, credited: int) -> Claim:
    claim = Claim(1, 1)
    claim.base_fen, claim.interest_base, claim.interest_ppm = base, interest_base, ppm
    claim.interest_day, claim.credited = day, credited
    return claim


@given(AMOUNTS, AMOUNTS, st.integers(0, 10_000), st.integers(10_000, 30_000), st.integers(0, 40_000), AMOUNTS)
def test_due_is_exact_and_never_below_nothing(
    base: int, interest_base: int, ppm: int, since: int, day: int, credited: int
) -> None:
    claim = claim_of(base, interest_base, ppm, since, credited)
    days = max(0, day - since)
    expected = base + (interest_base * ppm * days) // 1_000_000 - credited
    assert cover.due(claim, day or 1) == max(0, expected if day else base - credited)


@given(AMOUNTS, st.integers(0, 10_000), st.integers(1, 20_000), st.integers(0, 400))
def test_interest_never_falls_with_time(base: int, ppm: int, day: int, later: int) -> None:
    claim = claim_of(0, base, ppm, 0, 0)
    assert cover.due(claim, day) <= cover.due(claim, day + later)


def test_gap_of_a_debtor_is_bounded_by_what_is_left_of_his_cap() -> None:
    claim = claim_of(100, 0, 0, 0, 0)
    claim.caps = True
    claim.debtors = (Debtor((Subject(1, "1", "a"),), 60), Debtor((Subject(1, "2", "b"),), -1))
    claim.cover, claim.debtor_cover, claim.debtor_credited = 30, [30, 0], [10, 0]
    assert cover.cap_left(claim, 0) == 50
    assert cover.cap_left(claim, 1) is None
    assert (cover.gap_of(claim, 0, 1), cover.gap_of(claim, 1, 1)) == (20, 70)


def test_what_is_pending_is_projected_in_its_order() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.accepted(DEDUCT, hold_id=hold, amount_fen=30)
    world.accepted(RELEASE, hold_id=hold, ceiling_fen=50)
    world.accepted(DEDUCT, hold_id=hold, amount_fen=20)
    book = world.ledger._book
    assert cover.projected(book, book.holds[hold]) == (30, 30, 50)
    world.settle()
    view = world.hold(hold)
    assert (view.ceiling_fen, view.controlled_fen, view.deducted_fen) == (30, 30, 50)


def test_deduction_that_will_not_be_possible_is_not_projected() -> None:
    world = World()
    world.claim(100)
    order = world.freeze_message(world.account("a", 10), 80)
    order.kind, order.ceiling_fen, order.amount_fen = DEDUCT, 0, 80
    world.order(order)
    book = world.ledger._book
    assert cover.projected(book, book.holds[1]) == (80, 0, 0)
