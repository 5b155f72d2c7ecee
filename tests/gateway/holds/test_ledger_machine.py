"""The Ledger against banks that lose, repeat and delay: after every step the rules hold, and replay gives the
same ledger.

Steps are kept or dropped, the gateway crashes, days pass, money comes in, courts change their minds.
Everything is checked by a judge that reckons from views alone.
"""

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from gateway.holds import Ledger, Limits, Refusal
from gateway.holds.model import TakenOrder
from tests.gateway.holds.bank import Account, Bank
from tests.gateway.holds.judge import Judge
from tests.gateway.holds.sameness import everything
from tests.gateway.holds.world import (
    DEDUCT,
    FREEZE,
    RELEASE,
    RENEW,
    World,
    as_order,
    as_receipt,
    court,
    officer,
)

if TYPE_CHECKING:
    from chakong.type.v1 import hold_pb2

AMOUNTS = st.sampled_from([1, 5, 20, 40, 60, 99, 100, 101, 150, 300])
ACCOUNTS = 6
CASES = ("c1", "c2")
Wired = tuple[Bank, institution_pb2.Control]


class LedgerMachine(RuleBasedStateMachine):
    """Two claims over six accounts and two cars."""

    @initialize(
        approval=st.sampled_from([0, 0, 90]), caps=st.sampled_from([(None, None), (60, None), (80, 40)])
    )
    def begin(self, approval: int, caps: tuple[int | None, int | None]) -> None:
        self.world = World(Limits(approval_above_fen=approval, unknown_after_ns=60 * 1_000_000_000))
        self.judge = Judge(self.world)
        self.caps = caps
        self.accounts: list[Account] = []
        for number in range(ACCOUNTS):
            self.accounts.append(self.world.account(f"a{number}", 25 * number, number % 3))
        self.cars = [self.world.car("car0"), self.world.car("car1")]
        # On their way to a bank, and from a bank.
        self.going: list[Wired] = []
        self.coming: list[tuple[Bank, institution_pb2.ControlReceipt]] = []
        self.asked: dict[str, int] = {}
        self.may_have_left: set[int] = set()
        self.keep = True
        self.world.claim(
            100, caps=caps, interest_base_fen=100, interest_ppm_per_day=10_000, interest_from=20261101
        )
        self.world.claim(250, claim_id="c2", case_number="(2026)京0105执2号", caps=(None, None))

    # -- what courts say

    def order(self, order: controls_pb2.ControlOrder, expected: int | None = None) -> None:
        claim = order.claim_id
        order.mandate.case_number = "(2026)京0105执1号" if claim == "c1" else "(2026)京0105执2号"
        before = everything(self.world.ledger, self.world.now_ns) if not self.keep else None
        (receipt,) = self.world.step(lambda ledger: ledger.order(as_order(order), court()), keep=self.keep)
        if before is not None:
            assert everything(self.world.ledger, self.world.now_ns) == before
            (receipt,) = self.world.step(lambda ledger: ledger.order(as_order(order), court()))
            self.keep = True
        if isinstance(receipt, Refusal):
            return
        self.asked[order.order_id] = receipt.control_id
        if order.kind == FREEZE or (order.kind == DEDUCT and not order.hold_id):
            self.judge.expected[receipt.hold_id] = expected
        (again,) = self.world.step(lambda ledger: ledger.order(as_order(order), court()))
        assert isinstance(again, TakenOrder)
        assert (again.control_id, again.repeated) == (receipt.control_id, True)

    @rule(
        account=st.integers(0, ACCOUNTS - 1),
        amount=AMOUNTS,
        seen=st.sampled_from(["exact", "none", "zero"]),
        claim=st.sampled_from(CASES),
        debtor=st.integers(1, 2),
        deduct=st.booleans(),
        whole=st.booleans(),
        replaces=st.integers(0, 8),
    )
    def freeze(
        self,
        account: int,
        amount: int,
        seen: str,
        claim: str,
        debtor: int,
        deduct: bool,
        whole: bool,
        replaces: int,
    ) -> None:
        known = self.accounts[account]
        expected = {"exact": known.available(), "none": None, "zero": 0}[seen]
        order = self.world.freeze_message(known, 0 if whole else amount, claim_id=claim, debtor=debtor)
        if deduct and not whole:
            order.kind, order.amount_fen, order.ceiling_fen = DEDUCT, amount, 0
        elif replaces:
            order.replaces_hold_id = replaces
        if expected is not None:
            order.available_fen = expected
        self.order(order, expected)

    @rule(car=st.integers(0, 1), claim=st.sampled_from(CASES))
    def freeze_car(self, car: int, claim: str) -> None:
        self.order(self.world.freeze_message(self.cars[car], 0, claim_id=claim))

    @rule(
        kind=st.sampled_from([RENEW, RELEASE, DEDUCT]),
        hold_id=st.integers(1, 12),
        amount=AMOUNTS,
        whole=st.booleans(),
        urgent=st.booleans(),
    )
    def order_on_hold(
        self, kind: "hold_pb2.ControlKind.ValueType", hold_id: int, amount: int, whole: bool, urgent: bool
    ) -> None:
        view = self.world.ledger.hold_view(hold_id, self.world.now_ns)
        order = self.world.message(
            kind, hold_id=hold_id, claim_id=view.claim_id if view else "c1", whole=whole
        )
        if kind == DEDUCT and not whole:
            order.amount_fen = amount
        elif kind == RELEASE:
            order.ceiling_fen = 0 if whole else amount
            order.urgent = urgent
            order.reason = "another person of that name" if urgent else ""
        elif kind == RENEW:
            order.whole = False
        self.order(order)

    @rule(index=st.integers(0, 20))
    def approve(self, index: int) -> None:
        waiting = [
            (control.order_id, hold, control)
            for hold in self.world.holds()
            for control in hold.controls
            if control.waits_for_approval and not control.outcome and control.order_id
        ]
        if waiting:
            order_id, hold, control = waiting[index % len(waiting)]
            amount = control.requested_fen or (
                hold.requested_fen if hold.controls[0].waits_for_approval else hold.controlled_fen
            )
            request = controls_pb2.ApproveRequest(order_id=order_id, amount_fen=amount)
            self.world.do(lambda ledger: ledger.approve(request, officer("0105999")))

    @rule(claim=st.sampled_from(CASES), principal=st.sampled_from([0, 30, 80, 100, 250]))
    def change_claim(self, claim: str, principal: int) -> None:
        if claim == "c1":
            self.world.claim(
                principal,
                caps=self.caps,
                interest_base_fen=100,
                interest_ppm_per_day=10_000,
                interest_from=20261101,
            )
        else:
            self.world.claim(principal, claim_id="c2", case_number="(2026)京0105执2号", caps=(None, None))

    @rule(
        kind=st.sampled_from(
            [
                controls_pb2.CASE_EVENT_KIND_CREDITED,
                controls_pb2.CASE_EVENT_KIND_CREDITED,
                controls_pb2.CASE_EVENT_KIND_STAY,
                controls_pb2.CASE_EVENT_KIND_STAY_ENDED,
                controls_pb2.CASE_EVENT_KIND_VALUED,
                controls_pb2.CASE_EVENT_KIND_VALUED,
                controls_pb2.CASE_EVENT_KIND_DEATH,
                controls_pb2.CASE_EVENT_KIND_SUCCESSOR,
            ]
        ),
        hold_id=st.integers(0, 12),
        amount=AMOUNTS,
        claim=st.sampled_from(CASES),
    )
    def case_event(
        self, kind: "controls_pb2.CaseEventKind.ValueType", hold_id: int, amount: int, claim: str
    ) -> None:
        event = controls_pb2.CaseEvent(
            event_id=f"e{len(self.world.frames)}", claim_id=claim, kind=kind, amount_fen=amount
        )
        if kind in (controls_pb2.CASE_EVENT_KIND_CREDITED, controls_pb2.CASE_EVENT_KIND_VALUED):
            event.hold_id = hold_id
        if kind in (controls_pb2.CASE_EVENT_KIND_DEATH, controls_pb2.CASE_EVENT_KIND_SUCCESSOR):
            event.subject.CopyFrom(self.world.freeze_message(self.accounts[0], 1).subject)
            event.successor.CopyFrom(self.world.freeze_message(self.accounts[0], 1, debtor=7).subject)
        result = self.world.do(lambda ledger: ledger.record(event, court()))
        if not isinstance(result, Refusal) and kind == controls_pb2.CASE_EVENT_KIND_CREDITED and hold_id:
            self.judge.credited[hold_id] = self.judge.credited.get(hold_id, 0) + amount

    # -- lines

    @rule()
    def send(self) -> None:
        for bank, control in self.world.take():
            self.check_leaving(control)
            self.going.append((bank, control))

    def check_leaving(self, control: institution_pb2.Control) -> None:
        hold = self.world.hold(control.hold_id)
        if control.kind != FREEZE or control.control_id in self.may_have_left:
            return
        self.may_have_left.add(control.control_id)
        view = self.world.look(hold.claim_id)
        # It counts as sent from now on; before, an overdue one was unknown.
        self.judge.check_leaving(view, hold)

    @rule(index=st.integers(0, 50), lost=st.sampled_from(["no", "no", "no", "before", "after", "twice"]))
    def deliver(self, index: int, lost: str) -> None:
        if not self.going:
            self.send()
        if not self.going:
            return
        bank, control = self.going.pop(index % len(self.going))
        if lost == "before":
            self.world.ledger.give_back([control.control_id])
            return
        receipt = bank.control(control)
        if lost == "after":
            self.world.ledger.give_back([control.control_id])
            return
        self.coming.append((bank, receipt))
        if lost == "twice":
            self.coming.append((bank, bank.control(control)))

    @rule(index=st.integers(0, 50), count=st.integers(1, 4), kept=st.booleans())
    def answer(self, index: int, count: int, kept: bool) -> None:
        for _ in range(count if len(self.coming) < count else 0):
            self.deliver(index, "no")
        chosen = [self.coming.pop(index % len(self.coming)) for _ in range(min(count, len(self.coming)))]
        inputs = [
            lambda ledger, bank=bank, receipt=receipt: ledger.receipt(bank.endpoint, as_receipt(receipt))
            for bank, receipt in chosen
        ]
        if not inputs:
            return
        before = everything(self.world.ledger, self.world.now_ns)
        faults = self.world.step(*inputs, keep=kept)
        assert faults == [None] * len(inputs)
        if not kept:
            assert everything(self.world.ledger, self.world.now_ns) == before
            self.world.ledger.give_back([receipt.control_id for _, receipt in chosen])

    @rule()
    def carry_on(self) -> None:
        """Everything that waits is done, except what is on its way."""
        taken = self.world.take()
        for _, control in taken:
            self.check_leaving(control)
        for bank, control in taken:
            receipt = bank.control(control)
            assert self.world.say(bank, receipt) is None
            self.judge.check()

    @rule(endpoint=st.integers(0, 3), count=st.integers(1, 5))
    def hear(self, endpoint: int, count: int) -> None:
        bank = list(self.world.banks.values())[endpoint]
        for event in bank.events[self.world.ledger.cursor(bank.endpoint) :][:count]:
            assert self.world.do(lambda ledger, event=event: ledger.event(bank.endpoint, event)) is None  # type: ignore[misc]

    @rule(hold_id=st.integers(1, 12))
    def refuse(self, hold_id: int) -> None:
        for bank in self.world.banks.values():
            if hold_id not in bank.first_receipts:
                bank.refused.add(hold_id)

    # -- the world

    @rule(account=st.integers(0, ACCOUNTS - 1), amount=AMOUNTS)
    def pay_in(self, account: int, amount: int) -> None:
        known = self.accounts[account]
        self.world.bank_of(known.institution).credit(known, amount)

    @rule(days=st.sampled_from([0, 0, 1, 30, 364]), seconds=st.sampled_from([1, 61]))
    def pass_time(self, days: int, seconds: int) -> None:
        self.world.pass_time(days=days, seconds=seconds)
        self.world.tick()

    @rule()
    def crash(self) -> None:
        """What is on its way still arrives; nobody waits for it."""
        self.world.crash()
        self.may_have_left |= {hold.hold_id for hold in self.world.holds()}
        self.coming.clear()
        for bank, control in self.going:
            bank.control(control)
        self.going.clear()

    @rule()
    def lose_the_next_step(self) -> None:
        self.keep = False

    @invariant()
    def rules_hold(self) -> None:
        self.judge.check()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        replayed: Ledger = self.world.replayed()
        assert everything(replayed, self.world.now_ns) == everything(self.world.ledger, self.world.now_ns)
        for bank, control in self.going:
            bank.control(control)
            self.world.ledger.give_back([control.control_id])
        for _, receipt in self.coming:
            self.world.ledger.give_back([receipt.control_id])
        self.world.settle()
        self.judge.check()
        self.judge.check_quiet()


def test_rules_hold_whatever_happens() -> None:
    steps = settings(max_examples=25, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(LedgerMachine, settings=steps)
