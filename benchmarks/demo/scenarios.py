"""Scenarios: how long each may take, and what it must end in beyond the common invariants.

Data only. Who answers in which scenario, by docs/scenarios.md, is benchmarks.demo.weather's; the simulator
makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.demo.invariants import (
    INCAPABLE_COUNT,
    QUERY_COUNT,
    WIRE_COUNT_CALM,
    Invariant,
    state_is,
    truth_compared,
    wire_is,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a scenario is run and judged.

    `deadline_s` is every inquiry's; a run not done after `limit_s` is stopped and judged as it stands.
    `late_s`: how long answers of stage LATE are still watched after the last FINAL one.
    """

    deadline_s: int
    limit_s: float
    late_s: float
    invariants: Mapping[str, Invariant]
    gateway: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    # Options of the simulator.
    books: tuple[str, ...] = ()
    # How long each stage of enforcing waits for outcomes before the next begins, and how long the last may
    # take.
    stage_s: float = 30.0
    settle_s: float = 120.0


CALM: Mapping[str, Invariant] = {
    "queries_on_wire_as_published": wire_is(WIRE_COUNT_CALM),
    "nothing_late": state_is("LATE", 0),
    "nothing_unreachable": state_is("UNREACHABLE", 0),
    "nothing_refused": state_is("REFUSED", 0),
    "truth_compared": truth_compared(QUERY_COUNT - INCAPABLE_COUNT),
}

# Above 40 million yuan an officer approves; where events are polled, a second is short enough for a demo.
CONTROLS = {"approval_above_fen": 4_000_000_000, "poll_every_s": 1.0}

# A calm day is never judged by service hours; only `night` is about them.
ANY_HOUR: Mapping[str, Mapping[str, object]] = {"line": {"service_hours": False}, "controls": CONTROLS}

# Where some do not answer, how much was compared tells how much was answered.
FAULTS: Mapping[str, Invariant] = {"truth_compared": truth_compared(QUERY_COUNT * 9 // 10)}

# How the institutions' books misbehave.
TROUBLED, LOST_REPLY, ECHO = (("--books", name) for name in ("troubled", "lost_reply", "echo"))

PLANS: Mapping[str, Plan] = {
    "calm": Plan(deadline_s=120, limit_s=130, late_s=0, invariants=CALM, gateway=ANY_HOUR),
    "storm": Plan(60, 90, late_s=5, invariants=FAULTS, gateway=ANY_HOUR, books=TROUBLED, stage_s=5.0),
    "outage": Plan(60, 90, late_s=5, invariants=FAULTS, gateway=ANY_HOUR, books=LOST_REPLY, stage_s=5.0),
    "liars": Plan(60, 90, late_s=5, invariants=FAULTS, gateway=ANY_HOUR, books=ECHO, stage_s=5.0),
    "night": Plan(45, 75, late_s=2, invariants=FAULTS, gateway={"controls": CONTROLS}),
}
