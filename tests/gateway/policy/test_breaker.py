"""Breaker: the table, and what fills it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.breaker import NEXT, Breaker, Event, Limits, State, cooled, failed, succeeded

LIMITS = Limits(failures=3, cool_down_ns=100, cool_down_ns_max=1_000)


def same(base_ns: int) -> int:
    return base_ns


def after_failures(count: int, breaker: Breaker | None = None, now_ns: int = 0) -> Breaker:
    made = breaker or Breaker()
    for _ in range(count):
        made = failed(made, now_ns, LIMITS, same)
    return made


def test_every_state_knows_what_to_do_with_every_event_it_can_meet() -> None:
    missing = {(state, event) for state in State for event in Event} - NEXT.keys()
    assert missing == {(State.CLOSED, Event.COOLED), (State.HALF_OPEN, Event.COOLED)}


def test_it_opens_at_the_failure_that_is_one_too_many() -> None:
    assert after_failures(2).state is State.CLOSED
    opened = after_failures(3, now_ns=7)
    assert (opened.state, opened.cool_ns, opened.openings) == (State.OPEN, 107, 1)


def test_a_success_forgets_the_failures_before_it() -> None:
    assert after_failures(2, succeeded(after_failures(2))).state is State.CLOSED


def test_it_is_half_open_once_it_has_cooled_and_not_before() -> None:
    opened = after_failures(3)
    assert cooled(opened, 99) is opened
    assert cooled(opened, 100).state is State.HALF_OPEN


def test_half_open_closes_with_a_success_and_opens_with_one_failure() -> None:
    half_open = cooled(after_failures(3), 100)
    assert succeeded(half_open) == Breaker(State.CLOSED, 0, 0, 100)
    again = failed(half_open, 100, LIMITS, same)
    assert (again.state, again.cool_ns) == (State.OPEN, 300)


def test_each_opening_lasts_twice_as_long_up_to_a_limit() -> None:
    breaker, lasted = after_failures(3), []
    for _ in range(8):
        lasted.append(breaker.cool_ns)
        breaker = failed(cooled(breaker, breaker.cool_ns), 0, LIMITS, same)
    assert lasted == [100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000]


def test_failures_of_batches_sent_before_it_opened_do_not_prolong_it() -> None:
    opened = after_failures(3)
    assert failed(opened, 50, LIMITS, same).cool_ns == opened.cool_ns


def test_a_success_while_open_is_trusted_half() -> None:
    assert succeeded(after_failures(3)).state is State.HALF_OPEN


@pytest.mark.parametrize("state", [State.CLOSED, State.HALF_OPEN])
def test_only_an_open_breaker_cools(state: State) -> None:
    assert cooled(Breaker(state), 10**18).state is state


@given(st.lists(st.sampled_from(["succeeded", "failed", "cooled"])))
def test_no_order_of_events_leads_out_of_the_table(events: list[str]) -> None:
    breaker, now_ns = Breaker(), 0
    for event in events:
        now_ns += 60
        if event == "succeeded":
            breaker = succeeded(breaker)
        elif event == "failed":
            breaker = failed(breaker, now_ns, LIMITS, same)
        else:
            breaker = cooled(breaker, now_ns)
        assert breaker.failures == 0 or event != "succeeded"
        assert (breaker.state is State.OPEN) <= (breaker.openings > 0)
