"""Choice: what is due first goes first, and waits for nobody else."""

from chakong.gateway.v1 import gateway_pb2 as gateway
from tests.gateway.core.house import cases, desk
from tests.model.world import DIRECT, FIRST, HUB, SECOND_NS, inquiry, only, person

PATROL, URGENT = gateway.URGENCY_PATROL, gateway.URGENCY_URGENT


def test_a_segment_for_which_nobody_waits_holds_up_nothing_behind_it() -> None:
    """The oldest segment lives because of a slow bank; the hub has read it, and goes on past a dead one."""
    at = desk()
    at.submit(inquiry("a", person(1)))
    slow = at.take_one(DIRECT)
    at.engine.open_endpoint(HUB, 0)
    at.submit(inquiry("b", person(2), deadline_s=3))
    at.submit(inquiry("c", person(3)))
    at.wait_until_due(3 * SECOND_NS)
    at.answers()
    at.engine.open_endpoint(HUB, 16)
    assert [cases(sent) for sent in at.take() if sent.batch.endpoint == HUB] == [["case c"]]
    at.settle(slow, slow.reply())


def test_oldest_due_goes_first_across_logs_and_lanes() -> None:
    at = desk(is_open=False)
    at.submit(inquiry("patrol", person(1), urgency=PATROL))
    at.submit(inquiry("lane", person(2), scope=only(FIRST)))
    at.wait(SECOND_NS)
    at.submit(inquiry("urgent", person(3), urgency=URGENT))
    at.submit(inquiry("urgent lane", person(4), scope=only(FIRST), urgency=URGENT))
    at.engine.open_endpoint(HUB, 1)
    order = []
    for _ in range(4):
        (sent,) = at.take()
        order += cases(sent)
        at.settle(sent, sent.reply())
    assert order == ["case urgent", "case urgent lane", "case lane", "case patrol"]


def test_patrol_is_never_starved_by_a_stream_of_urgent_ones() -> None:
    at = desk(is_open=False)
    at.engine.open_endpoint(HUB, 1)
    at.submit(inquiry("patrol", person(0), urgency=PATROL))
    for second in range(40):
        at.submit(inquiry(f"u{second}", person(1 + second), urgency=URGENT))
        (sent,) = at.take()
        if cases(sent) == ["case patrol"]:
            assert 29 <= second <= 31
            return
        at.settle(sent, sent.reply())
        at.wait(SECOND_NS)
    raise AssertionError("never sent")
