"""Holding: the second half of a run: the courts enforce what the answers found, and everything is compared at
the end.

It puts the parts together and notes the course meanwhile. It prints no summary and judges nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.controls import Controls
from benchmarks.demo.cases import Case, Law, cases
from benchmarks.demo.courthouse import Callers, Courthouse
from benchmarks.demo.docket import Docket
from benchmarks.demo.enforcing import Deducting, Enforcement
from benchmarks.demo.exchange import Exchange
from benchmarks.demo.hold_figures import HoldFigures, HoldMoment, Money
from benchmarks.demo.holds_report import HoldsReport, holds_report
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.reckoning import BEIJING, Holdings, ask, difference_count, faults_of, life_counts
from benchmarks.demo.scenarios import Plan
from benchmarks.resident import Resident
from benchmarks.stack import Stack
from runtime.clock import now_ns
from runtime.data import account_kinds, institutions, items

LOOK_EVERY_S = 0.25
# No officer of the sample has this id.
APPROVER = "president"
# Interest has run for a quarter of a year.
INTEREST_DAYS = 90


@dataclass(frozen=True, slots=True)
class Held:
    """`faults`: name -> how often, none of them 0. `peaks`: name of the process -> bytes."""

    report: HoldsReport
    figures: HoldFigures
    faults: Mapping[str, int]
    peaks: Mapping[str, int]


async def hold(stack: Stack, exchange: Exchange, plan: Plan, progress: RunProgress) -> Held:
    """Enforce. An ExceptionGroup has what went wrong, as in `measure`."""
    docket = Docket()
    resident = Resident(stack.pids)
    moments: list[HoldMoment] = []
    async with _callers(stack, exchange) as callers:
        enforcement = Enforcement(
            _cases(exchange), Courthouse(callers, docket, plan.stage_s, plan.settle_s), _deducting()
        )
        async with asyncio.TaskGroup() as tasks:
            looking = [
                tasks.create_task(resident.watch()),
                tasks.create_task(_look(stack, docket, moments, progress, now_ns())),
            ]
            await enforcement.run(progress.stage)
            progress.stage("Comparing the ledger with the books of all institutions that were touched")
            said = await ask(enforcement, now_ns())
            for task in looking:
                task.cancel()
    report = holds_report(
        said.claims.values(), life_counts(said.holds.values()), difference_count(said.reconciled)
    )
    faults = +(docket.faults + faults_of(enforcement, said))
    return Held(report, _figures(enforcement, said, moments), faults, dict(resident.peaks))


@asynccontextmanager
async def _callers(stack: Stack, exchange: Exchange) -> AsyncIterator[Callers]:
    async with AsyncExitStack() as exits:
        codes = list(exchange.inboxes)
        courts = {code: await exits.enter_async_context(stack.court(code)) for code in codes}
        officers = {code: await exits.enter_async_context(stack.officer(code, APPROVER)) for code in codes}
        operator = await exits.enter_async_context(stack.operator())
        yield Callers(
            {code: Controls(court.channel) for code, court in courts.items()},
            {code: Controls(officer.channel) for code, officer in officers.items()},
            Controls(operator.channel),
        )


async def _look(
    stack: Stack, docket: Docket, moments: list[HoldMoment], progress: RunProgress, started_ns: int
) -> None:
    """Note how far it is, until cancelled. RuntimeError when a process of the stack has died."""
    while True:
        stack.require_alive()
        at_s = (now_ns() - started_ns) / 1e9
        moments.append(HoldMoment(at_s, docket.ordered_count, docket.ended_count, docket.held_fen))
        progress.show_holds(moments[-1])
        await asyncio.sleep(LOOK_EVERY_S)


def _cases(exchange: Exchange) -> list[Case]:
    began = datetime.fromtimestamp(exchange.started_ns // 1_000_000_000, UTC).astimezone(BEIJING)
    interest_from = int((began - timedelta(days=INTEREST_DAYS)).strftime("%Y%m%d"))
    answered = {
        code: [(inquiry, inbox.answers[inquiry_id]) for inquiry_id, inquiry in exchange.answered(code)]
        for code, inbox in exchange.inboxes.items()
    }
    return cases(exchange.sample, answered, Law.of(items(), account_kinds(), institutions()), interest_from)


def _deducting() -> Deducting:
    return Deducting(
        frozenset(row["index"] for row in institutions() if "DEDUCT" in row["can"]),
        frozenset(row["key"] for row in account_kinds() if not row["deduct"]),
    )


def _figures(enforcement: Enforcement, said: Holdings, moments: list[HoldMoment]) -> HoldFigures:
    docket = enforcement.house.docket
    began_ns = enforcement.stages[0][1]
    return HoldFigures(
        moments=tuple(moments),
        stages=tuple((name, (at_ns - began_ns) / 1e9) for name, at_ns in enforcement.stages),
        outcomes=dict(docket.outcomes),
        latencies_ms=tuple(docket.latencies_ms),
        money=_money(said),
        institution_count=len(said.reconciled),
        renewed_count=enforcement.renewed_count,
        approved_count=enforcement.approved_count,
        indivisible_count=sum(one.indivisible for one in said.claims.values()),
        overtaken_count=enforcement.house.overtaken_count,
        objected_count=sum(bool(one.objections) for one in said.holds.values()),
    )


def _money(said: Holdings) -> Money:
    views = said.claims.values()
    return Money(
        due_fen=sum(one.due_fen for one in views),
        controlled_fen=sum(one.controlled_fen for one in said.holds.values() if not one.end),
        valued_fen=sum(one.value_fen for one in said.holds.values() if one.whole and not one.end),
        deducted_fen=sum(one.deducted_fen for one in said.holds.values()),
        credited_fen=sum(one.credited_fen for one in views),
        gap_fen=sum(one.gap_fen for one in views),
        exposed_fen=sum(one.exposed_fen for one in views),
    )
