"""Runner: each check has its verdict, a gate shuts what is behind it, and what was held is let go."""

from collections.abc import Callable, Iterator

import pytest

from chakong.type.v1.hold_pb2 import HOLD_LIFE_ENDED
from conformance.check import Check
from conformance.fixture import Fixture
from conformance.line import Line, channel_to
from conformance.runner import run
from conformance.trial import Trial
from conformance.verdict import FailedError, NotRunError, State
from runtime.clock import now_ns


@pytest.fixture
def trial(calm: str, fixture: Fixture) -> Iterator[Trial]:
    with channel_to(calm, fixture) as channel:
        yield Trial(fixture, Line(channel, fixture), now_ns, now_ns())


def check(number: int, run: Callable[[Trial], None]) -> Check:
    return Check(number, f"check {number}", "the contract", run)


def passes(_: Trial) -> None:
    """As it should be."""


def fails(_: Trial) -> None:
    raise FailedError("this", "that")


def cannot(_: Trial) -> None:
    raise NotRunError("no such account")


def test_each_check_has_its_verdict(trial: Trial) -> None:
    checks = [check(201, passes), check(202, fails), check(203, cannot)]
    verdicts = list(run(checks, trial, now_ns))
    assert [verdict.state for verdict in verdicts] == [State.PASSED, State.FAILED, State.NOT_RUN]
    assert (verdicts[1].expected, verdicts[1].came) == ("this", "that")
    assert verdicts[2].reason == "no such account"


def test_a_gate_that_fails_shuts_what_is_behind_it(trial: Trial) -> None:
    checks = [check(110, fails), check(201, fails), check(401, passes)]
    verdicts = list(run(checks, trial, now_ns))
    assert [verdict.state for verdict in verdicts] == [State.FAILED, State.NOT_RUN, State.PASSED]
    assert verdicts[1].reason == "check 110 has failed"


def test_what_a_check_holds_is_let_go_also_when_it_is_interrupted(trial: Trial) -> None:
    held: list[int] = []

    def interrupted(trial: Trial) -> None:
        held.append(trial.orders.frozen(trial.full, trial.courts[0], 100)[0].hold_id)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run([check(501, interrupted)], trial, now_ns))
    assert trial.statement(trial.full.institution, held[0]).life == HOLD_LIFE_ENDED
