"""Listing: the last part of a run: courts list debtors of their cases, a unit screens everybody who was asked
about, debtors perform, and officers remove them as the blacklist proposes.

The blacklist is a process of its own that follows the tracker. Every answer and every change is compared with
what it must be. It says what begins and prints nothing else.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import grpc

from benchmarks.court import Court
from benchmarks.demo.acting import Unit
from benchmarks.demo.blacklist_report import BlacklistReport
from benchmarks.demo.debtors import Debtor, Expected, debtors, distinct, performing
from benchmarks.demo.exchange import Exchange
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.registering import registrations
from benchmarks.stack import Stack
from blacklist.rules.units import load
from chakong.blacklist.v1.changes_pb2 import ListAcknowledgementsRequest
from chakong.blacklist.v1.changes_pb2_grpc import ChangesStub
from chakong.blacklist.v1.listings_pb2_grpc import ListingsStub
from chakong.blacklist.v1.proposals_pb2 import (
    PROPOSAL_STATUS_OPEN,
    AcceptProposalRequest,
    ListProposalsRequest,
    Proposal,
)
from chakong.blacklist.v1.proposals_pb2_grpc import ProposalsStub
from chakong.blacklist.v1.screening_pb2 import OUTCOME_CLEAR, OUTCOME_LISTED, ScreenBulkRequest
from chakong.blacklist.v1.screening_pb2_grpc import ScreeningStub
from chakong.tracker.v1.case_pb2 import Event
from chakong.tracker.v1.tracker_pb2 import RecordEventRequest
from chakong.tracker.v1.tracker_pb2_grpc import TrackerStub
from chakong.type.v1.type_pb2 import Mandate, Subject
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.data import measure_texts

SCREENED_PER_MESSAGE: Final = 4_096
CALL_S_MAX: Final = 60.0
# After so long without everything being there, the run is judged as it stands.
PROPOSE_S_MAX: Final = 120.0
FRESH_S_MAX: Final = 30.0
LOOK_EVERY_S: Final = 0.05
SCREENING_UNIT: Final = "railway"


@dataclass(frozen=True, slots=True)
class Listed:
    """`faults`: name -> how often, none of them 0."""

    report: BlacklistReport
    faults: Mapping[str, int]
    seconds: float


async def list_debtors(stack: Stack, exchange: Exchange, progress: RunProgress) -> Listed:
    """RuntimeError when the blacklist does not start. An ExceptionGroup has what went wrong afterwards."""
    faults: Counter[str] = Counter()
    progress.stage("Starting the blacklist")
    await stack.start_blacklist()
    begun_ns = now_ns()
    today = date_of(begun_ns)
    asked = [inquiry for court in exchange.inboxes for _, inquiry in exchange.answered(court)]
    of_court = {
        court: debtors(registrations(court, [one for _, one in exchange.answered(court)], today), today)
        for court in exchange.inboxes
    }
    async with AsyncExitStack() as exits:
        units = [
            await exits.enter_async_context(Unit(key, stack.blacklist_unit(key)))
            for key in load(*measure_texts()).on(today)
        ]
        screening = next(one for one in units if one.key == SCREENING_UNIT)
        subjects = list(distinct(inquiry.subject for inquiry in asked))
        progress.stage("Courts list debtors; units screen, and take the changes")
        async with asyncio.TaskGroup() as tasks:
            for court, listed in of_court.items():
                tasks.create_task(_list(stack, court, listed, faults))
        everybody = [one for listed in of_court.values() for one in listed]
        hits = await _screen(screening, subjects, Expected(everybody), len(everybody), faults)
        await _follow(units, len(everybody), faults)
        progress.stage("Debtors perform, officers remove; units screen, and take the changes")
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(_perform(stack, court, listed, faults))
                for court, listed in of_court.items()
            ]
        removed = sum(task.result() for task in running)
        left = [one for listed in of_court.values() for one in listed if one not in performing(listed)]
        await _screen(screening, subjects, Expected(left), len(everybody) + removed, faults)
        await _follow(units, len(everybody) - removed, faults)
        acknowledged = await _acknowledged(stack)
    faults["unit_not_acknowledged"] += len(units) - acknowledged
    report = BlacklistReport(len(everybody), len(subjects), hits, removed, acknowledged)
    return Listed(report, +faults, (now_ns() - begun_ns) / 1e9)


async def _list(stack: Stack, court: str, listed: Sequence[Debtor], faults: Counter[str]) -> None:
    async with stack.blacklist_court(court) as client:
        stub = ListingsStub(client.channel)
        for one in listed:
            try:
                await stub.CreateListing(one.listing(), timeout=CALL_S_MAX)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                    raise
                faults["listing_refused"] += 1


async def _screen(
    unit: Unit, subjects: Sequence[Subject], expected: Expected, version: int, faults: Counter[str]
) -> int:
    """How many were found, each of whom must be expected, in a list of this version or a later one."""
    await _fresh(unit, version)

    def messages() -> Iterator[ScreenBulkRequest]:
        for start in range(0, len(subjects), SCREENED_PER_MESSAGE):
            yield ScreenBulkRequest(subjects=subjects[start : start + SCREENED_PER_MESSAGE], tag=start)

    hits = 0
    async for response in ScreeningStub(unit.channel).ScreenBulk(messages(), timeout=CALL_S_MAX):
        faults["screening_refused"] += bool(response.error.code)
        found = {one.index: one.outcome for one in response.findings}
        hits += sum(outcome == OUTCOME_LISTED for outcome in found.values())
        for index in range(response.screened):
            wanted = expected.outcome(subjects[response.tag + index])
            faults["screened_wrongly"] += found.get(index, OUTCOME_CLEAR) != wanted
    return hits


async def _fresh(unit: Unit, version: int) -> None:
    async with asyncio.timeout(FRESH_S_MAX):
        async for response in unit.versions(LOOK_EVERY_S):
            if response >= version:
                return


async def _follow(units: Sequence[Unit], count: int, faults: Counter[str]) -> None:
    """Each takes the changes since its cursor, and acknowledges them."""
    async with asyncio.TaskGroup() as tasks:
        for unit in units:
            tasks.create_task(unit.catch_up())
    faults["unit_has_another_list"] += sum(len(unit.listings) != count for unit in units)


async def _perform(stack: Stack, court: str, listed: Sequence[Debtor], faults: Counter[str]) -> int:
    """Debtors perform, the court records it in its cases, and its officers accept what is proposed; how many
    were removed."""
    paid = {one.case_number: one for one in performing(listed)}
    async with stack.tracker_court(court) as tracker, stack.blacklist_court(court) as client:
        for number, one in paid.items():
            event = Event(event_id="performed", case_number=number, kind="claim_satisfied")
            event.effective, event.officer = date_of(now_ns()), one.officer
            await TrackerStub(tracker.channel).RecordEvent(
                RecordEventRequest(event=event), timeout=CALL_S_MAX
            )
        proposals = await _proposed(client, len(paid))
        faults["proposal_missing"] += len(paid.keys() - {one.case_number for one in proposals})
        faults["proposed_without_performance"] += len({one.case_number for one in proposals} - paid.keys())
        for told in proposals:
            decision = Mandate(
                officer_id=paid[told.case_number].officer, instrument_number=f"{told.case_number}之二"
            )
            request = AcceptProposalRequest(
                act_id=f"accept-{told.proposal_id}", proposal_id=told.proposal_id, mandate=decision
            )
            await ProposalsStub(client.channel).AcceptProposal(request, timeout=CALL_S_MAX)
    return len(proposals)


async def _proposed(client: Court, count: int) -> list[Proposal]:
    """Open proposals, once there are so many, or as they stand."""
    found: list[Proposal] = []
    request = ListProposalsRequest(status=PROPOSAL_STATUS_OPEN, page_size=1_000)
    try:
        async with asyncio.timeout(PROPOSE_S_MAX):
            while len(found) < count:
                page = await ProposalsStub(client.channel).ListProposals(request, timeout=CALL_S_MAX)
                found = list(page.proposals)
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        # Whatever is missing is a fault of the run, not its end.
        return found
    return found


async def _acknowledged(stack: Stack) -> int:
    """Units that have acknowledged every removal, as an operator sees it."""
    async with stack.blacklist_operator() as operator:
        request = ListAcknowledgementsRequest()
        found = await ChangesStub(operator.channel).ListAcknowledgements(request, timeout=CALL_S_MAX)
    standing = found.acknowledgements
    return sum(1 for one in standing if one.acknowledged_ns and not one.open_removals)
