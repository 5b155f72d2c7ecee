"""Ending: inquiries of one message that share a deadline end with it, each by itself."""

from chakong.gateway.v1 import gateway_pb2 as gateway
from tests.gateway.core.house import desk, is_empty
from tests.model.world import BANK, DIRECT, SECOND_NS, inquiry, only, person

TICK_NS = 1 << 20
NEVER_NS = 2**63 - 1
FINAL = gateway.STAGE_FINAL
# Runs of one deadline, one of which comes twice.
DEADLINES_S = (60, 60, 90, 60, 30, 30, 30)


def test_each_of_a_message_ends_at_its_own_deadline() -> None:
    at = desk()
    at.submit(
        *[inquiry(f"o{n}", person(n), scope=only(BANK), deadline_s=due) for n, due in enumerate(DEADLINES_S)]
    )
    at.engine.open_endpoint(DIRECT, 0)
    for due in sorted(set(DEADLINES_S)):
        assert at.next_due_ns() <= at.now_ns + 30 * SECOND_NS + TICK_NS
        at.wait_until_due(30 * SECOND_NS + TICK_NS)
        ended = {answer.order_id: answer.stage for answer in at.answers()}
        assert ended == {f"o{n}": FINAL for n, its in enumerate(DEADLINES_S) if its == due}
    assert at.engine.next_due() == NEVER_NS
    assert is_empty(at)


def test_only_who_still_waits_ends_at_a_shared_deadline() -> None:
    at = desk()
    ids = at.submit(*[inquiry(f"o{n}", person(n), scope=only(BANK), deadline_s=60) for n in range(40)])
    for number in ids[::2]:
        assert at.engine.cancel(number, at.now_ns)
    assert len(at.answers()) == 20
    at.engine.open_endpoint(DIRECT, 0)
    at.wait_until_due(60 * SECOND_NS + TICK_NS)
    assert sorted(answer.inquiry_id for answer in at.answers()) == ids[1::2]
    assert at.engine.next_due() == NEVER_NS


def test_no_timer_is_left_of_a_deadline_nobody_waits_for() -> None:
    at = desk()
    ids = at.submit(*[inquiry(f"o{n}", person(n), scope=only(BANK), deadline_s=60) for n in range(3)])
    for number in ids:
        assert at.engine.next_due() < NEVER_NS
        assert at.engine.cancel(number, at.now_ns)
    assert at.engine.next_due() == NEVER_NS
