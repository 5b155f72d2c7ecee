"""Check: the verdict on messages; what is accepted is given back: every round meets the same Engine."""

from collections.abc import Callable

import pytest

from benchmarks.core import stage
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import COURT, NOW_NS, World
from benchmarks.sample import CourtSample
from chakong.gateway.v1.gateway_pb2 import SubmitBulkRequest
from gateway.directory import Directory

INQUIRY_COUNT = 4_000
SAMPLE_COUNT = 1_000


def verdict(world: World, message: bytes) -> tuple[int, int, int]:
    """Accepted, repeated and refused; nothing of it stays."""
    checked = world.engine.check(message, COURT, NOW_NS)
    world.engine.abandon(checked)
    return checked.accepted, checked.repeated, checked.refused


@pytest.mark.parametrize("made", [stage.broadcast, stage.targeted], ids=["broadcast", "targeted"])
def test_faultless_messages(measure: Measure, directory: Directory, made: Callable[[int], bytes]) -> None:
    count = measure.size(INQUIRY_COUNT)
    world, message = World.new(directory), made(count)
    assert measure(lambda given: verdict(world, given), lambda: message, count) == {(count, 0, 0)}


def test_sample_with_its_mistakes(
    measure: Measure, directory: Directory, courts: tuple[CourtSample, ...]
) -> None:
    sample = next(court for court in courts if court.court == COURT)
    taken = sample.inquiries[: measure.size(SAMPLE_COUNT)]
    message = SubmitBulkRequest(inquiries=[one.inquiry for one in taken]).SerializeToString()
    world = World.new(directory)
    accepted = sum(1 for one in taken if one.expect == "ok")
    repeated = sum(1 for one in taken if one.expect == "same_receipt")
    expected = (accepted, repeated, len(taken) - accepted - repeated)
    assert measure(lambda given: verdict(world, given), lambda: message, len(taken)) == {expected}
