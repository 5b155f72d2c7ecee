"""Model: frozen; what is empty is the same for all."""

from dataclasses import FrozenInstanceError

import pytest

from tests.tracker.rules.build import FILED, event, state
from tracker.model import NO_DETAIL, Detail


def test_event_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        FILED[0].effective = 20200101  # type: ignore[misc]


def test_empty_detail_is_no_detail() -> None:
    assert Detail() == NO_DETAIL
    assert event("filing", 20260108).detail is NO_DETAIL


def test_state_names_the_periods_that_go_on() -> None:
    found = state(
        *FILED,
        event("clock_stopped", 20260201, period="stay"),
        event("clock_stopped", 20260205, period="auction_period"),
        event("clock_resumed", 20260210, period="stay"),
    )
    assert found.stopped_by == ("auction_period",)
