"""Rows: journal frames as rows of the projection.

Pure. Of several answers to an inquiry in one step only the newest counts: an answer is all that came so far.
Frames come in the order of the journal, and that order decides, since revisions begin anew when a gateway
restarts. A row to write is a tuple in the order of its table's columns; a row that was read is a mapping.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2
from chakong.type.v1 import type_pb2
from gateway.edge.journal_schema import ADMISSION, ANSWER, StoredFrame
from gateway.edge.tables import COUNTS

Row = tuple[Any, ...]
ReadRow = Mapping[str, Any]


@dataclass(slots=True)
class Step:
    """What some frames change: new inquiries, and for each answered one its coverage and its records."""

    inquiries: list[Row] = field(default_factory=list)
    coverage: list[Row] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)


def step(frames: Iterable[StoredFrame]) -> Step:
    """The rows of these frames. DecodeError for a frame that is not what its kind says."""
    made = Step()
    newest: dict[int, tuple[int, gateway_pb2.Answer]] = {}
    for frame in frames:
        if frame.kind == ADMISSION:
            made.inquiries += _inquiries(frame.body)
        elif frame.kind == ANSWER:
            for answer in journal_pb2.Answers.FromString(frame.body).answers:
                newest[answer.inquiry_id] = (frame.seq, answer)
    for seq, answer in newest.values():
        made.coverage.append(_coverage(seq, answer))
        made.records += _records(answer)
    return made


def answer_of(inquiry: ReadRow, coverage: ReadRow, records: Iterable[ReadRow]) -> gateway_pb2.Answer:
    """The answer that these rows were made from; `records` by position."""
    answer = gateway_pb2.Answer(
        inquiry_id=inquiry["inquiry_id"],
        order_id=inquiry["order_id"],
        case_number=inquiry["case_number"],
        stage=coverage["stage"],
        revision=coverage["revision"],
        coverage=gateway_pb2.Coverage.FromString(coverage["missing"]),
        admitted_ns=inquiry["admitted_ns"],
        answered_ns=coverage["answered_ns"],
        asked_ns=coverage["asked_ns"],
    )
    for name in COUNTS:
        setattr(answer.coverage, name, coverage[f"{name}_count"])
    finding_number = -1
    for row in records:
        if row["finding"] != finding_number:
            finding_number = row["finding"]
            finding = answer.findings.add(
                institution=row["institution"], state=row["state"], reason=row["reason"], late=row["is_late"]
            )
        if row["item"]:
            finding.records.add(**{name: row[name] for name in _RECORD_FIELDS})
    return answer


_RECORD_FIELDS = (
    "item",
    "locator",
    "kind",
    "amount_fen",
    "currency",
    "holder_number",
    "holder_name",
    "description",
    "protected_fen",
    "held_fen",
    "available_fen",
)
_NO_RECORD = type_pb2.Record()
_record_fields = attrgetter(*_RECORD_FIELDS)
_counts = attrgetter(*COUNTS)


def _inquiries(body: bytes) -> list[Row]:
    admission = journal_pb2.Admission.FromString(body)
    court, admitted_ns = admission.court_code, admission.admitted_ns
    return [
        (
            inquiry_id,
            court,
            admitted.order_id,
            admitted.entry.mandate.case_number,
            admitted_ns,
            admitted.deadline_ns,
            admitted.urgency,
            admitted.scope.SerializeToString(),
            gateway_pb2.Asked(items=admitted.entry.items).SerializeToString(),
        )
        for inquiry_id, admitted in enumerate(admission.inquiries, admission.first_inquiry_id)
    ]


def _coverage(seq: int, answer: gateway_pb2.Answer) -> Row:
    coverage = answer.coverage
    return (
        answer.inquiry_id,
        seq,
        answer.stage,
        answer.revision,
        answer.answered_ns,
        answer.asked_ns,
        *_counts(coverage),
        gateway_pb2.Coverage(missing=coverage.missing).SerializeToString(),
    )


def _records(answer: gateway_pb2.Answer) -> list[Row]:
    rows: list[Row] = []
    inquiry_id = answer.inquiry_id
    for number, finding in enumerate(answer.findings):
        said = (number, finding.institution, finding.state, finding.late, finding.reason)
        for record in finding.records or (_NO_RECORD,):
            rows.append((inquiry_id, len(rows), *said, *_record_fields(record)))
    return rows
