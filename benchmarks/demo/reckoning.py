"""Reckoning: claims as the gateway states them, beside what its holds come to, and its holds beside the
institutions' books.

Due, cover and what is over are reckoned a second time from the holds and from what the courts did. Every
difference is a fault, counted by name. Pure but for asking; it shares no code with the gateway.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from benchmarks.controls import Controls
from benchmarks.demo.cases import Case
from benchmarks.demo.enforcing import Enforcement
from chakong.gateway.v1.controls_pb2 import ClaimView, HoldView, ReconcileResponse
from chakong.type.v1.hold_pb2 import CONTROL_OUTCOME_DONE, HOLD_LIFE_EFFECTIVE, HoldLife

BEIJING = timezone(timedelta(hours=8))
# Events may still be on their way, from those that are polled once a second.
RECONCILE_TRIES_MAX = 10
RECONCILE_EVERY_S = 1.0
PPM = 1_000_000
LIVES = ("REQUESTED", "SENT", "UNKNOWN", "QUEUED", "EFFECTIVE", "ENDED")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the gateway says at the end: claims by (court, claim id), holds by id, and the reconciliation."""

    claims: Mapping[tuple[str, str], ClaimView]
    holds: Mapping[int, HoldView]
    reconciled: Sequence[ReconcileResponse]
    now_ns: int


async def ask(enforcement: Enforcement, now_ns: int) -> Holdings:
    """Claims, holds and the reconciliation, now that all is quiet."""
    house = enforcement.house
    reconciled = await reconciliation(house.callers.operator)
    holds: dict[int, HoldView] = {}
    for controls in house.callers.courts.values():
        holds.update({hold.hold_id: hold for hold in await controls.holds(ended=True)})
    return Holdings(await house.claims(), holds, reconciled, now_ns)


async def reconciliation(operator: Controls) -> list[ReconcileResponse]:
    """The last word of all institutions with holds: asked again while they differ, a few times."""
    for _ in range(RECONCILE_TRIES_MAX - 1):
        found = await operator.reconcile()
        if not difference_count(found):
            return found
        await asyncio.sleep(RECONCILE_EVERY_S)
    return await operator.reconcile()


def difference_count(reconciled: Iterable[ReconcileResponse]) -> int:
    """Differences, and institutions that could not be asked."""
    return sum(len(one.differences) + bool(one.failure) for one in reconciled)


def faults_of(enforcement: Enforcement, said: Holdings) -> Counter[str]:
    """What does not agree."""
    faults: Counter[str] = Counter()
    covers, exposures = _covers(enforcement, said.holds.values()), _exposures(said.holds.values())
    for case in enforcement.cases:
        key = (case.court, case.claim.claim_id)
        view = said.claims.get(key)
        if view is None:
            faults["claim_lost"] += 1
            continue
        case_number = case.claim.case_number
        faults["due_differs"] += view.due_fen != due_fen(case, enforcement.credited_fen[key], said.now_ns)
        faults["cover_differs_from_holds"] += view.cover_fen != covers[case_number]
        faults["exposed_differs_from_holds"] += view.exposed_fen != exposures[case_number]
        faults["gap_differs"] += view.gap_fen != max(0, view.due_fen - view.cover_fen)
        faults["flight_when_quiet"] += view.flight_fen != 0
    told = enforcement.house.docket.holds
    faults["holds_not_told"] += len(said.holds.keys() ^ told.keys())
    for hold_id in said.holds.keys() & told.keys():
        faults["told_otherwise"] += _figures(said.holds[hold_id]) != _figures(told[hold_id])
    faults["book_of_another_size"] += sum(one.hold_count for one in said.reconciled) != _stated(said.holds)
    return +faults


def due_fen(case: Case, credited_fen: int, now_ns: int) -> int:
    """Principal, costs and interest to date, less what was credited."""
    claim = case.claim
    days = 0
    if claim.interest_from:
        today = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).astimezone(BEIJING).date()
        since = datetime.strptime(str(claim.interest_from), "%Y%m%d").replace(tzinfo=BEIJING).date()
        days = (today - since).days
    interest_fen = claim.interest_base_fen * claim.interest_ppm_per_day * days // PPM
    return max(0, claim.principal_fen + claim.costs_fen + interest_fen - credited_fen)


def life_counts(holds: Iterable[HoldView]) -> dict[str, int]:
    """How many holds stand where; every life is named."""
    counts = Counter(HoldLife.Name(hold.life).removeprefix("HOLD_LIFE_") for hold in holds)
    return {life: counts[life] for life in LIVES}


def _covers(enforcement: Enforcement, holds: Iterable[HoldView]) -> Counter[str]:
    """By case: what is controlled, things at their value, what was deducted and is on its way."""
    found: Counter[str] = Counter()
    for hold in holds:
        fen = hold.deducted_fen - enforcement.credited_of_hold_fen.get(hold.hold_id, 0)
        if hold.life == HOLD_LIFE_EFFECTIVE:
            fen += hold.value_fen if hold.whole else hold.controlled_fen
        found[hold.case_number] += fen
    return found


def _exposures(holds: Iterable[HoldView]) -> Counter[str]:
    """By case: how far holds may still fill up."""
    found: Counter[str] = Counter()
    for hold in holds:
        if not hold.end and not hold.whole:
            found[hold.case_number] += hold.ceiling_fen - hold.controlled_fen
    return found


def _stated(holds: Mapping[int, HoldView]) -> int:
    """Holds that stand in an institution's books: those whose FREEZE was done."""
    return sum(hold.controls[0].outcome == CONTROL_OUTCOME_DONE for hold in holds.values())


def _figures(hold: HoldView) -> tuple[int, ...]:
    return (
        hold.life,
        hold.ceiling_fen,
        hold.controlled_fen,
        hold.deducted_fen,
        hold.effective_until,
        hold.value_fen,
    )
