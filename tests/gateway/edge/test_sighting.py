"""Sighting: every answer for a case with a claim is told, in order, over failures and restarts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2, ledger_pb2
from chakong.type.v1 import type_pb2
from gateway.edge import sighting as module
from gateway.edge.journal_schema import ANSWER, Frame
from gateway.edge.sighting import Sighting
from tests.gateway.edge.study import MemoryJournal, Study, open_study
from tests.gateway.holds.world import CASE, COURT, bank_indexes, person

if TYPE_CHECKING:
    from gateway._core import Answers


@dataclass(frozen=True, slots=True)
class Given:
    """What the Engine hands out."""

    court: str
    message: bytes


def found(number: int, case_number: str = CASE) -> Given:
    """An answer that tells of one more account."""
    debtor = person()
    record = type_pb2.Record(
        item=1,
        locator=f"6222{number}",
        kind="personal",
        amount_fen=number,
        available_fen=number,
        holder_name=debtor.name,
        holder_number=debtor.id_number,
    )
    finding = gateway_pb2.Finding(
        institution=bank_indexes()[0], state=type_pb2.END_STATE_FOUND, records=[record]
    )
    answer = gateway_pb2.Answer(inquiry_id=number, case_number=case_number, findings=[finding])
    return Given(COURT, journal_pb2.Answers(answers=[answer]).SerializeToString())


def store(study: Study, given: Given) -> int:
    return study.journal.store(Frame(ANSWER, given.message, 1, given.court))


@asynccontextmanager
async def sighting(study: Study) -> AsyncIterator[Sighting]:
    made = Sighting(study.desk, cast("Any", study.journal))
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def publish(study: Study, made: Sighting, number: int, case_number: str = CASE) -> int:
    given = found(number, case_number)
    seq = store(study, given)
    made.publish(seq, cast("Answers", given))
    return seq


def told(study: Study) -> list[str]:
    """Locators, in the order in which they were told."""
    return [
        sighted.property.locator
        for frame in study.journal.frames
        if frame.kind != ANSWER
        for fact in ledger_pb2.Step.FromString(frame.body).facts
        for sighted in fact.sighted.sightings
    ]


async def test_answers_of_cases_with_a_claim_are_told_in_their_order() -> None:
    async with open_study() as study, sighting(study) as made:
        await study.claim()
        for number in range(1, 5):
            publish(study, made, number)
        last = publish(study, made, 9, "another case")
        await study.until(lambda: study.desk.answers_seq == last)
        assert told(study) == ["62221", "62222", "62223", "62224"]
        assert made.behind_frames == 0


async def test_without_a_claim_nothing_is_kept_or_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_study() as study, sighting(study) as made:
        monkeypatch.setattr(study.journal, "read", None)
        for number in range(1, 600):
            last = publish(study, made, number)
        await study.until(lambda: study.desk.answers_seq == last)


async def test_a_lost_step_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.0)
    async with open_study() as study, sighting(study) as made:
        await study.claim()
        study.journal.failures = 2
        last = publish(study, made, 1)
        await study.until(lambda: study.desk.answers_seq == last)
        assert told(study) == ["62221"]


async def test_what_is_not_kept_is_read_from_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FRAMES_KEPT", 3)
    async with open_study() as study, sighting(study) as made:
        await study.claim()
        for number in range(1, 31):
            last = publish(study, made, number)
        await study.until(lambda: study.desk.answers_seq == last)
        assert told(study) == [f"6222{number}" for number in range(1, 31)]


async def test_what_was_durable_and_not_told_is_told_after_a_restart() -> None:
    journal = MemoryJournal()
    async with open_study(journal) as study, sighting(study) as made:
        await study.claim()
        seq = publish(study, made, 1)
        await study.until(lambda: study.desk.answers_seq == seq)
        await study.claim(2_000_00)
    # The process ends between the answer's frame and the step.
    store(study, found(2))
    async with open_study(journal) as again:
        assert again.desk.answers_seq == seq
        async with sighting(again) as made:
            await study.until(lambda: told(again) == ["62221", "62222"])
            await study.until(lambda: made.behind_frames == 0)
