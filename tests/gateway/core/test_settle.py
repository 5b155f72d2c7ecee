"""Settle: replies that answer in part, and hostile ones, over a whole batch; compared entry by entry."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.gateway.core.house import change, desk, is_empty, settle_to_the_end
from tests.gateway.core.samples import unhurried
from tests.model.face import CAUSE_BROKEN, CAUSE_REFUSED, FAULT_NONE
from tests.model.world import FIRST, HUB, HUB_BANKS, MUTE, SECOND, SECOND_NS, inquiry, only, person

UNAVAILABLE = institution.OUTCOME_UNAVAILABLE
SCOPES = st.sampled_from([None, only(*HUB_BANKS)])
COUNT = 6


@settings(unhurried)
@given(
    scope=SCOPES,
    counts=st.dictionaries(st.sampled_from(HUB_BANKS), st.integers(0, COUNT)),
    busy=st.sets(st.tuples(st.integers(0, COUNT - 1), st.sampled_from(HUB_BANKS))),
)
def test_what_was_not_answered_is_asked_again_and_nothing_else(
    scope: gateway.Scope | None, counts: dict[int, int], busy: set[tuple[int, int]]
) -> None:
    at = desk(unanswered_retry_ns=1)
    at.submit(*[inquiry(f"o{n}", person(n), scope=scope) for n in range(COUNT)])
    sent = at.take_one(HUB)
    reply = institution.Reply(batch_id=sent.batch.id)
    for one, count in counts.items():
        reply.answered.add(institutions=[one], entry_count=count)
    for entry, one in sorted(busy, reverse=True):
        reply.findings.add(entry=entry, institution=one, outcome=UNAVAILABLE)
    assert at.settle(sent, reply) == FAULT_NONE
    answered = {(n, one) for one, count in counts.items() for n in range(count)} - busy
    at.wait(1)
    again = [pair for one in at.take() for pair in one.asked()]
    open_pairs = {(n, one) for n in range(COUNT) for one in HUB_BANKS} - answered
    assert sorted(again) == sorted((f"case o{n}", one) for n, one in open_pairs)
    at.wait_until_due(86_400 * SECOND_NS)
    finals = {answer.order_id: answer.coverage for answer in at.answers() if answer.coverage.total}
    for n in range(COUNT):
        late = [one for one in HUB_BANKS if (n, one) in open_pairs]
        if late:
            assert finals[f"o{n}"].late == len(late)
            assert [
                list(row.institutions) for row in finals[f"o{n}"].missing if row.state == types.END_STATE_LATE
            ] == [late]


@settings(unhurried, max_examples=60)
@given(
    scope=SCOPES,
    ways=st.lists(st.sampled_from(["broken", "refused", "lost", "part", "cancel", "gained"]), max_size=12),
)
def test_whatever_happens_to_its_batches_every_query_ends_once(
    scope: gateway.Scope | None, ways: list[str]
) -> None:
    at, version = desk(unanswered_retry_ns=1), 1
    numbers = at.submit(*[inquiry(f"o{n}", person(n), scope=scope) for n in range(COUNT)])
    for way in ways:
        taken = [sent for sent in at.take() if sent.batch.endpoint == HUB]
        if way in ("lost", "gained"):
            version += 1
            change(at, version, incapable=[MUTE, FIRST] if way == "lost" else [MUTE])
        elif way == "cancel" and numbers:
            at.engine.cancel(numbers.pop(), at.now_ns)
        for sent in taken:
            if way in ("broken", "refused"):
                at.fail(sent, CAUSE_BROKEN if way == "broken" else CAUSE_REFUSED)
            else:
                reply = institution.Reply(batch_id=sent.batch.id)
                reply.answered.add(institutions=[SECOND], entry_count=(sent.batch.entry_count + 1) // 2)
                assert at.settle(sent, reply) == FAULT_NONE
        at.wait(1)
        at.answers()
    at.wait_until_due(86_400 * SECOND_NS)
    at.answers()
    stats = at.engine.stats()
    assert (stats["inquiries_final"], stats["queries_open"]) == (COUNT, 0)


def test_a_reply_that_could_not_look_at_every_second_entry_does_not_hold_up_the_others() -> None:
    """Four thousand holes: each is asked again by itself, and choosing among them stays cheap."""
    at = desk(unanswered_retry_ns=1)
    for first in range(0, 4096, 1024):
        at.submit(*[inquiry(f"o{n}", person(n % 999), freshness_s=0) for n in range(first, first + 1024)])
    sent = at.take_one(HUB)
    reply = sent.reply()
    for entry in range(0, 4096, 2):
        for one in HUB_BANKS:
            reply.findings.add(entry=entry, institution=one, outcome=UNAVAILABLE)
    began = time.perf_counter()
    assert at.settle(sent, reply) == FAULT_NONE
    at.wait(1)
    settle_to_the_end(at)
    assert time.perf_counter() - began < 60
    assert at.engine.stats()["state_none"] == 4096 * 6
    assert is_empty(at)
