"""Replies: what a reply says of its batch, and whether it may say it.

Pure, from the contract alone. Nothing of a person is repeated in what it finds wrong.
"""

from collections.abc import Collection, Iterator
from enum import Enum

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import Batch, Entry, Finding, Reply
from chakong.type.v1.type_pb2 import Record

RECORDS_MAX = 256
REASON_BYTES_MAX = 256
ITEM_MAX = 25
# Of a Record's strings, in bytes.
STRING_BYTES_MAX = {
    "locator": 128,
    "kind": 64,
    "currency": 3,
    "holder_number": 32,
    "holder_name": 256,
    "description": 512,
}


class Said(Enum):
    """What was said to one question."""

    UNANSWERED = "no answer"
    NONE = "NONE"
    FOUND = "FOUND"
    AMBIGUOUS = "AMBIGUOUS"
    REFUSED = "REFUSED"
    UNAVAILABLE = "UNAVAILABLE"


_SAID = {
    institution_pb2.OUTCOME_FOUND: Said.FOUND,
    institution_pb2.OUTCOME_AMBIGUOUS: Said.AMBIGUOUS,
    institution_pb2.OUTCOME_REFUSED: Said.REFUSED,
    institution_pb2.OUTCOME_UNAVAILABLE: Said.UNAVAILABLE,
}


def said(reply: Reply, place: int, institution: int) -> Said:
    """To the entry at this place, by this institution; the reply has no fault."""
    found = finding(reply, place, institution)
    if found is not None:
        return _SAID[found.outcome]
    return Said.NONE if place < _answered(reply).get(institution, 0) else Said.UNANSWERED


def finding(reply: Reply, place: int, institution: int) -> Finding | None:
    for one in reply.findings:
        if (one.entry, one.institution) == (place, institution):
            return one
    return None


def named(reply: Reply) -> set[int]:
    """The institutions that answered."""
    return set(_answered(reply))


def fault(reply: Reply, batch: Batch, hello: Collection[int]) -> str:
    """Why the reply is void; empty: it is not. `hello`: whom the stream's first message named."""
    return next(_faults(reply, batch, hello), "")


def record_fault(record: Record) -> str:
    """What is wrong with a record by itself; empty: nothing."""
    if not 1 <= record.item <= ITEM_MAX:
        return f"item {record.item}"
    for name, bytes_max in STRING_BYTES_MAX.items():
        if len(str(getattr(record, name)).encode()) > bytes_max:
            return f"{name} of more than {bytes_max} bytes"
    if not record.holder_number or not record.holder_name:
        return "holder_number or holder_name missing"
    return ""


def _faults(reply: Reply, batch: Batch, hello: Collection[int]) -> Iterator[str]:
    if reply.batch_id != batch.id:
        yield f"a reply to batch {reply.batch_id}"
    if reply.refusal:
        if reply.answered or reply.findings:
            yield "a refusal beside answers"
        if len(reply.refusal.encode()) > REASON_BYTES_MAX:
            yield f"a refusal of more than {REASON_BYTES_MAX} bytes"
        return
    addressed = set(hello) if any(not one.institutions for one in batch.entries) else set()
    addressed.update(*(one.institutions for one in batch.entries))
    seen: set[int] = set()
    for answered in reply.answered:
        if answered.entry_count > len(batch.entries):
            yield f"entry_count {answered.entry_count} of {len(batch.entries)} entries"
        for institution in answered.institutions:
            if institution not in addressed:
                yield f"institution {institution}, which the batch does not address, named as having answered"
            if institution in seen:
                yield f"institution {institution} twice in answered"
            seen.add(institution)
    yield from _finding_faults(reply, batch, hello)


def _finding_faults(reply: Reply, batch: Batch, hello: Collection[int]) -> Iterator[str]:
    answered = _answered(reply)
    seen: set[tuple[int, int]] = set()
    for one in reply.findings:
        where = f"a finding of institution {one.institution} on entry {one.entry}"
        if one.entry >= len(batch.entries):
            yield f"{where} of {len(batch.entries)}"
            continue
        asked = batch.entries[one.entry]
        if asked.kind != institution_pb2.KIND_ASK:
            yield f"{where}, which is no ASK"
        if one.institution not in (asked.institutions or hello):
            yield f"{where}, which was not addressed to it"
        if one.entry >= answered.get(one.institution, 0):
            yield f"{where}, which answered does not cover"
        if (one.entry, one.institution) in seen:
            yield f"{where}, twice"
        seen.add((one.entry, one.institution))
        if one.outcome not in _SAID:
            yield f"{where} with outcome {one.outcome}"
        elif one.outcome == institution_pb2.OUTCOME_FOUND and not 1 <= len(one.records) <= RECORDS_MAX:
            yield f"{where} with {len(one.records)} records"
        yield from (f"{where}: {wrong}" for wrong in _record_faults(one, asked))


def _record_faults(one: Finding, asked: Entry) -> Iterator[str]:
    subject = asked.subject
    for record in one.records:
        wrong = record_fault(record)
        if wrong:
            yield wrong
        if asked.items and record.item not in asked.items:
            yield f"item {record.item}, which was not asked for"
        number = subject.id_number.upper()
        if record.holder_number.upper() != number and record.holder_name != subject.name:
            yield "a record of another person"


def _answered(reply: Reply) -> dict[int, int]:
    return {
        institution: answered.entry_count
        for answered in reply.answered
        for institution in answered.institutions
    }
