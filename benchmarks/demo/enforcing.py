"""Enforcing: eight courts lay claims over what was found: they freeze, renew, release, value and deduct.

One stage after the other, each for all its cases at once, with a rest for the outcomes in between. What came
is in the courthouse's docket. It judges only what has to be looked at on the way.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from benchmarks.demo.cases import Case
from benchmarks.demo.courthouse import Courthouse
from chakong.gateway.v1.controls_pb2 import (
    CASE_EVENT_KIND_CREDITED,
    CASE_EVENT_KIND_VALUED,
    ControlOrder,
    HoldView,
    PlanFreezeRequest,
    PlanStep,
)
from chakong.type.v1.hold_pb2 import (
    CONTROL_KIND_DEDUCT,
    CONTROL_KIND_FREEZE,
    CONTROL_KIND_RELEASE,
    CONTROL_KIND_RENEW,
    HOLD_LIFE_EFFECTIVE,
    ControlKind,
)
from runtime.clock import now_ns

PLAN_TRIES_MAX = 5
DETAILS_KEY = "grpc-status-details-bin"
# Some courts make the orders of a plan themselves, for a month, and renew before it ends.
SHORT_MONTHS = 1
EXPIRING_DAYS = 40
# Who is done what to, by the number of the case: (of so many, these).
Choice = tuple[int, tuple[int, ...]]
ORDERED_THEMSELVES: Choice = (8, (3, 6))
CREDITED: Choice = (5, (1,))
RELEASED: Choice = (10, (2,))
DEDUCTED: Choice = (5, (3,))
VALUED: Choice = (5, (4,))
# What was deducted from one hold in three is still on its way to the court at the end.
ON_ITS_WAY_ONE_IN = 3


@dataclass(frozen=True, slots=True)
class Deducting:
    """Institutions that can deduct, and kinds of account from which nothing may be."""

    institutions: frozenset[int]
    exempt_kinds: frozenset[str]

    def allows(self, hold: HoldView) -> bool:
        """Whether there is money under it that may be transferred."""
        place = hold.property
        is_able = place.institution in self.institutions and place.kind not in self.exempt_kinds
        return is_able and hold.controlled_fen > 0


class Enforcement:
    """One run. `stages`: name, and when it began; the last is "end"."""

    def __init__(self, cases: Sequence[Case], house: Courthouse, deducting: Deducting) -> None:
        self.cases = cases
        self.house = house
        self.stages: list[tuple[str, int]] = []
        # What reached the courts: by claim, and of that what came out of a deduction, by hold.
        self.credited_fen: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.credited_of_hold_fen: dict[int, int] = {}
        self.renewed_count = 0
        self.approved_count = 0
        self._deducting = deducting
        self._case_of = {case.claim.case_number: case for case in cases}

    async def run(self, tell: Callable[[str], None]) -> None:
        """All stages; `tell` gets each in words. grpc.RpcError, TimeoutError when the gateway is gone."""
        async with asyncio.TaskGroup() as tasks:
            watching = [tasks.create_task(self.house.watch(court)) for court in self.house.callers.courts]
            for name, told, stage in self._plan():
                tell(told)
                self.stages.append((name, now_ns()))
                await stage()
                await self.house.rest()
            tell("Waiting for the last outcomes")
            await self.house.settle()
            self.stages.append(("end", now_ns()))
            for task in watching:
                task.cancel()

    def _plan(self) -> Iterator[tuple[str, str, Callable[[], Awaitable[None]]]]:
        yield "claim", f"Registering {len(self.cases):,} claims", self._claim
        yield "freeze", "Laying them over the answers, and freezing", self._freeze
        yield "approve", "Officers approve what is above the limit", self._approve
        yield "check", "Comparing cover with the money that was found", self._check_frozen
        yield "renew", f"Renewing what ends within {EXPIRING_DAYS} days", self._renew
        yield "credit", "Debtors pay a half: what is held too much is released", self._credit
        yield "release", "Courts let go of holds", self._release
        yield "value", "Courts value things", self._value
        yield "deduct", "Deducting", self._deduct
        yield "receive", "What was deducted reaches the courts", self._receive

    async def _claim(self) -> None:
        async def put(case: Case) -> None:
            await self.house.callers.courts[case.court].put_claim(case.claim)

        await self.house.each(self.cases, put)

    async def _freeze(self) -> None:
        orders: defaultdict[str, list[ControlOrder]] = defaultdict(list)

        async def freeze(numbered: tuple[int, Case]) -> None:
            number, case = numbered
            request = PlanFreezeRequest(
                claim_id=case.claim.claim_id, mandate=case.mandate, notice_number=case.notice
            )
            if _is_chosen(ORDERED_THEMSELVES, number):
                plan = await self.house.callers.courts[case.court].plan(request)
                orders[case.court] += [_freeze(case, place, step) for place, step in enumerate(plan.steps)]
            else:
                await self._carry_out(case, request)

        await self.house.each(enumerate(self.cases), freeze)
        await self.house.order(orders)

    async def _carry_out(self, case: Case, request: PlanFreezeRequest) -> None:
        """Have the plan shown, and carry it out as it was shown; when it has changed meanwhile, again."""
        controls = self.house.callers.courts[case.court]
        for _ in range(PLAN_TRIES_MAX):
            request.carry_out = b""
            request.carry_out = (await controls.plan(request)).plan_hash
            sent_ns = now_ns()
            try:
                done = await controls.plan(request)
            except grpc.RpcError as error:
                if reason_of(error) != "PLAN_CHANGED":
                    raise
                continue
            self.house.docket.ordered(done.control_ids, sent_ns)
            return
        self.house.docket.faults["plan_never_stood_still"] += 1

    async def _approve(self) -> None:
        docket = self.house.docket

        async def approve(control_id: int) -> None:
            waiting = docket.waiting[control_id]
            court = self._case_of[docket.holds[waiting.hold_id].case_number].court
            await self.house.callers.officers[court].approve(waiting.order_id, waiting.requested_fen)
            self.approved_count += 1

        await self.house.each(list(docket.waiting), approve)
        await self.house.until(lambda: not docket.waiting, "approval_not_told")

    async def _check_frozen(self) -> None:
        """Nobody is short while money of his is free, and nothing is held too much. Where a FREEZE has no
        outcome yet nothing is said."""
        docket = self.house.docket
        busy = {hold.case_number for hold in docket.holds.values() if not hold.controls[0].outcome}
        views, faults = await self.house.claims(), docket.faults
        for case in self.cases:
            view = views[case.court, case.claim.claim_id]
            reachable_fen = min(view.due_fen, case.free_fen)
            is_done = case.is_alone and case.claim.case_number not in busy
            faults["short_while_money_is_free"] += is_done and view.cover_fen < reachable_fen
            faults["over_after_freezing"] += view.cover_fen > view.due_fen

    async def _renew(self) -> None:
        orders: dict[str, list[ControlOrder]] = {}
        for court, controls in self.house.callers.courts.items():
            found = await controls.holds(expiring_within_days=EXPIRING_DAYS)
            orders[court] = [self._on(hold, CONTROL_KIND_RENEW) for hold in found]
            self.renewed_count += len(found)
        await self.house.order(orders)

    async def _credit(self) -> None:
        views = await self.house.claims()

        async def credit(case: Case) -> None:
            key = (case.court, case.claim.claim_id)
            if amount_fen := views[key].due_fen // 2:
                self.credited_fen[key] += amount_fen
                await self.house.record(case, CASE_EVENT_KIND_CREDITED, amount_fen)

        await self.house.each(self._chosen(CREDITED), credit)

    async def _release(self) -> None:
        """Of each the largest."""
        held = self._held()
        orders: defaultdict[str, list[ControlOrder]] = defaultdict(list)
        for case in self._chosen(RELEASED):
            for hold in held[case.claim.case_number][:1]:
                orders[case.court].append(self._on(hold, CONTROL_KIND_RELEASE, whole=True))
        await self.house.order(orders)

    async def _value(self) -> None:
        """At what things are registered at."""
        held = self._held()

        async def value(case: Case) -> None:
            for hold in held[case.claim.case_number]:
                worth_fen = case.worth_fen.get((hold.property.institution, hold.property.locator), 0)
                if hold.whole and worth_fen:
                    await self.house.record(case, CASE_EVENT_KIND_VALUED, worth_fen, hold.hold_id)

        await self.house.each(self._chosen(VALUED), value)

    async def _deduct(self) -> None:
        """All of the largest account, half of the others."""
        held = self._held()
        orders: defaultdict[str, list[ControlOrder]] = defaultdict(list)
        for case in self._chosen(DEDUCTED):
            money = [hold for hold in held[case.claim.case_number] if self._deducting.allows(hold)]
            for place, hold in enumerate(money):
                order = self._on(hold, CONTROL_KIND_DEDUCT, whole=place == 0)
                if place:
                    order.amount_fen = -(-hold.controlled_fen // 2)
                orders[case.court].append(order)
        await self.house.order(orders)

    async def _receive(self) -> None:
        deducted = [hold for hold in self.house.docket.holds.values() if hold.deducted_fen]

        async def receive(hold: HoldView) -> None:
            case = self._case_of[hold.case_number]
            self.credited_fen[case.court, case.claim.claim_id] += hold.deducted_fen
            self.credited_of_hold_fen[hold.hold_id] = hold.deducted_fen
            await self.house.record(case, CASE_EVENT_KIND_CREDITED, hold.deducted_fen, hold.hold_id)

        await self.house.each([one for one in deducted if one.hold_id % ON_ITS_WAY_ONE_IN], receive)

    def _chosen(self, choice: Choice) -> list[Case]:
        return [case for number, case in enumerate(self.cases) if _is_chosen(choice, number)]

    def _held(self) -> defaultdict[str, list[HoldView]]:
        """What is in force, by case; the largest first."""
        found: defaultdict[str, list[HoldView]] = defaultdict(list)
        holds = self.house.docket.holds.values()
        for hold in sorted(holds, key=lambda one: (-one.controlled_fen, one.hold_id)):
            if hold.life == HOLD_LIFE_EFFECTIVE:
                found[hold.case_number].append(hold)
        return found

    def _on(self, hold: HoldView, kind: ControlKind.ValueType, *, whole: bool = False) -> ControlOrder:
        """An order on a hold, by the mandate of its case."""
        case = self._case_of[hold.case_number]
        word = ControlKind.Name(kind).removeprefix("CONTROL_KIND_").lower()
        return ControlOrder(
            order_id=f"{case.claim.claim_id}-{word}-{hold.hold_id}",
            court_code=case.court,
            mandate=case.mandate,
            notice_number=case.notice,
            kind=kind,
            claim_id=case.claim.claim_id,
            hold_id=hold.hold_id,
            whole=whole,
        )


def _freeze(case: Case, place: int, step: PlanStep) -> ControlOrder:
    """A court's own order of what a plan shows, for a short term."""
    return ControlOrder(
        order_id=f"{case.claim.claim_id}-freeze-{place}",
        court_code=case.court,
        mandate=case.mandate,
        notice_number=case.notice,
        kind=CONTROL_KIND_FREEZE,
        claim_id=case.claim.claim_id,
        subject=step.subject,
        property=step.property,
        available_fen=None if step.whole else step.expected_fen,
        ceiling_fen=step.ceiling_fen,
        whole=step.whole,
        months=SHORT_MONTHS,
    )


def _is_chosen(choice: Choice, number: int) -> bool:
    of, these = choice
    return number % of in these


def reason_of(error: grpc.RpcError) -> str:
    """The name of the rule by which a call was refused; empty: it was no refusal."""
    metadata: Any = error.trailing_metadata() or ()
    for key, value in metadata:
        if key == DETAILS_KEY:
            for detail in status_pb2.Status.FromString(value).details:
                told = error_details_pb2.ErrorInfo()
                if detail.Unpack(told):
                    return str(told.reason)
    return ""
