"""What comes and goes by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.books.movement import movement_of
from simulator.mixing import roll

BURDENS = st.integers(0, 2**64 - 1)


@given(burden=BURDENS, kind=st.sampled_from(("wage", "general_settlement", "basic_settlement")))
def test_less_goes_out_in_a_month_than_comes_in(burden: int, kind: str) -> None:
    moving = movement_of(burden, 1, kind, "")
    assert moving is not None
    assert moving == movement_of(burden, 1, kind, "")
    assert 1 <= moving.payday <= 28
    assert moving.income_fen * 4 // 10 <= moving.spending_fen * 30 <= moving.income_fen


@pytest.mark.parametrize(
    ("item", "kind", "currency"),
    [(2, "personal", ""), (1, "wage", "USD"), (1, "margin", ""), (12, "brokerage", "")],
)
def test_some_accounts_lie_still(item: int, kind: str, currency: str) -> None:
    assert all(movement_of(roll(1, place), item, kind, currency) is None for place in range(50))


def test_one_personal_account_in_four_is_paid_into() -> None:
    moving = [movement_of(roll(1, place), 1, "personal", "") for place in range(4_000)]
    assert 900 < sum(one is not None for one in moving) < 1_100
