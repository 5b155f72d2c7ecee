"""Running: the kit against an address, without its command line."""

from collections.abc import Iterable

from conformance.fixture import Fixture
from conformance.line import Line, channel_to
from conformance.registry import GATES, chosen
from conformance.runner import run
from conformance.trial import Trial
from conformance.verdict import State, Verdict
from runtime.clock import now_ns


def verdicts(
    address: str, fixture: Fixture, numbers: Iterable[int] = (), control_id_first: int = 0
) -> dict[int, Verdict]:
    """By number; all checks, or these."""
    with channel_to(address, fixture) as channel:
        trial = Trial(fixture, Line(channel, fixture), now_ns, control_id_first or now_ns())
        return {verdict.number: verdict for verdict in run(chosen(set(numbers)), trial, now_ns)}


def section(*hundreds: int) -> set[int]:
    """The numbers of these sections, and the gates before them."""
    wanted = {check.number for check in chosen(set()) if check.number // 100 in hundreds}
    return wanted | {gate for gate, last in GATES.items() if any(gate < one <= last for one in wanted)}


def failed(found: dict[int, Verdict]) -> set[int]:
    return {number for number, verdict in found.items() if verdict.state is State.FAILED}


def not_run(found: dict[int, Verdict]) -> set[int]:
    return {number for number, verdict in found.items() if verdict.state is State.NOT_RUN}
