"""Quiet: what must be so when all faults are over and everything was delivered.

Nothing is on its way any more; then the books and the ledger say the same, every order has ended once, and
no more is held than is due, nor less where a standing order could have held more.
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import HoldQuery, Ledger
from tests.simulation.chronicle import Chronicle
from tests.simulation.courts import Case
from tests.simulation.judge import Judge
from tests.simulation.office import Office
from tests.simulation.promises import Promises
from tests.simulation.town import Town, directory, law, number_of

if TYPE_CHECKING:
    from tests.simulation.world import World

DONE = hold_pb2.CONTROL_OUTCOME_DONE
RELEASE = hold_pb2.CONTROL_KIND_RELEASE
LIVING = HoldQuery(count_max=1_000_000)


def unrest(world: "World", office: Office, *, hears_all: bool) -> str:
    """What is still going on; empty: nothing."""
    chronicle, town = world.chronicle, world.town
    open_ones = [one for one, kept in chronicle.controls.items() if kept.outcome is None and not kept.waits]
    if open_ones:
        return f"control {open_ones[0]} has no outcome"
    for is_so, why in (
        (not office.journal.is_still, "a step is on its way to the disk"),
        (world.promises.open_count, "an inquiry has no final answer"),
        (office.is_behind, "an answer is durable, and the ledger was not told of it"),
    ):
        if is_so:
            return why
    for endpoint, way in town.ways.items():
        if way.on_the_way:
            return f"a message is on its way to endpoint {endpoint}"
        # Nothing is followed before there is a hold, and nothing can be missed then.
        told = office.ledger.cursor(endpoint)
        if hears_all and told != way.clerk.books.event_count:
            return f"events of endpoint {endpoint} are heard up to {told} of {way.clerk.books.event_count}"
    return ""


def faults_of_inquiries(promises: Promises, last_orders: Collection[str]) -> Iterator[str]:
    """Every query ended; and of the inquiries made when all was calm every one was answered."""
    for promise in promises.by_id.values():
        if not promise.is_final or promise.last is None:
            yield f"inquiry {promise.inquiry_id} never ended"
            continue
        row = promise.last.coverage
        unanswered = row.late + row.unreachable + row.refused + row.cancelled
        if promise.order_id in last_orders and unanswered:
            yield f"inquiry {promise.inquiry_id} ended with {unanswered} queries unanswered in a calm"


def faults_of_orders(chronicle: Chronicle, judge: Judge) -> Iterator[str]:
    """Each order ended once, and took effect as it was said."""
    for control_id, kept in chronicle.controls.items():
        effects = judge.effects(control_id)
        if kept.outcome is None and not kept.waits:
            yield f"control {control_id} never ended"
        if kept.outcome is None and kept.fact.court_code not in ("", chronicle.courts[kept.fact.claim][0]):
            yield f"control {control_id} waits for an officer of a court that does not have the case"
        if kept.outcome == DONE and effects != 1:
            yield f"control {control_id} is done and took effect {effects} times"
        if kept.outcome != DONE and effects:
            yield f"control {control_id} is not done and took effect {effects} times"


async def differences(office: Office) -> list[str]:
    """What Reconcile says."""
    found: list[str] = []
    async for message in office.handlers.controls.holding.reconcile(controls_pb2.ReconcileRequest()):
        response = controls_pb2.ReconcileResponse.FromString(message)
        if response.failure:
            found.append(f"institution {response.institution} could not be asked: {response.failure}")
        found += [
            f"hold {one.hold_id} differs in {one.field}: {one.ours!r}, by the books {one.theirs!r}"
            for one in response.differences
        ]
    return found


def held_of(chronicle: Chronicle, town: Town, number: int) -> int:
    """Money that is held for a claim by the books."""
    ids = set(chronicle.by_claim.get(number, ()))
    return sum(hold.controlled_fen for hold in town.every_hold() if hold.hold_id in ids)


def faults_of_sums(
    ledger: Ledger, chronicle: Chronicle, town: Town, cases: list[Case], now_ns: int
) -> Iterator[str]:
    """Rule (4) when all is quiet."""
    by_id = {case.claim.claim_id: case for case in cases}
    for number, (_, claim_id) in chronicle.claims.items():
        views = [ledger.claim_view(court, claim_id, now_ns) for court in chronicle.courts[number]]
        view = next(one for one in views if one is not None)
        held = held_of(chronicle, town, number)
        if held > view.due_fen:
            yield f"(4) {held} is held for {claim_id} in the end, {view.due_fen} is due"
        if view.standing and not view.bankrupt and view.gap_fen and not _waits(ledger, view):
            left = _left_for(chronicle, town, by_id[claim_id], number)
            if left:
                yield f"(4) {view.gap_fen} is missing for {claim_id}, and {left}"


def _waits(ledger: Ledger, view: controls_pb2.ClaimView) -> bool:
    """Whether something for the claim waits for an officer."""
    query = HoldQuery(case_number=view.claim.case_number, count_max=1_000)
    return any(
        control.waits_for_approval and not control.outcome
        for hold in ledger.hold_views(query, 0)
        for control in hold.controls
    )


def _left_for(chronicle: Chronicle, town: Town, case: Case, number: int) -> str:
    """Money that was reported, can be held, and is not."""
    let_go = {
        kept.fact.control.property.locator
        for hold_id in chronicle.by_claim.get(number, ())
        for kept in chronicle.by_hold[hold_id]
        if kept.fact.court_code and kept.fact.control.kind == RELEASE
    }
    for debtor in case.claim.debtors:
        if debtor.HasField("cap_fen") or debtor.subject.id_number in chronicle.dead.get(number, ()):
            continue  # what his own cap leaves is not reckoned here
        owner = number_of(debtor.subject)
        for place in town.places:
            opening = place.opening
            if place.owner != owner or opening.locator in let_go or opening.currency or opening.item != 1:
                continue
            kind = law().kinds.of(opening.item, opening.kind)
            institution = directory().institutions[opening.institution]
            account = town.books_of[opening.institution].account(opening.institution, opening.locator)
            if not kind.can_freeze or "FREEZE" not in institution.can or account.is_closed:
                continue
            if account.available_fen:
                return f"{account.available_fen} is free in {opening.locator}"
    return ""


__all__ = ["differences", "faults_of_orders", "faults_of_sums", "held_of", "unrest"]
