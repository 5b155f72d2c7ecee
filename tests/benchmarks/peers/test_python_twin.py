"""The Python twin decides as the Engine decides, and answers what the Engine answers."""

import pytest

from benchmarks.engine.world import COURT, NOW_NS, World, inquiries
from benchmarks.peers.python_twin import Twin
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    REACH_BANKS,
    REACH_PROVINCE,
    REACH_UNITS,
    Scope,
    SubmitBulkRequest,
)
from chakong.institution.v1.institution_pb2 import (
    OUTCOME_FOUND,
    OUTCOME_REFUSED,
    OUTCOME_UNAVAILABLE,
    Answered,
    Batch,
    Finding,
    Reply,
)
from chakong.type.v1.type_pb2 import Record
from tests.benchmarks.peers import worlds
from tests.benchmarks.peers.worlds import DIRECTORY, engine_answers, listed, twin_answers

EVERYBODY = Scope(reach=REACH_ALL)
SCOPES = [
    EVERYBODY,
    Scope(reach=REACH_BANKS),
    Scope(reach=REACH_UNITS),
    Scope(reach=REACH_PROVINCE, province="33"),
    listed(3_000),
    listed(7, 3, 3_900, 3, 1_234),
]


def load(count: int, first: int = 0) -> bytes:
    """As benchmarks.load sends it, scopes and all."""
    return SubmitBulkRequest(
        inquiries=[load_inquiry(COURT, f"l-{number}", number) for number in range(first, first + count)]
    ).SerializeToString()


@pytest.mark.parametrize(
    "message",
    [inquiries(0, SCOPES * 10), inquiries(7, [EVERYBODY] * 5), load(60), inquiries(0, []), b"\x0a\x05\xff"],
    ids=["scopes", "wave", "load", "empty", "garbage"],
)
def test_benchmark_messages_get_the_engines_verdicts_and_frame(message: bytes) -> None:
    ours, twin = World.new().engine.check(message, COURT, NOW_NS), Twin(DIRECTORY)
    theirs = twin.check(message, COURT, NOW_NS)
    assert worlds.verdicts(theirs.response) == worlds.verdicts(ours.response)
    assert theirs.status == ours.status
    assert worlds.frame(theirs.frame) == worlds.frame(ours.frame)


def test_answers_are_the_engines() -> None:
    world, twin = World.new(), Twin(DIRECTORY)
    message = inquiries(0, SCOPES * 4)
    ours, theirs = engine_answers(world, message), twin_answers(twin, world, message)
    assert len(ours) == 24
    assert theirs == ours
    assert {state for one in theirs.values() for state in (finding.state for finding in one.findings)} == {
        1,
        3,
        4,
    }


def test_repeated_orders_and_questions_are_joined_as_by_the_engine() -> None:
    world, twin = World.new(), Twin(DIRECTORY)
    narrow, wide = inquiries(0, [listed(3_000, 3_001)] * 5), SubmitBulkRequest()
    for number in range(5):
        wide.inquiries.append(load_inquiry(COURT, f"again-{number}", number))
        wide.inquiries[-1].scope.CopyFrom(EVERYBODY)
        wide.inquiries[-1].ClearField("items")
    for message in (narrow, narrow, wide.SerializeToString()):
        ours, theirs = engine_answers(world, message), twin_answers(twin, world, message)
        assert theirs == ours
    assert all(answer.coverage.joined > 0 for answer in theirs.values())


def test_question_is_not_joined_by_one_that_wants_it_asked_anew() -> None:
    world, twin = World.new(), Twin(DIRECTORY)
    first = SubmitBulkRequest(inquiries=[load_inquiry(COURT, "one", 5)])
    second = SubmitBulkRequest(inquiries=[load_inquiry(COURT, "two", 5)])
    second.inquiries[0].freshness_s = 0
    for message in (first, second):
        encoded = message.SerializeToString()
        theirs = twin_answers(twin, world, encoded)
        assert theirs == engine_answers(world, encoded)
    assert [answer.coverage.joined for answer in theirs.values()] == [0]


def test_order_id_with_other_content_is_refused_as_by_the_engine() -> None:
    world, twin = World.new(), Twin(DIRECTORY)
    for message in (inquiries(0, [EVERYBODY]), inquiries(0, [listed(3_000)])):
        ours = world.engine.check(message, COURT, NOW_NS)
        theirs = twin.check(message, COURT, NOW_NS)
        assert worlds.verdicts(theirs.response) == worlds.verdicts(ours.response)
    assert (theirs.accepted, theirs.refused) == (0, 1)


def test_batches_keep_the_endpoints_limits() -> None:
    twin = Twin(DIRECTORY)
    for first in range(0, 16_000, 4_000):
        twin.check_and_admit(inquiries(first, [listed(3_000)] * 4_000))
    endpoint = DIRECTORY.endpoints[DIRECTORY.institutions[3_000].endpoint]
    batches = twin.take_batches() + twin.take_batches()
    sizes = [(batch.entry_count, len(batch.message)) for batch in batches]
    assert all(count <= endpoint.max_batch_entries for count, _ in sizes)
    assert all(size <= endpoint.max_batch_bytes for _, size in sizes)
    assert [batch.id for batch in batches] == [1, 2]
    assert sum(len(Batch.FromString(batch.message).entries) for batch in batches) == sum(
        one for one, _ in sizes
    )


def asked() -> tuple[Twin, World, int]:
    """One question is in flight at the endpoint returned."""
    world, twin = World.new(), Twin(DIRECTORY)
    twin.check_and_admit(inquiries(0, [listed(3_000)]))
    return twin, world, twin.take_batches()[0].endpoint


def test_what_a_reply_leaves_out_is_asked_again() -> None:
    twin, world, endpoint = asked()
    twin.settle(endpoint, Reply(batch_id=1).SerializeToString())
    assert list(twin.take_answers(NOW_NS)) == []
    again = twin.take_batches()[0]
    assert list(Batch.FromString(again.message).entries[0].institutions) in ([3_000], [])
    twin.settle(endpoint, worlds.reply(world, endpoint, again.message))
    assert [answers.count for answers in twin.take_answers(NOW_NS)] == [1]


def wrong_replies() -> dict[str, Reply]:
    foreign = Record(item=1, holder_number="1", holder_name="2")
    answered = Reply(batch_id=1, answered=[Answered(institutions=[3_000], entry_count=1)])
    cases = {
        "other batch": Reply(batch_id=2),
        "too many entries": Reply(batch_id=1, answered=[Answered(institutions=[3_000], entry_count=2)]),
        "not behind": Reply(batch_id=1, answered=[Answered(institutions=[0], entry_count=1)]),
        "no such entry": Reply(findings=[Finding(entry=1, institution=3_000, outcome=OUTCOME_UNAVAILABLE)]),
        "not asked": Reply(findings=[Finding(entry=0, institution=0, outcome=OUTCOME_UNAVAILABLE)]),
        "no records": Reply(findings=[Finding(institution=3_000, outcome=OUTCOME_FOUND)]),
        "unknown outcome": Reply(findings=[Finding(institution=3_000)]),
        "twice": Reply(findings=[Finding(institution=3_000, outcome=OUTCOME_REFUSED)] * 2),
        "foreign": Reply(findings=[Finding(institution=3_000, outcome=OUTCOME_FOUND, records=[foreign])]),
    }
    for case in cases.values():
        if not case.batch_id:
            case.MergeFrom(answered)
    return cases


@pytest.mark.parametrize("case", wrong_replies())
def test_reply_that_contradicts_its_batch_changes_nothing(case: str) -> None:
    twin, world, endpoint = asked()
    with pytest.raises(ValueError, match=r"given|not behind|second one|fits neither"):
        twin.settle(endpoint, wrong_replies()[case].SerializeToString())
    good = Reply(batch_id=1, answered=[Answered(institutions=world.answered[endpoint], entry_count=1)])
    twin.settle(endpoint, good.SerializeToString())
    assert [answers.count for answers in twin.take_answers(NOW_NS)] == [1]


def test_old_order_ids_fill_the_table() -> None:
    twin = Twin(DIRECTORY)
    rows = b"".join(number.to_bytes(16, "big") + bytes(24) for number in range(1, 1_001))
    twin.recall_orders(rows)
    assert twin.order_count == 1_000
    assert twin.check_and_admit(inquiries(0, [listed(3_000)] * 3)) == 3
    assert twin.order_count == 1_003
