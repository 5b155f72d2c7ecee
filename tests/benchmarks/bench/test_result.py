"""Results: medians, ratios of pairs, and what counts as wrong."""

import pytest

from benchmarks.bench.result import Result, WrongAnswerError, curve, expect, growth


def test_figures_are_medians() -> None:
    result = Result("x", "ns", (3.0, 1.0, 9.0), (2.0, 4.0, 6.0))
    assert (result.our_median, result.reference_median) == (3.0, 4.0)


def test_ratio_is_the_median_of_the_pairs() -> None:
    assert Result("x", "ns", (2.0, 30.0, 8.0), (1.0, 10.0, 2.0)).ratio == 3.0


def test_runs_that_are_no_pairs_have_the_ratio_of_their_medians() -> None:
    assert Result("x", "ns", (2.0, 4.0, 6.0), (2.0,)).ratio == 2.0


def test_without_a_reference_there_is_no_ratio() -> None:
    result = Result("x", "ns", (2.0,))
    assert result.ratio is None
    assert result.reference_median is None


@pytest.mark.parametrize("runs", [((), None), ((1.0,), ())])
def test_no_runs_are_no_result(runs: tuple[tuple[float, ...], tuple[float, ...] | None]) -> None:
    with pytest.raises(ValueError, match="no runs"):
        Result("x", "ns", *runs)


def test_growth_is_the_highest_point_over_the_lowest() -> None:
    assert growth("time", [(10, 2.0), (100, 9.0), (1_000, 3.0)], 1.5) == {
        "name": "time",
        "from": 10,
        "to": 1_000,
        "factor": 4.5,
        "limit": 1.5,
    }


def test_curve_says_what_is_on_its_axes() -> None:
    assert curve("a", "b", [(1, 2.0)]) == {"x": "a", "y": "b", "points": [[1, 2.0]]}


def test_other_than_expected_raises() -> None:
    expect("answers", 4, 4)
    with pytest.raises(WrongAnswerError, match="answers: 3 came, must be 4"):
        expect("answers", 3, 4)
