"""Replies: every reason of the contract for which a reply is void is seen, and nothing else is."""

from collections.abc import Callable

import pytest

from chakong.institution.v1 import institution_pb2 as institution
from chakong.institution.v1.institution_pb2 import Batch, Entry, Finding, Reply
from chakong.type.v1.type_pb2 import Record, Subject
from conformance.replies import Said, fault, finding, named, record_fault, said

NUMBER, NAME = "11010519491231002X", "李建国"
HELLO = (1, 2)


def asked(kind: int = institution.KIND_ASK, institutions: tuple[int, ...] = ()) -> Entry:
    subject = Subject(id_number=NUMBER, name=NAME)
    return Entry(kind=kind, subject=subject, institutions=institutions, items=[1])  # type: ignore[arg-type]


def record(**values: object) -> Record:
    known = {"item": 1, "locator": "62", "holder_number": NUMBER, "holder_name": NAME} | values
    return Record(**known)  # type: ignore[arg-type]


BATCH = Batch(id=7, entries=[asked(), asked(institution.KIND_NOTE), asked(institutions=(2,))])


def reply() -> Reply:
    """1 found something on entry 0, 2 is unsure of entry 2."""
    answer = Reply(batch_id=7)
    answer.answered.add(institutions=[1, 2], entry_count=3)
    answer.findings.add(entry=0, institution=1, outcome=institution.OUTCOME_FOUND, records=[record()])
    answer.findings.add(entry=2, institution=2, outcome=institution.OUTCOME_AMBIGUOUS)
    return answer


def test_a_reply_without_fault_says_what_it_says() -> None:
    answer = reply()
    assert fault(answer, BATCH, HELLO) == ""
    assert said(answer, 0, 1) is Said.FOUND
    assert said(answer, 0, 2) is Said.NONE
    assert said(answer, 2, 2) is Said.AMBIGUOUS
    assert finding(answer, 2, 1) is None
    assert named(answer) == {1, 2}


def test_silence_is_not_none() -> None:
    answer = Reply(batch_id=7)
    answer.answered.add(institutions=[1], entry_count=1)
    assert fault(answer, BATCH, HELLO) == ""
    assert said(answer, 0, 2) is Said.UNANSWERED
    assert said(answer, 2, 1) is Said.UNANSWERED


def test_a_refusal_is_no_fault() -> None:
    assert fault(Reply(batch_id=7, refusal="busy"), BATCH, HELLO) == ""


def _add(**values: object) -> Callable[[Reply], object]:
    return lambda answer: answer.findings.append(Finding(**values))  # type: ignore[arg-type]


def _records(*records: Record) -> Callable[[Reply], object]:
    def change(answer: Reply) -> None:
        del answer.findings[0].records[:]
        answer.findings[0].records.extend(records)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda answer: setattr(answer, "batch_id", 8), "a reply to batch 8"),
        (lambda answer: setattr(answer, "refusal", "busy"), "a refusal beside answers"),
        (lambda answer: answer.answered.add(institutions=[3], entry_count=1), "does not address"),
        (lambda answer: answer.answered.add(institutions=[1], entry_count=1), "twice in answered"),
        (lambda answer: setattr(answer.answered[0], "entry_count", 4), "entry_count 4 of 3"),
        (_add(entry=3, institution=1, outcome=institution.OUTCOME_REFUSED), "entry 3 of 3"),
        (_add(entry=1, institution=1, outcome=institution.OUTCOME_REFUSED), "no ASK"),
        (_add(entry=2, institution=1, outcome=institution.OUTCOME_REFUSED), "not addressed to it"),
        (_add(entry=0, institution=1, outcome=institution.OUTCOME_REFUSED), "twice"),
        (_add(entry=0, institution=2), "outcome 0"),
        (lambda answer: setattr(answer.answered[0], "entry_count", 1), "does not cover"),
        (_records(), "with 0 records"),
        (_records(*[record()] * 257), "with 257 records"),
        (_records(record(holder_number="1", holder_name="查无此人")), "another person"),
        (_records(record(item=2)), "not asked for"),
    ],
)
def test_a_void_reply_is_seen(change: Callable[[Reply], object], reason: str) -> None:
    answer = reply()
    change(answer)
    found = fault(answer, BATCH, HELLO)
    assert reason in found
    assert NUMBER not in found
    assert NAME not in found


def test_a_record_that_fits_one_of_number_and_name_is_no_fault() -> None:
    for one in (
        record(holder_name="李建军"),
        record(holder_number="1"),
        record(holder_number=NUMBER.lower()),
    ):
        answer = reply()
        _records(one)(answer)
        assert fault(answer, BATCH, HELLO) == ""


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"item": 26}, "item 26"),
        ({"item": 0}, "item 0"),
        ({"locator": "x" * 129}, "locator of more than 128 bytes"),
        ({"holder_name": "名" * 86}, "holder_name of more than 256 bytes"),
        ({"holder_number": ""}, "missing"),
        ({}, ""),
    ],
)
def test_a_record_is_looked_at(values: dict[str, object], reason: str) -> None:
    found = record_fault(record(**values))
    assert reason in found
    assert bool(reason) == bool(found)
