"""Desires: what a court may want next, each drawn from the seed and put as a call.

Half of it is reasonable; the rest is what courts also do: too much, too late, twice, or about
somebody else's.
"""

from collections.abc import Callable, Sequence
from typing import Any

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import HoldQuery
from runtime import calendar
from runtime.clock import now_ns
from tests.simulation.chronicle import Kept
from tests.simulation.courts import COURTS, Case, Courts, court_of, mandate_of, officer_of
from tests.simulation.town import CAR, Place, Town, number_of, person

EVERYTHING = HoldQuery(ended=True, count_max=1_000_000)
LIVING = HoldQuery(count_max=1_000_000)
WORTH = (90, 90, 90, 110)
AMOUNTS = (1, 5, 20, 40, 60, 99, 100, 150, 300)
FREEZE, RENEW = hold_pb2.CONTROL_KIND_FREEZE, hold_pb2.CONTROL_KIND_RENEW
EFFECTIVE = hold_pb2.HOLD_LIFE_EFFECTIVE
RELEASE, DEDUCT = hold_pb2.CONTROL_KIND_RELEASE, hold_pb2.CONTROL_KIND_DEDUCT
SUCCESSOR = 9
STANDING_DAYS = 700
Events = controls_pb2.CaseEventKind


class Desires:
    """Draws one and asks for it; says what it was."""

    def __init__(self, courts: Courts, town: Town) -> None:
        self._courts = courts
        self._random = courts.random
        self._town = town

    # -- freezing

    def freeze(self) -> str:
        """An account or a thing of a debtor of a case."""
        case = self._case()
        place = self._place(case)
        order = self._order(case, FREEZE)
        self._on_place(order, place)
        order.whole = place.opening.item not in (1, 2) or self._random.random() < 0.2
        if not order.whole:
            order.ceiling_fen = self._amount(case)
        if self._random.random() < 0.1:
            order.months = self._random.choice((1, 2, 12, 40))
        if self._random.random() < 0.15:
            holds = self._holds(case)
            order.replaces_hold_id = self._random.choice(holds).hold_id if holds else 0
        return self._send(order, "freezes")

    def freeze_thing(self) -> str:
        """A thing of a debtor of a case."""
        case = self._case()
        owners = {number_of(debtor.subject) for debtor in case.claim.debtors}
        things = [one for one in self._town.places if one.owner in owners and one.opening.item == CAR]
        if not things:
            return "no thing to freeze"
        order = self._order(case, FREEZE)
        self._on_place(order, self._random.choice(things))
        order.whole = True
        return self._send(order, "freezes of things")

    def deduct_at_once(self) -> str:
        """A DEDUCT that first makes its hold."""
        case = self._case()
        order = self._order(case, DEDUCT)
        self._on_place(order, self._place(case))
        order.whole = self._random.random() < 0.3
        if not order.whole:
            order.amount_fen = self._amount(case)
        return self._send(order, "deductions without a hold")

    # -- on a hold

    def renew(self) -> str:
        order = self._on_hold(RENEW)
        if order is None:
            return "no hold to renew"
        order.months = self._random.choice((0, 0, 1, 3))
        return self._send(order, "renewals")

    def release(self) -> str:
        order = self._on_hold(RELEASE)
        if order is None:
            return "no hold to release"
        order.whole = self._random.random() < 0.5
        if not order.whole:
            order.ceiling_fen = self._random.choice(AMOUNTS)
        if self._random.random() < 0.3:
            order.urgent, order.reason = True, "another person of that name, see page 3"
        if self._random.random() < 0.2 and order.court_code in COURTS:
            # The superior court lets go.
            order.court_code = order.mandate.court_code = order.court_code[0]
        return self._send(order, "urgent releases" if order.urgent else "releases")

    def deduct(self) -> str:
        order = self._on_hold(DEDUCT)
        if order is None:
            return "no hold to deduct from"
        order.whole = self._random.random() < 0.4
        if not order.whole:
            order.amount_fen = self._random.choice(AMOUNTS)
        return self._send(order, "deductions")

    # -- plans

    def plan(self) -> str:
        """Show a plan, and carry out what was shown."""
        case = self._case()
        request = controls_pb2.PlanFreezeRequest(
            claim_id=case.claim.claim_id, mandate=mandate_of(case), notice_number="执通1号"
        )
        if self._random.random() < 0.5:
            until = calendar.add_days(calendar.date_of(now_ns()), STANDING_DAYS)
            request.standing_until = until
        caller = court_of(case.court)

        def carry_out(answer: bytes) -> None:
            request.carry_out = controls_pb2.PlanView.FromString(answer).plan_hash
            again = controls_pb2.PlanFreezeRequest()
            again.CopyFrom(request)
            self._courts.counts["plans carried out"] += 1
            self._courts.wish(
                lambda handlers: handlers.controls.claims.plan, caller, again, self._over(case, again)
            )

        shown = controls_pb2.PlanFreezeRequest()
        shown.CopyFrom(request)
        self._courts.wish(lambda handlers: handlers.controls.claims.plan, caller, shown, carry_out)
        return f"a plan for {case.claim.claim_id}"

    def _over(self, case: Case, request: controls_pb2.PlanFreezeRequest) -> Callable[[bytes], None]:
        def then(_answer: bytes) -> None:
            case.has_standing = case.has_standing or bool(request.standing_until)
            self._courts.counts["standing orders"] += bool(request.standing_until)

        return then

    def approve(self) -> str:
        """Another officer's word on something that waits."""
        office = self._courts.world.office
        if office is None:
            return "nobody to approve with"
        waiting = [
            (hold, control)
            for hold in office.ledger.hold_views(LIVING, now_ns())
            for control in hold.controls
            if control.waits_for_approval and not control.outcome and control.order_id
        ]
        if not waiting:
            return "nothing to approve"
        hold, control = self._random.choice(waiting)
        amount = control.requested_fen or hold.requested_fen or hold.controlled_fen
        request = controls_pb2.ApproveRequest(order_id=control.order_id, amount_fen=amount)
        court = office.ledger.court_of_hold(hold.hold_id) or COURTS[0]
        caller = officer_of(court, self._random.choice(("0105001", "0105999")))
        self._courts.wish(lambda handlers: handlers.controls.ordering.approve, caller, request)
        self._courts.counts["approvals"] += 1
        return f"approval of {control.order_id}"

    # -- cases

    def change_claim(self) -> str:
        case = self._case()
        case.claim.principal_fen = self._random.choice((0, 30, 80, 100, 250, 600))
        self._courts.put(case)
        return f"{case.claim.claim_id} is {case.claim.principal_fen} now"

    def forgive(self) -> str:
        """Less is due, if possible while money is on its way to the court."""
        chronicle = self._courts.world.chronicle
        out = self.deductions_out()
        names = {chronicle.claims[kept.fact.claim][1] for kept in out}
        cases = [case for case in self._courts.cases if case.claim.claim_id in names] or self._courts.cases
        case = self._random.choice(cases)
        case.claim.principal_fen = self._random.choice((0, 1, 30))
        self._courts.put(case)
        return f"{case.claim.claim_id} is {case.claim.principal_fen} now, {len(out)} deductions are out"

    def deductions_out(self) -> list[Kept]:
        """That have left, and have no outcome."""
        chronicle = self._courts.world.chronicle
        return [
            kept
            for kept in map(chronicle.controls.__getitem__, chronicle.left)
            if kept.outcome is None and kept.fact.control.kind == DEDUCT
        ]

    def value_thing(self) -> str:
        """A court says what a thing that is held is worth; several are worth the same."""
        case = self._case()
        things = [hold for hold in self._holds(case) if hold.whole and hold.life == EFFECTIVE]
        return self._record(case, controls_pb2.CASE_EVENT_KIND_VALUED, things=things)

    def spare_thing(self) -> str:
        """So much less is due that one of several things is not needed any more; with one thing, or none, so
        much more that others may be held."""
        office, case = self._courts.world.office, self._case()
        things = [hold for hold in self._holds(case) if hold.value_fen and hold.life == EFFECTIVE]
        view = office and office.ledger.claim_view(case.court, case.claim.claim_id, now_ns())
        if view and len(things) > 1:
            spared_fen = min(hold.value_fen for hold in things) + view.due_fen - view.cover_fen
            case.claim.principal_fen = max(0, case.claim.principal_fen - spared_fen)
        else:
            case.claim.principal_fen = 600
        self._courts.put(case)
        return f"{case.claim.claim_id} is {case.claim.principal_fen} now, for {len(things)} things"

    def record(self) -> str:
        """Something happened to a case."""
        return self._record(self._case(), self._random.choice(_EVENTS))

    def _record(
        self, case: Case, kind: "Events.ValueType", things: Sequence[controls_pb2.HoldView] = ()
    ) -> str:
        event = controls_pb2.CaseEvent(
            event_id=self._courts.next_id("e"), claim_id=case.claim.claim_id, kind=kind
        )
        self._fill(case, event)
        if things:
            event.hold_id, event.amount_fen = self._random.choice(things).hold_id, self._random.choice(WORTH)
        caller = court_of(case.court)
        name = Events.Name(kind).removeprefix("CASE_EVENT_KIND_").lower()

        def then(_answer: bytes) -> None:
            self._courts.counts[f"case: {name}"] += 1
            if kind == controls_pb2.CASE_EVENT_KIND_TRANSFERRED:
                case.court, case.has_standing = event.court_code, False

        request = controls_pb2.RecordCaseEventRequest(event=event)
        self._courts.wish(lambda handlers: handlers.controls.claims.record, caller, request, then)
        return f"{name} for {case.claim.claim_id} {event.amount_fen} hold {event.hold_id}"

    def _fill(self, case: Case, event: controls_pb2.CaseEvent) -> None:
        kind, random = event.kind, self._random
        holds = self._holds(case)
        if kind == controls_pb2.CASE_EVENT_KIND_CREDITED:
            paid = [hold for hold in holds if hold.deducted_fen]
            event.amount_fen = random.choice(AMOUNTS)
            if paid and random.random() < 0.7:
                hold = random.choice(paid)
                event.hold_id, event.amount_fen = hold.hold_id, hold.deducted_fen
        elif kind in (
            controls_pb2.CASE_EVENT_KIND_VALUED,
            controls_pb2.CASE_EVENT_KIND_OBJECTION_ANSWERED,
            controls_pb2.CASE_EVENT_KIND_INDIVISIBLE,
        ):
            event.amount_fen = random.choice((10, 90, 110, 220))
            things = [hold for hold in holds if hold.whole or hold.objections]
            event.hold_id = random.choice(things).hold_id if things else 0
        elif kind in (controls_pb2.CASE_EVENT_KIND_DEATH, controls_pb2.CASE_EVENT_KIND_SUCCESSOR):
            event.subject.CopyFrom(random.choice(case.claim.debtors).subject)
            event.successor.CopyFrom(person(SUCCESSOR))
        elif kind == controls_pb2.CASE_EVENT_KIND_BANKRUPTCY and random.random() < 0.5:
            event.subject.CopyFrom(random.choice(case.claim.debtors).subject)
        elif kind == controls_pb2.CASE_EVENT_KIND_TRANSFERRED:
            event.court_code = random.choice(COURTS)

    # -- drawing

    def _case(self) -> Case:
        return self._random.choice(self._courts.cases)

    def _place(self, case: Case) -> Place:
        """Mostly of one of its debtors."""
        owners = {number_of(debtor.subject) for debtor in case.claim.debtors}
        ours = [place for place in self._town.places if place.owner in owners]
        return self._random.choice(ours if ours and self._random.random() < 0.95 else self._town.places)

    def _amount(self, case: Case) -> int:
        """Often just what is left of the claim."""
        office = self._courts.world.office
        if office is not None and self._random.random() < 0.6:
            view = office.ledger.claim_view(case.court, case.claim.claim_id, now_ns())
            if view is not None and view.gap_fen:
                return view.gap_fen
        return self._random.choice(AMOUNTS)

    def _holds(self, case: Case) -> list[controls_pb2.HoldView]:
        office = self._courts.world.office
        if office is None:
            return []
        query = HoldQuery(case_number=case.claim.case_number, count_max=1_000, ended=True)
        return office.ledger.hold_views(query, now_ns())

    def _order(self, case: Case, kind: "hold_pb2.ControlKind.ValueType") -> controls_pb2.ControlOrder:
        return controls_pb2.ControlOrder(
            order_id=self._courts.next_id("o"),
            court_code=case.court,
            mandate=mandate_of(case),
            notice_number="执通1号",
            kind=kind,
            claim_id=case.claim.claim_id,
        )

    def _on_place(self, order: controls_pb2.ControlOrder, place: Place) -> None:
        opening = place.opening
        order.subject.CopyFrom(person(place.owner))
        order.property.institution, order.property.item = opening.institution, opening.item
        order.property.locator, order.property.kind = opening.locator, opening.kind
        order.property.currency = opening.currency
        luck = self._random.random()
        if luck < 0.5:
            account = self._town.books_of[opening.institution].account(opening.institution, opening.locator)
            order.available_fen = account.available_fen
        elif luck < 0.6:
            order.available_fen = 0

    def _on_hold(self, kind: "hold_pb2.ControlKind.ValueType") -> controls_pb2.ControlOrder | None:
        case = self._case()
        holds = self._holds(case)
        living = [hold for hold in holds if hold.life != hold_pb2.HOLD_LIFE_ENDED]
        if living and self._random.random() < 0.95:
            holds = living
        if not holds:
            return None
        order = self._order(case, kind)
        order.hold_id = self._random.choice(holds).hold_id
        return order

    def _send(self, order: controls_pb2.ControlOrder, name: str) -> str:
        self._courts.counts[name] += 1
        caller: Any = court_of(order.court_code)
        request = controls_pb2.OrderRequest(order=order)
        self._courts.wish(lambda handlers: handlers.controls.ordering.one, caller, request)
        amount = order.ceiling_fen or order.amount_fen or ("whole" if order.whole else 0)
        where = order.hold_id or order.property.locator
        return f"{order.order_id} of {order.court_code} for {order.claim_id}: {name} {amount} on {where}"


_EVENTS = (
    *(controls_pb2.CASE_EVENT_KIND_CREDITED,) * 8,
    *(controls_pb2.CASE_EVENT_KIND_VALUED,) * 6,
    controls_pb2.CASE_EVENT_KIND_STAY,
    controls_pb2.CASE_EVENT_KIND_STAY_ENDED,
    controls_pb2.CASE_EVENT_KIND_BANKRUPTCY,
    controls_pb2.CASE_EVENT_KIND_DEATH,
    controls_pb2.CASE_EVENT_KIND_SUCCESSOR,
    *(controls_pb2.CASE_EVENT_KIND_TRANSFERRED,) * 3,
    controls_pb2.CASE_EVENT_KIND_OBJECTION_ANSWERED,
    controls_pb2.CASE_EVENT_KIND_INDIVISIBLE,
)
