"""Reckoning: due, cover and exposure a second time, and every difference by its name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from benchmarks.demo.cases import Case
from benchmarks.demo.courthouse import Callers, Courthouse
from benchmarks.demo.docket import Docket
from benchmarks.demo.enforcing import Deducting, Enforcement
from benchmarks.demo.reckoning import BEIJING, Holdings, due_fen, faults_of, life_counts
from chakong.gateway.v1.controls_pb2 import Claim, ClaimView, ControlView, HoldView, ReconcileResponse
from chakong.type.v1.hold_pb2 import (
    CONTROL_KIND_FREEZE,
    CONTROL_OUTCOME_DONE,
    HOLD_END_DEDUCTED,
    HOLD_LIFE_EFFECTIVE,
    HOLD_LIFE_ENDED,
)
from chakong.type.v1.type_pb2 import Mandate

if TYPE_CHECKING:
    from benchmarks.controls import Controls

NOON_NS = int(datetime(2026, 11, 22, 12, tzinfo=BEIJING).timestamp()) * 1_000_000_000
CLAIM = Claim(claim_id="c1", court_code="X1", case_number="案1", principal_fen=1_000)
CASE = Case("X1", CLAIM, Mandate(), "n", 1_000, {}, is_alone=True)
KEY = ("X1", "c1")


def hold(hold_id: int, **fields: Any) -> HoldView:
    freeze = ControlView(control_id=hold_id, kind=CONTROL_KIND_FREEZE, outcome=CONTROL_OUTCOME_DONE)
    made = HoldView(hold_id=hold_id, case_number="案1", life=HOLD_LIFE_EFFECTIVE, controls=[freeze])
    made.MergeFrom(HoldView(**fields))
    return made


HOLDS = (
    hold(1, ceiling_fen=500, controlled_fen=300),
    hold(2, whole=True, value_fen=200),
    hold(3, life=HOLD_LIFE_ENDED, end=HOLD_END_DEDUCTED, deducted_fen=90),
)
RENEWED = hold(2, whole=True, value_fen=200, effective_until=20271122)
VIEW = ClaimView(due_fen=940, cover_fen=530, gap_fen=410, exposed_fen=200)


def enforcement() -> Enforcement:
    """Of the 90 fen deducted 60 have reached the court."""
    docket = Docket()
    docket.take(HOLDS, 1)
    house = Courthouse(Callers({}, {}, cast("Controls", None)), docket, 1, 1)
    made = Enforcement([CASE], house, Deducting(frozenset(), frozenset()))
    made.credited_fen[KEY] = made.credited_of_hold_fen[3] = 60
    return made


SAID = Holdings({KEY: VIEW}, {one.hold_id: one for one in HOLDS}, (ReconcileResponse(hold_count=3),), NOON_NS)


def test_what_agrees_has_no_fault() -> None:
    assert faults_of(enforcement(), SAID) == {}


def view(**fields: int) -> ClaimView:
    changed = ClaimView()
    changed.CopyFrom(VIEW)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda said: replace(said, claims={}), "claim_lost"),
        (lambda said: replace(said, claims={KEY: view(due_fen=941, gap_fen=411)}), "due_differs"),
        (
            lambda said: replace(said, claims={KEY: view(cover_fen=531, gap_fen=409)}),
            "cover_differs_from_holds",
        ),
        (lambda said: replace(said, claims={KEY: view(gap_fen=0)}), "gap_differs"),
        (lambda said: replace(said, claims={KEY: view(exposed_fen=1)}), "exposed_differs_from_holds"),
        (lambda said: replace(said, claims={KEY: view(flight_fen=1)}), "flight_when_quiet"),
        (lambda said: replace(said, holds={**said.holds, 2: RENEWED}), "told_otherwise"),
        (lambda said: replace(said, reconciled=(ReconcileResponse(hold_count=2),)), "book_of_another_size"),
    ],
)  # fmt: skip
def test_a_difference_is_named(change: Callable[[Holdings], Holdings], fault: str) -> None:
    assert faults_of(enforcement(), change(SAID)) == {fault: 1}


def test_a_hold_that_nobody_was_told_of_is_named() -> None:
    more = replace(SAID, holds={**SAID.holds, 4: hold(4, life=HOLD_LIFE_ENDED, end=HOLD_END_DEDUCTED)})
    assert faults_of(enforcement(), more)["holds_not_told"] == 1


@pytest.mark.parametrize(
    ("credited_fen", "wanted_fen"), [(0, 1_000_000 + 50 + 350), (400, 1_000_000), (2_000_000, 0)]
)
def test_due_is_principal_costs_and_interest_less_credits(credited_fen: int, wanted_fen: int) -> None:
    claim = Claim(
        principal_fen=1_000_000, costs_fen=50, interest_base_fen=1_000_000, interest_ppm_per_day=175
    )
    claim.interest_from = 20261120
    assert due_fen(replace(CASE, claim=claim), credited_fen, NOON_NS) == wanted_fen


def test_every_life_is_named() -> None:
    assert life_counts(HOLDS) == {
        "REQUESTED": 0, "SENT": 0, "UNKNOWN": 0, "QUEUED": 0, "EFFECTIVE": 2, "ENDED": 1,
    }  # fmt: skip
