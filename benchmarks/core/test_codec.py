"""Codec: parsing inquiries: the packaged sample with all its scopes, items and mistakes, and single banks."""

from collections.abc import Callable

import pytest

from benchmarks.core._messages import Inquiries
from benchmarks.core.conftest import Measure
from benchmarks.core.sampled import sampled
from benchmarks.core.stage import TODAY, broadcast, targeted
from benchmarks.engine.world import COURT
from benchmarks.sample import CourtSample

SAMPLE_COUNT = 1_000
INQUIRY_COUNT = 4_000


def test_sample_parsed(measure: Measure, courts: tuple[CourtSample, ...]) -> None:
    sample = sampled(courts[0], measure.size(SAMPLE_COUNT))
    ((good, fault_count),) = measure(Inquiries.parse, lambda: sample.inquiries, len(sample))
    assert good == len(sample.good)
    assert fault_count >= len(sample) - good


@pytest.mark.parametrize("made", [broadcast, targeted], ids=["broadcast", "targeted"])
def test_faultless_inquiries_parsed(measure: Measure, made: Callable[[int], bytes]) -> None:
    count = measure.size(INQUIRY_COUNT)
    inquiries = Inquiries(made(count), COURT.encode(), TODAY)
    assert measure(Inquiries.parse, lambda: inquiries, count) == {(count, 0)}
