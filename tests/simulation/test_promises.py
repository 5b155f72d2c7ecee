"""Promises: what an answer may not say is noticed, and what it may is not."""

from collections import Counter
from collections.abc import Callable

import pytest

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import journal_pb2
from chakong.type.v1 import type_pb2
from tests.model.world import record
from tests.simulation.answering import AMBIGUOUS, NOTHING, found
from tests.simulation.promises import Promises
from tests.simulation.town import directory, person

COURT = "京0105"
BANK, HUB_BANK = 0, 1
ITEMS = directory().institutions[BANK].items
NUMBER = person(1).id_number
RECORD = record(person(1))


def admission(inquiry_id: int = 1, order_id: str = "o1") -> journal_pb2.Admission:
    entry = institution_pb2.Entry(mandate=type_pb2.Mandate(case_number="case"), subject=person(1))
    scope = gateway_pb2.Scope(reach=gateway_pb2.REACH_LIST, institutions=[BANK, HUB_BANK])
    inquiry = journal_pb2.Admitted(entry=entry, order_id=order_id, scope=scope, deadline_ns=100)
    return journal_pb2.Admission(first_inquiry_id=inquiry_id, inquiries=[inquiry])


def answer(
    stage: "gateway_pb2.Stage.ValueType" = gateway_pb2.STAGE_FINAL, revision: int = 1
) -> gateway_pb2.Answer:
    """One found something, the other has nothing."""
    made = gateway_pb2.Answer(inquiry_id=1, order_id="o1", stage=stage, revision=revision, answered_ns=50)
    made.coverage.total, made.coverage.found, made.coverage.none = 2, 1, 1
    made.findings.add(institution=BANK, state=type_pb2.END_STATE_FOUND, records=[RECORD])
    return made


def told(*answers: gateway_pb2.Answer) -> list[str]:
    """What is wrong with these."""
    faults: list[str] = []
    promises = Promises(directory(), faults.append, Counter())
    promises.admitted(COURT, admission())
    promises.heard((BANK, NUMBER, ITEMS), found([RECORD]))
    promises.heard((HUB_BANK, NUMBER, ITEMS), NOTHING)
    for one in answers:
        promises.answered(COURT, journal_pb2.Answers(answers=[one]))
    return faults


def changed(change: Callable[[gateway_pb2.Answer], object]) -> list[str]:
    one = answer()
    change(one)
    return told(one)


def test_a_right_answer_is_no_news() -> None:
    assert told(answer()) == []
    assert told(answer(), answer(gateway_pb2.STAGE_LATE, revision=2)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda one: setattr(one.coverage, "total", 3), "3 queries, 2 are concerned"),
        (lambda one: setattr(one.coverage, "none", 0), "do not add up"),
        (lambda one: setattr(one, "stage", gateway_pb2.STAGE_PARTIAL), "0 queries are open at stage 1"),
        (lambda one: setattr(one, "stage", gateway_pb2.STAGE_LATE), "stage 3 before the final answer"),
        (lambda one: setattr(one, "order_id", "o2"), "which is none of its own"),
        (lambda one: setattr(one.findings[0], "institution", 3), "institution 3 that may not be"),
        (lambda one: one.findings.append(one.findings[0]), "institution 0 that may not be"),
        (lambda one: setattr(one.findings[0].records[0], "amount_fen", 1), "never said what is passed on"),
        (lambda one: one.findings.pop(), "institution 0 never said that it has nothing"),
    ],
)
def test_a_wrong_one_is_noticed(change: Callable[[gateway_pb2.Answer], object], fault: str) -> None:
    assert fault in "; ".join(changed(change))


def test_what_is_missing_must_be_listed_and_may_not_be_late_too_early() -> None:
    def late(one: gateway_pb2.Answer) -> None:
        one.coverage.none, one.coverage.late = 0, 1
        one.coverage.missing.add(state=type_pb2.END_STATE_LATE, institutions=[HUB_BANK])

    assert changed(late) == ["inquiry 1: queries are late before its deadline"]

    def unlisted(one: gateway_pb2.Answer) -> None:
        one.coverage.none, one.coverage.cancelled = 0, 1

    faults = "; ".join(changed(unlisted))
    assert "nobody cancelled it" in faults
    assert "0 have nothing, 1 are left over" in faults


def test_an_answer_is_final_once_and_revisions_rise() -> None:
    assert told(answer(), answer(revision=2)) == ["inquiry 1: stage 2 after the final answer"]
    assert told(answer(), answer(gateway_pb2.STAGE_LATE)) == ["inquiry 1: revision 1 after 1"]


def test_an_ambiguous_word_is_not_a_found_one() -> None:
    def ambiguous(one: gateway_pb2.Answer) -> None:
        one.coverage.found, one.coverage.ambiguous = 0, 1
        one.findings[0].state = type_pb2.END_STATE_AMBIGUOUS
        del one.findings[0].records[:]

    assert changed(ambiguous) == ["inquiry 1: institution 0 never said what is passed on as its word"]
    assert found([]) != AMBIGUOUS


def test_ids_and_orders_are_given_once_and_nothing_leaves_before_it_is_durable() -> None:
    faults: list[str] = []
    promises = Promises(directory(), faults.append, Counter())
    batch = institution_pb2.Batch(id=7, entries=[admission().inquiries[0].entry])
    batch.entries[0].kind = institution_pb2.KIND_ASK
    promises.asked(batch)
    promises.admitted(COURT, admission())
    promises.asked(batch)
    promises.admitted(COURT, admission(1, "o2"))
    promises.admitted(COURT, admission(2, "o2"))
    assert faults == [
        "batch 7 asks for case, which is not durable",
        "inquiry id 1 was given twice",
        f"order o2 of {COURT} was taken twice",
    ]
    assert promises.open_count == 2
