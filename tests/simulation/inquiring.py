"""Inquiring: what a court may ask about its debtors next, drawn from the seed and put as a call.

Answers come as they come: the gateway tells its claims of them, and courts watch them.
"""

from chakong.gateway.v1 import gateway_pb2
from chakong.type.v1 import type_pb2
from tests.simulation.courts import Case, Courts, court_of, mandate_of
from tests.simulation.town import CAR, DEMAND_DEPOSIT, directory

DEADLINES_S = (5, 60, 600)
# By then whatever went wrong before is over: an endpoint is called again after 300 seconds at the latest.
DEADLINE_S_MAX = 900


class Inquiring:
    """Draws one and asks for it; says what it was."""

    def __init__(self, courts: Courts) -> None:
        self._courts = courts
        self._random = courts.random

    def inquire(self) -> str:
        """What do the debtors of a case have?"""
        random = self._random
        case = random.choice(self._courts.cases)
        for debtor in case.claim.debtors:
            inquiry = self._inquiry(case, debtor.subject)
            inquiry.deadline_s = random.choice(DEADLINES_S)
            inquiry.urgency = random.choice((0, 1, 2, 3))  # type: ignore[assignment]
            if random.random() < 0.5:
                inquiry.freshness_s = random.choice((0, 0, 60))
            if random.random() < 0.2:
                inquiry.items.append(random.choice((DEMAND_DEPOSIT, CAR)))
            self._narrow(inquiry.scope)
            self._submit(case, inquiry)
        return f"inquiries for {case.claim.claim_id}"

    def inquire_for_good(self, case: Case) -> None:
        """The same, about everything, anew, and with time enough for every answer."""
        for debtor in case.claim.debtors:
            inquiry = self._inquiry(case, debtor.subject)
            inquiry.deadline_s, inquiry.freshness_s = DEADLINE_S_MAX, 0
            self._courts.last_orders.add(inquiry.order_id)
            self._submit(case, inquiry)

    def cancel(self) -> str:
        """An inquiry is no longer wanted."""
        open_ones = [one for one in self._courts.world.promises.by_id.values() if not one.is_final]
        if not open_ones:
            return "no inquiry to cancel"
        promise = self._random.choice(open_ones)
        request = gateway_pb2.CancelInquiryRequest(inquiry_id=promise.inquiry_id)
        self._courts.wish(lambda handlers: handlers.lookup.cancel, court_of(promise.court), request)
        self._courts.counts["cancellations"] += 1
        return f"inquiry {promise.inquiry_id} is cancelled"

    def _inquiry(self, case: Case, subject: type_pb2.Subject) -> gateway_pb2.Inquiry:
        return gateway_pb2.Inquiry(
            order_id=self._courts.next_id("i"),
            court_code=case.court,
            mandate=mandate_of(case),
            subject=subject,
            scope=gateway_pb2.Scope(reach=gateway_pb2.REACH_ALL),
        )

    def _narrow(self, scope: gateway_pb2.Scope) -> None:
        random = self._random
        match random.choice(("all", "all", "all", "banks", "units", "list")):
            case "banks":
                scope.reach = gateway_pb2.REACH_BANKS
            case "units":
                scope.reach = gateway_pb2.REACH_UNITS
            case "list":
                count = len(directory().institutions)
                scope.reach = gateway_pb2.REACH_LIST
                scope.institutions.extend(random.sample(range(count), random.randint(1, count)))

    def _submit(self, case: Case, inquiry: gateway_pb2.Inquiry) -> None:
        request = gateway_pb2.SubmitRequest(inquiry=inquiry)
        self._courts.wish(lambda handlers: handlers.submit.one, court_of(case.court), request)
