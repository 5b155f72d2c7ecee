"""Seeded world: whole days of courts, of endpoints with every fault, and of crashes, on the compiled Engine.

The same seed is the same day; a failure names its seed. Days are also played on Engines that are broken on
purpose, for a world that finds no fault there would find none anywhere.
"""

from typing import Any

import pytest
from google.protobuf.message import DecodeError

from chakong.institution.v1 import institution_pb2 as institution
from gateway._core import Engine
from tests.whole.day import Day

SEEDS = 240
PARTS = 8
# A fault that is worth a test shows within so many days.
BROKEN_SEEDS = 25


class Broken:
    """The compiled Engine behind a face that a subclass breaks."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.engine = Engine(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


class TakesSilenceForNothing(Broken):
    """What was not found counts as not there: UNAVAILABLE is dropped from a reply."""

    def settle(self, endpoint: int, reply: bytes, now_ns: int) -> Any:
        return self.engine.settle(endpoint, _without_unavailable(reply), now_ns)


class ForgetsAnswers(Broken):
    """Loses what an admission that is read again had been answered."""

    def admit(self, frame: bytes, seq: int, now_ns: int, answered: bytes = b"") -> None:
        self.engine.admit(frame, seq, now_ns)


class BeginsAgain(Broken):
    """Counts revisions from 1 after each start."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"revision_base": 0}))


class OverfillsEndpoints(Broken):
    """Sends one batch more than an endpoint takes."""

    def open_endpoint(self, endpoint: int, in_flight_max: int) -> None:
        self.engine.open_endpoint(endpoint, in_flight_max + 1)


class NeverAdvances(Broken):
    """Lets no deadline come."""

    def advance(self, now_ns: int) -> None:
        return


def play(seed: int, made: Any = Engine) -> Day:
    try:
        day = Day(seed, made)
        day.play()
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise
    return day


@pytest.mark.parametrize("part", range(PARTS))
def test_every_seeded_day_ends_as_it_must(part: int) -> None:
    days = [play(seed) for seed in range(part, SEEDS, PARTS)]
    assert sum(day.ledger.answer_count for day in days) > len(days)
    assert any(day.life for day in days)


def test_the_same_seed_is_the_same_day() -> None:
    assert play(3).trace == play(3).trace
    assert play(3).trace != play(4).trace


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (TakesSilenceForNothing, "NONE at"),
        (ForgetsAnswers, "told again"),
        (BeginsAgain, "revision"),
        (OverfillsEndpoints, "in flight"),
        (NeverAdvances, "does not end"),
    ],
)
def test_a_broken_engine_is_found_out(broken: type[Broken], finding: str) -> None:
    with pytest.raises(AssertionError, match=finding) as found:
        play_some(broken)
    assert found.value.__notes__[0].startswith("seed ")


def play_some(made: Any) -> None:
    for seed in range(BROKEN_SEEDS):
        play(seed, made)


def _without_unavailable(message: bytes) -> bytes:
    try:
        reply = institution.Reply.FromString(message)
    except DecodeError:
        return message
    said = [finding for finding in reply.findings if finding.outcome != institution.OUTCOME_UNAVAILABLE]
    del reply.findings[:]
    reply.findings.extend(said)
    return reply.SerializeToString()
