"""What one node adds: open, done in time, done late, and how far ahead it warns."""

import pytest

from tracker.store.contribution import Figures, figures_of, is_dated, is_listed, leads_of
from tracker.store.standing import DONE, ENDED, OPEN, Kept


def node(state: int, *, due: int = 0, done: int = 0) -> Kept:
    return Kept(3, state, 0, "", 20261101, due, 20261108, 20261110, done, 1, 0, 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (node(OPEN, due=20261111), Figures(1, 0, 0, 0, 0)),
        (node(DONE, due=20261111, done=20261111), Figures(0, 1, 1, 0, 10)),
        (node(DONE, due=20261111, done=20261112), Figures(0, 1, 0, 1, 11)),
        (node(DONE, done=20261201), Figures(0, 1, 1, 0, 30)),
        (node(ENDED, due=20261111, done=20261105), Figures(0, 0, 0, 0, 0)),
    ],
)
def test_figures_of_a_node(given: Kept, expected: Figures) -> None:
    assert figures_of(given) == expected


def test_open_nodes_with_a_due_day_or_a_warning_are_listed() -> None:
    assert is_listed(node(OPEN, due=20261111))
    assert is_dated(node(OPEN, due=20261111))
    assert is_listed(node(OPEN))
    assert not is_dated(node(OPEN))
    assert not is_listed(node(OPEN)._replace(amber=0, red=0))
    assert not is_listed(node(DONE, due=20261111, done=20261111))


def test_leads_are_days_before_the_due_day() -> None:
    assert leads_of(node(OPEN, due=20261111)) == (3, 1)
    assert leads_of(node(OPEN, due=20261111)._replace(amber=0, red=0)) == (0, 0)
