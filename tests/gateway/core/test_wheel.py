"""Wheel: timers come never early, within a tick of the time that passes them, each once."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.testing_queue import Wheel
from tests.gateway.core.samples import unhurried

TICK_NS = 1 << 20
NEVER_NS = 2**63 - 1
START_NS = 1_772_000_000_000_000_000  # some day in 2026

# Steps that cross no slot, one, and whole levels of them.
steps = st.sampled_from(
    [0, 1, TICK_NS - 1, TICK_NS, 63 * TICK_NS, 64 * TICK_NS, 4097 * TICK_NS, 86_400 * 10**9]
)
delays = steps | st.integers(-5 * TICK_NS, 40 * 86_400 * 10**9) | st.integers(0, 200 * TICK_NS)
ADD, REMOVE, PASS = "add", "remove", "pass"
acts = st.lists(
    st.tuples(st.just(ADD), delays)
    | st.tuples(st.just(REMOVE), st.integers(0, 1000))
    | st.tuples(st.just(PASS), steps | st.integers(0, 10**12)),
    max_size=60,
)


def popped(wheel: Wheel, now_ns: int) -> set[int]:
    owners: list[int] = []
    while (owner := wheel.pop(now_ns)) is not None:
        owners.append(owner)
    assert len(set(owners)) == len(owners)
    return set(owners)


@unhurried
@given(acts=acts)
def test_wheel_agrees_with_a_list_of_due_times(acts: list[tuple[str, int]]) -> None:
    wheel, now_ns = Wheel(), START_NS
    waiting: dict[int, tuple[int, int]] = {}  # owner -> timer, due_ns
    popped(wheel, now_ns)
    for owner, (act, value) in enumerate(acts):
        if act == ADD:
            waiting[owner] = (wheel.add(now_ns + value, owner), now_ns + value)
        elif act == REMOVE and waiting:
            chosen = sorted(waiting)[value % len(waiting)]
            wheel.remove(waiting.pop(chosen)[0])
        elif act == PASS:
            now_ns += value
            out = popped(wheel, now_ns)
            assert all(waiting[one][1] <= now_ns for one in out), "early"
            for one in out:
                del waiting[one]
            assert all(due_ns > now_ns - TICK_NS for _, due_ns in waiting.values()), "more than a tick late"
        assert len(wheel) == len(waiting)
        dues = [due_ns for _, due_ns in waiting.values()]
        # A timer may come out with the tick after its due time; it is never announced after that.
        assert wheel.next_ns() <= min((max(due_ns, now_ns) + TICK_NS for due_ns in dues), default=NEVER_NS)
    assert popped(wheel, now_ns + 41 * 86_400 * 10**9) == set(waiting)
    assert (len(wheel), wheel.next_ns()) == (0, NEVER_NS)


def test_following_next_due_reaches_every_timer_in_few_steps() -> None:
    """Whoever sleeps until next_ns, again and again, is told in time, and is not woken without end."""
    wheel, now_ns, found, woken = Wheel(), START_NS, list[int](), 0
    popped(wheel, now_ns)
    dues = [START_NS + (at * 7919 % 1000) * 13 * 10**9 for at in range(1000)]
    for owner, due_ns in enumerate(dues):
        wheel.add(due_ns, owner)
    while wheel.next_ns() != NEVER_NS:
        assert wheel.next_ns() >= now_ns - TICK_NS
        now_ns, woken = max(now_ns, wheel.next_ns()), woken + 1
        out = popped(wheel, now_ns)
        assert all(now_ns - TICK_NS < dues[owner] <= now_ns for owner in out)
        found += out
    assert sorted(found) == list(range(1000))
    assert woken < 8 * 1000


def test_what_is_due_already_comes_at_once() -> None:
    wheel = Wheel()
    popped(wheel, START_NS)
    wheel.add(-1, 1)
    wheel.add(START_NS - 10**15, 2)
    assert popped(wheel, START_NS) == {1, 2}


def test_the_farthest_due_time_is_kept_and_never_comes() -> None:
    wheel = Wheel()
    wheel.add(NEVER_NS, 1)
    assert popped(wheel, START_NS + 10**18) == set()
    assert len(wheel) == 1


def test_timers_of_one_slot_can_go_in_any_order() -> None:
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]):
        wheel = Wheel()
        timers = [wheel.add(START_NS, owner) for owner in range(3)]
        for owner in order:
            wheel.remove(timers[owner])
        assert wheel.next_ns() == NEVER_NS
        assert popped(wheel, START_NS + 10**12) == set()
