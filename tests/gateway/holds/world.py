"""World: a Ledger, banks behind its endpoints, the lines between them, and the frames that stand for a
journal.

Everything is a call; nothing happens by itself. Whoever uses it decides what is delivered, lost, kept or
dropped.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from gateway.directory import Directory
from gateway.holds import Fault, HoldQuery, Law, Ledger, Limits, Refusal
from gateway.holds.model import TakenOrder
from gateway.holds.reading import Order, Receipt, read_order, read_receipt
from gateway.holds.sending import Leaving
from runtime import calendar
from runtime.identity import Identity, Role
from tests.gateway.holds.bank import Account, Bank

T = TypeVar("T")
COURT = "京0105"
OTHER_COURT = "沪0101"
CASE = "(2026)京0105执1号"
TODAY = 20261122
SECOND = 1_000_000_000
HOUR = 3_600 * SECOND
EVERYTHING = HoldQuery(ended=True, count_max=1_000_000)

FREEZE = hold_pb2.CONTROL_KIND_FREEZE
RENEW = hold_pb2.CONTROL_KIND_RENEW
RELEASE = hold_pb2.CONTROL_KIND_RELEASE
DEDUCT = hold_pb2.CONTROL_KIND_DEDUCT
DEPOSIT, CAR = 1, 14


@cache
def directory() -> Directory:
    return Directory.load()


@cache
def law() -> Law:
    return Law.load()


@cache
def bank_indexes() -> tuple[int, ...]:
    """Three banks that can do everything, behind different endpoints."""
    found: dict[int, int] = {}
    for one in directory().institutions:
        if not one.is_unit and len(one.can) == 3:
            found.setdefault(one.endpoint, one.index)
    return tuple(sorted(found.values())[:3])


@cache
def registry() -> int:
    """Who keeps motor vehicles."""
    return next(one.index for one in directory().institutions if one.is_unit and CAR in one.items)


def as_order(message: controls_pb2.ControlOrder) -> Order:
    return read_order(message.SerializeToString())


def as_receipt(message: institution_pb2.ControlReceipt) -> Receipt:
    return read_receipt(message.SerializeToString())


def court(code: str = COURT) -> Identity:
    return Identity(Role.COURT, code, code)


def officer(name: str, code: str = COURT) -> Identity:
    return Identity(Role.OFFICER, code, name)


def person(number: int = 1) -> type_pb2.Subject:
    return type_pb2.Subject(
        id_type=type_pb2.ID_TYPE_RESIDENT_ID, id_number=f"61010220041214{number:04d}", name=f"曹{number}"
    )


def mandate(code: str = COURT, case_number: str = CASE) -> type_pb2.Mandate:
    return type_pb2.Mandate(
        court_code=code,
        case_number=case_number,
        instrument_number="(2026)京0105执1号之一",
        instrument_kind=type_pb2.INSTRUMENT_KIND_RULING,
        officer_id="0105001",
        debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
    )


def read(leaving: Leaving) -> institution_pb2.Control:
    """What the institution sees of it."""
    (control,) = institution_pb2.ControlBatch.FromString(leaving.message).controls
    assert control.control_id == leaving.control_id
    return control


class World:
    """One gateway and its institutions."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.ledger = Ledger(law(), directory(), self.limits)
        self.now_ns = calendar.midnight_ns(TODAY) + 10 * HOUR
        self.frames: list[bytes] = []
        self.banks: dict[int, Bank] = {}
        self.order_count = 0
        for index in (*bank_indexes(), registry()):
            endpoint = directory().institutions[index].endpoint
            self.banks[endpoint] = Bank(endpoint, TODAY)

    # -- the ledger

    def step(self, *inputs: Callable[[Ledger], T], keep: bool = True) -> list[T]:
        """Decide inputs in one step, and make it durable or lose it."""
        self.ledger.begin(self.now_ns)
        decisions = [decide(self.ledger) for decide in inputs]
        assert self.ledger.accidents() == []
        body = self.ledger.finish()
        if body and keep:
            self.frames.append(body)
            self.ledger.keep(len(self.frames))
        elif body:
            self.ledger.drop()
        return decisions

    def do(self, decide: Callable[[Ledger], T]) -> T:
        return self.step(decide)[0]

    def replayed(self) -> Ledger:
        ledger = Ledger(law(), directory(), self.limits)
        for seq, body in enumerate(self.frames, 1):
            ledger.replay(body, seq)
        return ledger

    def crash(self) -> None:
        self.ledger = self.replayed()

    def pass_time(self, *, days: int = 0, seconds: int = 0) -> None:
        """Time goes by for everybody; the ledger is not told until tick."""
        self.now_ns += days * calendar.DAY_NS + seconds * SECOND
        for bank in self.banks.values():
            if bank.today != calendar.date_of(self.now_ns):
                bank.advance(calendar.date_of(self.now_ns))

    def tick(self) -> None:
        self.step(lambda ledger: ledger.tick())

    # -- what courts say

    def claim(
        self,
        principal: int,
        *,
        claim_id: str = "c1",
        caps: Sequence[int | None] = (None,),
        case_number: str = CASE,
        **figures: int,
    ) -> Refusal | None:
        message = controls_pb2.Claim(
            claim_id=claim_id, court_code=COURT, case_number=case_number, principal_fen=principal
        )
        for field, value in figures.items():
            setattr(message, field, value)
        for number, cap in enumerate(caps, 1):
            debtor = message.debtors.add(subject=person(number))
            if cap is not None:
                debtor.cap_fen = cap
        return self.do(lambda ledger: ledger.put_claim(message, court()))

    def message(self, kind: "hold_pb2.ControlKind.ValueType", **fields: object) -> controls_pb2.ControlOrder:
        """An order with everything that an order needs."""
        self.order_count += 1
        order = controls_pb2.ControlOrder(
            order_id=f"o{self.order_count}",
            court_code=COURT,
            mandate=mandate(),
            notice_number="(2026)京0105执通1号",
            kind=kind,
            claim_id="c1",
        )
        order.MergeFrom(controls_pb2.ControlOrder(**fields))  # type: ignore[arg-type]
        return order

    def order(self, order: controls_pb2.ControlOrder, caller: Identity | None = None) -> Refusal | TakenOrder:
        return self.do(lambda ledger: ledger.order(as_order(order), caller or court()))

    def freeze_message(
        self, account: Account, ceiling: int = 0, **fields: object
    ) -> controls_pb2.ControlOrder:
        debtor = int(fields.pop("debtor", 1))  # type: ignore[call-overload]
        kind = str(fields.pop("kind_of_account", "" if account.is_thing else "personal"))
        place = hold_pb2.Property(
            institution=account.institution,
            item=CAR if account.is_thing else DEPOSIT,
            locator=account.locator,
            kind=kind,
        )
        return self.message(
            FREEZE,
            subject=person(debtor),
            property=place,
            ceiling_fen=ceiling,
            whole=ceiling == 0,
            **fields,
        )

    def freeze(self, account: Account, ceiling: int = 0, **fields: object) -> int:
        """Order it; the hold's id. AssertionError when it is refused."""
        receipt = self.order(self.freeze_message(account, ceiling, **fields))
        assert isinstance(receipt, TakenOrder), receipt
        return receipt.hold_id

    def accepted(self, kind: "hold_pb2.ControlKind.ValueType", **fields: object) -> int:
        """Order it; the control's id."""
        receipt = self.order(self.message(kind, **fields))
        assert isinstance(receipt, TakenOrder), receipt
        return receipt.control_id

    def refused(self, order: controls_pb2.ControlOrder, caller: Identity | None = None) -> str:
        """Order it; the name of the rule that refuses it."""
        refusal = self.order(order, caller)
        assert isinstance(refusal, Refusal), refusal
        return refusal.name

    def event(self, kind: "controls_pb2.CaseEventKind.ValueType", **fields: object) -> tuple[int, ...]:
        self.order_count += 1
        message = controls_pb2.CaseEvent(event_id=f"e{self.order_count}", claim_id="c1", kind=kind)
        message.MergeFrom(controls_pb2.CaseEvent(**fields))  # type: ignore[arg-type]
        followed = self.do(lambda ledger: ledger.record(message, court()))
        assert isinstance(followed, tuple), followed
        return followed

    # -- lines

    def bank_of(self, institution: int) -> Bank:
        return self.banks[directory().institutions[institution].endpoint]

    def account(self, locator: str, balance: int, bank: int = 0) -> Account:
        index = bank_indexes()[bank]
        return self.bank_of(index).open(index, locator, balance)

    def car(self, locator: str) -> Account:
        return self.bank_of(registry()).open(registry(), locator, is_thing=True)

    def take(self) -> list[tuple[Bank, institution_pb2.Control]]:
        return [
            (bank, read(leaving))
            for endpoint, bank in self.banks.items()
            for leaving in self.ledger.take(endpoint, 1_000)
        ]

    def say(self, bank: Bank, receipt: institution_pb2.ControlReceipt) -> Fault | None:
        """A receipt reaches the ledger."""
        return self.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(receipt)))

    def carry_out(self) -> int:
        """Everything that is due now, to the institutions and back; how many controls."""
        taken = self.take()
        for bank, control in taken:
            self.say(bank, bank.control(control))
        return len(taken)

    def hear(self) -> int:
        """Every event that the ledger has not heard; how many."""
        count = 0
        for endpoint, bank in self.banks.items():
            for event in bank.events[self.ledger.cursor(endpoint) :]:
                fault = self.do(lambda ledger, event=event, at=endpoint: ledger.event(at, event))  # type: ignore[misc]
                assert fault is None, fault
                count += 1
        return count

    def settle(self) -> None:
        """Until all is quiet."""
        for _ in range(200):
            self.tick()
            if self.carry_out() + self.hear() == 0:
                return
        raise AssertionError("the world does not come to rest")

    # -- looking

    def look(self, claim_id: str = "c1") -> controls_pb2.ClaimView:
        view = self.ledger.claim_view(COURT, claim_id, self.now_ns)
        assert view is not None
        return view

    def hold(self, hold_id: int) -> controls_pb2.HoldView:
        view = self.ledger.hold_view(hold_id, self.now_ns)
        assert view is not None
        return view

    def holds(self) -> list[controls_pb2.HoldView]:
        return self.ledger.hold_views(EVERYTHING, self.now_ns)
