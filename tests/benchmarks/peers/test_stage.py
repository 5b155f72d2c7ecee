"""Stage: what counts as a right answer."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from benchmarks.peers.desk import keeper
from benchmarks.peers.inquest import Inquest
from benchmarks.peers.reach import Reach
from benchmarks.peers.stage import PeerError, Stage, require_right
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Answer, Scope
from chakong.institution.v1.institution_pb2 import OUTCOME_FOUND, Finding
from chakong.type.v1.type_pb2 import Record
from tests.benchmarks.peers.worlds import DIRECTORY
from tests.patience import DEADLINE_S

REACH = Reach(DIRECTORY)
EVERYBODY = Scope(reach=REACH_ALL)


def right() -> tuple[Answer, str]:
    """A right answer and the number asked about, with a keeper that can be inquired of."""
    inquiry = load_inquiry("京0105", "o", 1)
    inquiry.scope.CopyFrom(EVERYBODY)
    subject = inquiry.subject
    inquest = Inquest(REACH, inquiry, 1)
    index = keeper(subject.id_number)
    record = Record(item=1, holder_number=subject.id_number, holder_name=subject.name)
    finding = Finding(institution=index, outcome=OUTCOME_FOUND, records=[record])
    assert inquest.take(inquest.open_count, [finding])
    return inquest.answer(), subject.id_number


def test_right_answer_passes() -> None:
    answer, number = right()
    assert answer.coverage.found == 1
    require_right(answer, (number, EVERYBODY), REACH)


CHANGES: dict[str, Callable[[Answer], object]] = {
    "partial": lambda answer: setattr(answer, "stage", 1),
    "one missing": lambda answer: setattr(answer.coverage, "none", answer.coverage.none - 1),
    "not found": lambda answer: setattr(answer.coverage, "found", 0),
    "no finding": lambda answer: answer.ClearField("findings"),
    "another's": lambda answer: setattr(answer.findings[0].records[0], "holder_number", "1"),
    "elsewhere": lambda answer: setattr(answer.findings[0], "institution", 1),
    "twice": lambda answer: answer.findings.append(answer.findings[0]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_wrong_answer_is_no_figure(change: str) -> None:
    answer, number = right()
    CHANGES[change](answer)
    with pytest.raises(PeerError, match="order o"):
        require_right(answer, (number, EVERYBODY), REACH)


def test_answer_to_nothing_is_no_figure() -> None:
    with pytest.raises(PeerError, match="answered twice, or never sent"):
        require_right(right()[0], None, REACH)


async def test_peer_that_does_not_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"gateway: ended with [0-9]+ before it was ready[^$]*magic given"):
        await asyncio.wait_for(
            entered(Stage("magic", tmp_path, channel_count=1, in_flight_max=1)), DEADLINE_S
        )


async def entered(stage: Stage) -> None:
    async with stage:
        pass


async def test_peer_that_fails_on_the_way_is_told(tmp_path: Path) -> None:
    async with Stage("rpc", tmp_path, channel_count=1, in_flight_max=4) as stage:
        psutil.Process(stage.pids["desk"]).kill()
        with pytest.raises((RuntimeError, ExceptionGroup)):
            await asyncio.wait_for(stage.queries_per_second([EVERYBODY]), DEADLINE_S)
