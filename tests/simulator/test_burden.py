"""What other courts had on a property before."""

from hypothesis import given
from hypothesis import strategies as st

from simulator import burden
from simulator.mixing import roll

BURDENS = st.integers(0, 2**64 - 1)
FREE = st.integers(0, 2**43)


@given(drawn=BURDENS, free_fen=FREE)
def test_no_more_is_held_than_is_free(drawn: int, free_fen: int) -> None:
    held_fen = burden.held_fen(drawn, free_fen)
    assert 0 <= held_fen <= free_fen
    if not burden.is_burdened(drawn):
        assert held_fen == 0
    else:
        assert held_fen == min(free_fen, burden.ceiling_fen(drawn, free_fen))
        assert free_fen // 8 <= burden.ceiling_fen(drawn, free_fen) - burden.CEILING_LEAST_FEN <= 2 * free_fen


@given(drawn=BURDENS)
def test_it_ends_within_a_year_and_has_a_court(drawn: int) -> None:
    assert 0 <= burden.days(drawn) < burden.DAYS_MAX
    assert burden.court_code(drawn) in burden.COURTS


def test_one_property_in_16_is_held_and_one_held_thing_in_four_is_sold() -> None:
    drawn = [burden.burden_of(roll(3, place)) for place in range(16_000)]
    held = [one for one in drawn if burden.is_burdened(one)]
    assert 900 < len(held) < 1_100
    assert 190 < sum(map(burden.is_disposed_of, held)) < 310
