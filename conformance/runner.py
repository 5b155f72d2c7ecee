"""Runner: one check after the other, and what is left behind let go after each.

It prints and writes nothing; whoever calls it gets each verdict as it comes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from conformance.check import Check
from conformance.registry import CONTROLS_FIRST, gate
from conformance.trial import Trial
from conformance.verdict import FailedError, NotRunError, State, Verdict

MILLISECOND_NS: Final = 1_000_000


def run(checks: Iterable[Check], trial: Trial, now_ns: Callable[[], int]) -> Iterator[Verdict]:
    """A verdict for each. What a check holds is let go also when it is interrupted."""
    failed: set[int] = set()
    for check in checks:
        shut = gate(check.number, failed)
        if shut:
            yield Verdict(check.number, State.NOT_RUN, reason=f"check {shut} has failed")
            continue
        begun_ns = now_ns()
        try:
            verdict = _tried(check, trial)
        finally:
            left = trial.orders.let_go() if check.number >= CONTROLS_FIRST else []
        if left and verdict.state is State.PASSED:
            expected, came = "a RELEASE afterwards", f"no outcome for {len(left)} holds, {left[0]} among them"
            verdict = Verdict(check.number, State.FAILED, expected, came)
        if verdict.state is State.FAILED:
            failed.add(check.number)
        yield replace(verdict, took_ms=(now_ns() - begun_ns) // MILLISECOND_NS)


def _tried(check: Check, trial: Trial) -> Verdict:
    try:
        check.run(trial)
    except FailedError as failed:
        return Verdict(check.number, State.FAILED, failed.expected, failed.came)
    except NotRunError as not_run:
        return Verdict(check.number, State.NOT_RUN, reason=not_run.reason)
    return Verdict(check.number, State.PASSED)
