"""Canonical: an inquiry written for the journal and for its content hash, and read back from the journal."""

from benchmarks.core._messages import Inquiries
from benchmarks.core.conftest import Measure
from benchmarks.core.sampled import sampled
from benchmarks.sample import CourtSample
from chakong.gateway.v1.gateway_pb2 import REACH_LIST
from chakong.journal.v1.journal_pb2 import Admission

INQUIRY_COUNT = 1_000


def test_rows_written(measure: Measure, courts: tuple[CourtSample, ...]) -> None:
    sample = sampled(courts[0], measure.size(INQUIRY_COUNT))
    assert measure(Inquiries.write_admitted, lambda: sample.inquiries, len(sample.good)) == {len(sample.good)}
    rows = Admission.FromString(sample.inquiries.out).inquiries
    assert [row.order_id for row in rows] == [inquiry.order_id for inquiry in sample.good]
    assert [row.entry.subject.name for row in rows] == [inquiry.subject.name for inquiry in sample.good]


def test_content_written(measure: Measure, courts: tuple[CourtSample, ...]) -> None:
    sample = sampled(courts[0], measure.size(INQUIRY_COUNT))
    assert measure(Inquiries.write_content, lambda: sample.inquiries, len(sample.good)) == {len(sample.good)}
    # Everything but the order id is in it, in its order.
    out, at = sample.inquiries.out, 0
    for inquiry in sample.good:
        at = out.index(inquiry.subject.name.encode(), at) + 1


def test_rows_read(measure: Measure, courts: tuple[CourtSample, ...]) -> None:
    sample = sampled(courts[0], measure.size(INQUIRY_COUNT))
    sample.inquiries.write_admitted()
    listed = sum(len(set(one.scope.institutions)) for one in sample.good if one.scope.reach == REACH_LIST)
    expected = (len(sample.good), listed)
    assert measure(Inquiries.read_admitted, lambda: sample.inquiries, len(sample.good)) == {expected}
