"""Trial: what the fixture does not name ends a check as not run; what is void or never answered fails it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chakong.institution.v1 import institution_pb2
from conformance.fixture import Fixture
from conformance.line import Line, channel_to
from conformance.replies import Said
from conformance.trial import TRIES, Trial
from conformance.verdict import FailedError, NotRunError
from runtime.clock import now_ns
from tests.conformance.conftest import HUB
from tests.conformance.twisting import Twist, twisted


@contextmanager
def trial_at(address: str, fixture: Fixture) -> Iterator[Trial]:
    with channel_to(address, fixture) as channel:
        yield Trial(fixture, Line(channel, fixture), now_ns, now_ns())


def test_what_the_fixture_leaves_out_is_not_run(calm: str, fixture: Fixture) -> None:
    bare = fixture.model_copy(
        update={
            "accounts": fixture.accounts.model_copy(update={"thing": None}),
            "institutions": (fixture.accounts.full.institution,),
            "test_bench": False,
        }
    )
    needs: list[Callable[[Trial], Any]] = [
        lambda trial: trial.account("thing"),
        lambda trial: trial.subject("failing"),
        Trial.hub,
        Trial.need_bench,
    ]
    with trial_at(calm, bare) as trial:
        for need in needs:
            with pytest.raises(NotRunError):
                need(trial)
        trial.need_deducting()


def test_refusals_are_asked_again_and_then_fail(calm: str, fixture: Fixture) -> None:
    refused: list[int] = []

    def says(batch: Any, reply: Any) -> None:
        refused.append(batch.id)
        if len(refused) != 2 * TRIES:
            reply.CopyFrom(institution_pb2.Reply(batch_id=batch.id, refusal="busy"))

    twist = Twist("Inquire", says=says)
    with twisted(calm, HUB, twist) as address, trial_at(address, fixture) as trial:
        with pytest.raises(FailedError, match="refusal: busy"):
            trial.ask(trial.about(trial.full))
        assert trial.said(trial.about(trial.full), trial.full.institution)[0] is Said.FOUND
    assert refused == list(range(1, 2 * TRIES + 1))


def test_bytes_that_are_no_reply_are_not_repeated(calm: str, fixture: Fixture) -> None:
    class Garbled(Line):
        def inquire(self, messages: Any) -> list[bytes]:
            return [b"\xff\xff hello"]

    with channel_to(calm, fixture) as channel:
        trial = Trial(fixture, Garbled(channel, fixture), now_ns, 1)
        with pytest.raises(FailedError) as caught:
            trial.ask(trial.about(trial.full))
    assert caught.value.came == "8 bytes that are none"


def test_two_replies_to_one_batch_are_none_to_the_other(calm: str, fixture: Fixture) -> None:
    def says(batch: Any, reply: Any) -> None:
        reply.batch_id = 1

    twist = Twist("Inquire", says=says)
    with twisted(calm, HUB, twist) as address, trial_at(address, fixture) as trial:
        question = trial.about(trial.full)
        batches = [institution_pb2.Batch(id=number, entries=[question]) for number in (1, 2)]
        home = trial.full.institution
        with pytest.raises(FailedError, match="none to batch 2"):
            trial.all_replies([institution_pb2.Batch(institutions=[home]), *batches])


def test_events_are_read_to_the_end(calm: str, fixture: Fixture) -> None:
    with trial_at(calm, fixture) as trial:
        first, _ = trial.orders.frozen(trial.full, trial.courts[0])
        trial.orders.frozen(trial.full, trial.courts[1])
        cursor = trial.last_seq()
        trial.orders.release(first)
        seqs = [event.seq for event in trial.events_after(cursor)]
        trial.orders.let_go()
    assert seqs[0] == cursor + 1
