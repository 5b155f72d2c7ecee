"""Frames: journal frames for the tests, built with the stubs.

Ids, courts and counts are what a test says; nothing here is judged by an Engine.
"""

import hashlib
import struct
from collections.abc import Sequence

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import journal_pb2
from chakong.type.v1 import type_pb2
from gateway.edge.journal import ADMISSION, ANSWER, Frame

COURT = "京0105"
AT_NS = 1_790_000_000_000_000_000


def packed(*ids: int) -> bytes:
    """Ids as u64 LE."""
    return struct.pack(f"<{len(ids)}Q", *ids)


def admission(
    first_inquiry_id: int,
    count: int = 1,
    *,
    court: str = COURT,
    case_number: str = "case",
    orders: bytes = b"",
) -> Frame:
    """An admission of so many inquiries; order ids are order-<id>."""
    body = journal_pb2.Admission(
        admitted_ns=AT_NS,
        court_code=court,
        first_inquiry_id=first_inquiry_id,
        inquiries=[
            journal_pb2.Admitted(
                entry=institution_pb2.Entry(
                    mandate=type_pb2.Mandate(court_code=court, case_number=case_number)
                ),
                order_id=f"order-{first_inquiry_id + index}",
                scope=gateway_pb2.Scope(reach=gateway_pb2.REACH_LIST, institutions=[1, 2]),
                urgency=gateway_pb2.URGENCY_NORMAL,
                deadline_ns=AT_NS + 10**9,
            )
            for index in range(count)
        ],
    )
    return Frame(ADMISSION, body.SerializeToString(), AT_NS, court, first_inquiry_id, count, b"", orders)


def answer(
    inquiry_id: int,
    *,
    stage: gateway_pb2.Stage.ValueType = gateway_pb2.STAGE_FINAL,
    revision: int = 1,
    case_number: str = "case",
    findings: Sequence[gateway_pb2.Finding] = (),
) -> gateway_pb2.Answer:
    """An answer with two queries, one of them missing."""
    missing = gateway_pb2.Missing(state=type_pb2.END_STATE_LATE, institutions=[2])
    return gateway_pb2.Answer(
        inquiry_id=inquiry_id,
        order_id=f"order-{inquiry_id}",
        case_number=case_number,
        stage=stage,
        revision=revision,
        coverage=gateway_pb2.Coverage(total=2, none=1, late=1, missing=[missing]),
        findings=findings,
        admitted_ns=AT_NS,
        answered_ns=AT_NS + revision,
        asked_ns=AT_NS - 5,
    )


def answers(*given: gateway_pb2.Answer, court: str = COURT) -> Frame:
    """A frame with these answers."""
    finals = packed(*(one.inquiry_id for one in given if one.stage == gateway_pb2.STAGE_FINAL))
    body = journal_pb2.Answers(answers=given).SerializeToString()
    return Frame(ANSWER, body, AT_NS, court, finals=finals)


def found(institution: int, amount_fen: int, count: int = 1) -> gateway_pb2.Finding:
    """A finding with so many records."""
    records = [
        type_pb2.Record(
            item=1,
            locator=f"account-{index}",
            kind="personal",
            amount_fen=amount_fen,
            currency="CNY",
            holder_number="110105",
            holder_name="测试",
            description="x",
        )
        for index in range(count)
    ]
    return gateway_pb2.Finding(institution=institution, state=type_pb2.END_STATE_FOUND, records=records)


def order_rows(first: int, count: int) -> bytes:
    """Order rows with numbers from `first` on: keys like those of a keyed hash, the number as inquiry id."""
    rows = (hashlib.blake2b(struct.pack("<Q", first + at), digest_size=32).digest() for at in range(count))
    return b"".join(row + struct.pack("<Q", first + at) for at, row in enumerate(rows))
