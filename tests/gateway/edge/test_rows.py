"""Frames as rows, and rows as the answers that they were made from."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table

from chakong.gateway.v1 import gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.edge.journal_schema import StoredFrame
from gateway.edge.rows import ReadRow, Row, answer_of, step
from gateway.edge.tables import COVERAGE, INQUIRIES, RECORDS
from tests.gateway.edge.frames import AT_NS, COURT, admission, answer, answers, found, packed

text = st.text(max_size=5)
fen = st.integers(-(2**60), 2**60)
records = st.builds(
    type_pb2.Record,
    item=st.integers(1, 25),
    locator=text,
    amount_fen=fen,
    holder_name=text,
    description=text,
    protected_fen=fen,
    held_fen=fen,
    available_fen=fen,
)
states = st.sampled_from([type_pb2.END_STATE_FOUND, type_pb2.END_STATE_AMBIGUOUS, type_pb2.END_STATE_REFUSED])
findings = st.builds(
    gateway_pb2.Finding,
    institution=st.integers(0, 3_915),
    state=states,
    records=st.lists(records, max_size=3),
    reason=text,
    late=st.booleans(),
)


def read(table: Table, rows: list[Row]) -> list[ReadRow]:
    """As they come out of the database again."""
    return [dict(zip(table.c.keys(), row, strict=True)) for row in rows]


def stored(seq: int, *given_answers: gateway_pb2.Answer) -> StoredFrame:
    frame = answers(*given_answers)
    return StoredFrame(seq, frame.kind, frame.at_ns, frame.court, 0, 0, frame.finals, frame.body)


def test_an_admission_is_a_row_for_each_inquiry() -> None:
    frame = admission(5, 3)
    made = step([StoredFrame(1, frame.kind, frame.at_ns, COURT, 5, 3, b"", frame.body)])
    rows = read(INQUIRIES, made.inquiries)
    assert [(row["inquiry_id"], row["order_id"], row["court"]) for row in rows] == [
        (number, f"order-{number}", COURT) for number in (5, 6, 7)
    ]
    assert rows[0]["deadline_ns"] == AT_NS + 10**9
    assert made.coverage == made.records == []


def test_the_newest_frame_wins_whatever_its_revision() -> None:
    before = answer(1, stage=gateway_pb2.STAGE_PARTIAL, revision=7, findings=[found(1, 5, 3)])
    after = answer(1, revision=1, findings=[found(1, 9)])
    made = step([stored(4, before), stored(6, after)])
    assert [(row["seq"], row["revision"]) for row in read(COVERAGE, made.coverage)] == [(6, 1)]
    assert [row["amount_fen"] for row in read(RECORDS, made.records)] == [9]


def test_an_account_row_has_its_amounts_and_another_row_zeros() -> None:
    finding = found(1, 100)
    finding.records.add(item=1, protected_fen=30, held_fen=20, available_fen=50)
    refused = gateway_pb2.Finding(state=type_pb2.END_STATE_REFUSED)
    made = step([stored(1, answer(1, findings=[finding, refused]))])
    rows = read(RECORDS, made.records)
    assert [(row["protected_fen"], row["held_fen"], row["available_fen"]) for row in rows] == [
        (0, 0, 0),
        (30, 20, 50),
        (0, 0, 0),
    ]


@given(given_findings=st.lists(findings, max_size=4))
def test_rows_give_back_the_answer(given_findings: list[gateway_pb2.Finding]) -> None:
    given_answer = answer(3, findings=given_findings)
    made = step([stored(1, given_answer)])
    inquiry = {
        "inquiry_id": 3,
        "order_id": given_answer.order_id,
        "case_number": given_answer.case_number,
        "admitted_ns": given_answer.admitted_ns,
    }
    assert answer_of(inquiry, read(COVERAGE, made.coverage)[0], read(RECORDS, made.records)) == given_answer
    assert packed(3) == answers(given_answer).finals
