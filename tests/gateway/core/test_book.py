"""Book: what is held goes when it is not needed any more; what is fresh stays as long as there is room."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.core.house import desk, is_empty, settle_to_the_end
from tests.gateway.core.samples import unhurried
from tests.model.drawn import MESSAGES, Drawn
from tests.model.world import COURT, DAY_NS, FIRST, HUB, inquiry, only, person


@settings(unhurried, max_examples=60)
@given(
    made=st.lists(MESSAGES, min_size=1, max_size=4),
    cancelled=st.sets(st.integers(1, 20)),
    closed=st.sets(st.integers(0, 3)),
    is_late=st.booleans(),
)
def test_after_everything_ended_nothing_is_held_but_fresh_asks(
    made: list[list[Drawn]], cancelled: set[int], closed: set[int], is_late: bool
) -> None:
    at = desk()
    for endpoint in closed:
        at.engine.open_endpoint(endpoint, 0)
    orders = iter(range(100))
    for message in made:
        checked = at.check(*[drawn.made(f"o{next(orders)}", COURT) for drawn in message])
        at.admit(checked)
        for sent in at.take()[::2]:
            assert at.settle(sent, sent.reply()) == 0
    for number in cancelled:
        at.engine.cancel(number, at.now_ns)
    if is_late:
        at.wait_until_due(DAY_NS)
        at.answers()
    for sent in [*at.take(), *at.take()]:
        assert at.settle(sent, sent.reply()) == 0
    at.wait_until_due(DAY_NS)
    at.answers()
    at.wait_until_due(DAY_NS)
    at.answers()
    at.wait_until_due(DAY_NS)
    stats = at.engine.stats()
    in_flight = stats["in_flight"]
    if in_flight == 0:
        assert is_empty(at)
        assert at.engine.stats()["asks"] == 0


def test_no_more_ended_asks_are_kept_than_there_is_room_for() -> None:
    at = desk(asks_max=40)
    for number in range(100):
        at.submit(inquiry(f"o{number}", person(number), scope=only(FIRST)))
        sent = at.take_one(HUB)
        assert at.settle(sent, sent.reply()) == 0
        at.answers()
        at.wait(1)
    assert at.engine.stats()["asks"] <= 40
    at.submit(
        inquiry("newest", person(99), scope=only(FIRST)), inquiry("oldest", person(0), scope=only(FIRST))
    )
    assert [pair[0] for pair in at.take_one(HUB).asked()] == ["case oldest"]


def test_a_day_later_no_ended_ask_is_kept() -> None:
    at = desk()
    at.submit(*[inquiry(f"o{n}", person(n)) for n in range(50)])
    settle_to_the_end(at)
    assert at.engine.stats()["asks"] == 50
    at.wait(DAY_NS + 1)
    assert at.engine.stats()["asks"] == 0
