"""Inquiry: the judgement on what was read: the packaged sample, with all its mistakes."""

from benchmarks.core._messages import Inquiries
from benchmarks.core.conftest import Measure
from benchmarks.core.sampled import sampled
from benchmarks.sample import CourtSample

INQUIRY_COUNT = 1_000


def test_inquiries_judged(measure: Measure, courts: tuple[CourtSample, ...]) -> None:
    sample = sampled(courts[0], measure.size(INQUIRY_COUNT))
    good, fault_count = sample.inquiries.parse()
    assert good == len(sample.good)
    assert measure(Inquiries.judge, lambda: sample.inquiries, len(sample)) == {(good, fault_count)}
