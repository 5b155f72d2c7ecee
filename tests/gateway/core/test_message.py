"""Message: a batch's bytes, read by the stubs, are the journal's entries, with kind and institutions."""

from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from tests.gateway.core.house import change, desk, entries
from tests.model.face import CAUSE_BROKEN
from tests.model.world import BANK, DIRECT, FIRST, HUB, MUTE, SECOND, SMALL, Desk, inquiry, only, person

ASK, NOTE, VOID = institution.KIND_ASK, institution.KIND_NOTE, institution.KIND_UNSPECIFIED


def admitted(at: Desk, *made: object) -> list[institution.Entry]:
    checked = at.check(*made)  # type: ignore[arg-type]
    at.admit(checked)
    return [row.entry for row in journal.Admission.FromString(checked.frame).inquiries]


def with_kind(entry: institution.Entry, kind: institution.Kind.ValueType, *named: int) -> institution.Entry:
    return institution.Entry(
        mandate=entry.mandate, subject=entry.subject, items=entry.items, kind=kind, institutions=named
    )


def test_entries_of_a_log_are_those_of_the_frame() -> None:
    at = desk()
    rows = admitted(at, *[inquiry(f"o{n}", person(n, "名" * (n * 20 + 1))) for n in range(4)])
    sent = at.take_one(HUB)
    assert entries(sent) == [with_kind(row, ASK) for row in rows]
    assert (
        institution.Batch(id=sent.batch.id, entries=entries(sent)).SerializeToString() == sent.batch.message
    )


def test_entries_of_a_lane_name_their_institutions() -> None:
    at = desk()
    rows = admitted(
        at, inquiry("a", scope=only(FIRST, SMALL)), inquiry("b", scope=only(SMALL, SECOND), items=[1])
    )
    sent = at.take_one(HUB)
    assert entries(sent) == [with_kind(rows[0], ASK, FIRST, SMALL), with_kind(rows[1], ASK, SECOND, SMALL)]
    assert sent.batch.query_count == 4


def test_who_joined_is_told_as_a_note() -> None:
    at = desk()
    rows = admitted(at, inquiry("a"), inquiry("b"))
    assert entries(at.take_one(HUB)) == [with_kind(rows[0], ASK), with_kind(rows[1], NOTE)]


def test_what_was_cancelled_keeps_its_place_without_a_byte() -> None:
    at = desk(is_open=False)
    rows = admitted(at, *[inquiry(f"o{n}", person(n), scope=only(BANK)) for n in range(3)])
    at.engine.cancel(2, at.now_ns)
    at.engine.open_endpoint(DIRECT, 1)
    assert entries(at.take_one(DIRECT)) == [
        with_kind(rows[0], ASK, BANK),
        institution.Entry(),
        with_kind(rows[2], ASK, BANK),
    ]


def test_what_was_left_open_is_named_and_notes_are_not_sent_twice() -> None:
    at = desk(unanswered_retry_ns=1)
    rows = admitted(at, inquiry("a"), inquiry("b"), inquiry("c", person(1)))
    sent = at.take_one(HUB)
    reply = institution.Reply(batch_id=sent.batch.id)
    reply.answered.add(institutions=[FIRST, SMALL], entry_count=3)
    assert at.settle(sent, reply) == 0
    at.wait(1)
    again = entries(at.take_one(HUB))
    assert again == [with_kind(rows[0], ASK, SECOND), institution.Entry(), with_kind(rows[2], ASK, SECOND)]


def test_a_half_is_numbered_from_its_own_start() -> None:
    at = desk()
    rows = admitted(at, *[inquiry(f"o{n}", person(n)) for n in range(5)])
    for _ in range(2):
        at.fail(at.take_one(HUB), CAUSE_BROKEN)
    halves = sorted(at.take(), key=lambda sent: sent.batch.id)
    assert sorted([entry.mandate.case_number for entry in entries(half)] for half in halves) == [
        [row.mandate.case_number for row in rows[:2]],
        [row.mandate.case_number for row in rows[2:]],
    ]
    assert len({half.batch.id for half in halves}) == 2


def test_what_was_asked_before_a_capability_was_gained_names_whom_it_is_for() -> None:
    """On a stream that is now for all four, an entry that names nobody would ask the fourth as well."""
    at = desk(is_open=False)
    rows = admitted(at, inquiry("a"))
    change(at, 2, incapable=[])
    rows += admitted(at, inquiry("b", person(1)))
    at.engine.open_endpoint(HUB, 16)
    taken = at.take()
    assert [entries(sent) for sent in taken] == [
        [with_kind(rows[0], ASK, FIRST, SECOND, SMALL)],
        [with_kind(rows[1], ASK)],
    ]
    assert at.engine.stats()["queries_on_wire"] == 3 + 4
    for sent in taken:
        reply = institution.Reply(batch_id=sent.batch.id)
        reply.answered.add(institutions=[FIRST, SECOND, SMALL, MUTE], entry_count=1)
        assert at.settle(sent, reply) == 0


def test_named_entries_keep_to_the_bytes_and_none_is_lost() -> None:
    at = desk(is_open=False)
    rows = admitted(at, *[inquiry(f"o{n}", person(n)) for n in range(9)])
    size = institution.Batch(id=1, entries=[with_kind(row, ASK) for row in rows]).ByteSize()
    change(at, 2, incapable=[], limits={HUB: (100, size + 12)})
    at.engine.open_endpoint(HUB, 16)
    taken = at.take()
    assert len(taken) > 1
    assert all(len(sent.batch.message) <= size + 12 for sent in taken)
    asked = sorted(pair for sent in taken for pair in sent.asked())
    assert asked == sorted((f"case o{n}", one) for n in range(9) for one in (FIRST, SECOND, SMALL))
    assert at.engine.stats()["queries_on_wire"] == 27
