"""Bank: a small institution with books of its own: accounts, things, holds in line, terms, deductions, and
its own idempotency.

Written from the contract alone. Money flows down the line of holds in the order of registration; a thing
belongs to the first.
"""

from dataclasses import dataclass, field

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from runtime import calendar

QUEUED, EFFECTIVE, ENDED = (
    hold_pb2.HOLD_LIFE_QUEUED,
    hold_pb2.HOLD_LIFE_EFFECTIVE,
    hold_pb2.HOLD_LIFE_ENDED,
)
Events = institution_pb2.HoldEventKind


@dataclass
class Held:
    """One hold in the bank's books."""

    hold_id: int
    court: str
    months: int
    ceiling: int
    is_thing: bool
    life: int = QUEUED
    end: int = 0
    version: int = 0
    controlled: int = 0
    deducted: int = 0
    since: int = 0
    until: int = 0
    position: int = 0
    ahead: tuple[str, ...] = ()
    stated: tuple[object, ...] = ()

    def content(self) -> tuple[object, ...]:
        return (
            self.life,
            self.end,
            self.ceiling,
            self.controlled,
            self.deducted,
            self.since,
            self.until,
            self.position,
            self.ahead,
        )


@dataclass
class Account:
    """Money, or a thing; `holds` in the order of registration."""

    institution: int
    locator: str
    is_thing: bool = False
    balance: int = 0
    protected: int = 0
    holds: list[Held] = field(default_factory=list)

    def living(self) -> list[Held]:
        return [one for one in self.holds if one.life != ENDED]

    def available(self) -> int:
        return max(0, self.balance - self.protected - sum(one.controlled for one in self.living()))


class Bank:
    """The institutions behind one endpoint."""

    def __init__(self, endpoint: int, today: int) -> None:
        self.endpoint = endpoint
        self.today = today
        self.accounts: dict[tuple[int, str], Account] = {}
        self.holds: dict[int, tuple[Held, Account]] = {}
        self.first_receipts: dict[int, institution_pb2.ControlReceipt] = {}
        self.contents: dict[int, bytes] = {}
        self.effects: dict[int, int] = {}
        self.events: list[institution_pb2.HoldEvent] = []
        self.refused: set[int] = set()

    def open(self, institution: int, locator: str, balance: int = 0, *, is_thing: bool = False) -> Account:
        account = Account(institution, locator, is_thing, balance)
        self.accounts[institution, locator] = account
        return account

    def control(self, control: institution_pb2.Control) -> institution_pb2.ControlReceipt:
        """Carry out a control, once."""
        known = self.first_receipts.get(control.control_id)
        content = control.SerializeToString(deterministic=True)
        if known is not None:
            assert self.contents[control.control_id] == content, "a control came again with another content"
            return known
        receipt = institution_pb2.ControlReceipt(control_id=control.control_id)
        refusal = self._refusal(control)
        if refusal:
            receipt.outcome = hold_pb2.CONTROL_OUTCOME_REFUSED
            receipt.refusal = refusal
        else:
            self.effects[control.control_id] = self.effects.get(control.control_id, 0) + 1
            held, account = self._carry_out(control, receipt)
            receipt.outcome = hold_pb2.CONTROL_OUTCOME_DONE
            self.settle(account, held)
        if control.hold_id in self.holds:
            receipt.hold.CopyFrom(self.statement(control.hold_id))
        self.first_receipts[control.control_id] = receipt
        self.contents[control.control_id] = content
        return receipt

    def _refusal(self, control: institution_pb2.Control) -> hold_pb2.ControlRefusal.ValueType:  # noqa: PLR0911
        place = (control.property.institution, control.property.locator)
        if control.kind == hold_pb2.CONTROL_KIND_FREEZE:
            if place not in self.accounts or control.control_id in self.refused:
                return hold_pb2.CONTROL_REFUSAL_NO_SUCH_PROPERTY
            return hold_pb2.CONTROL_REFUSAL_UNSPECIFIED
        if control.hold_id not in self.holds:
            return hold_pb2.CONTROL_REFUSAL_NO_SUCH_HOLD
        held = self.holds[control.hold_id][0]
        if held.life == ENDED:
            return hold_pb2.CONTROL_REFUSAL_HOLD_ENDED
        if control.control_id in self.refused and control.kind != hold_pb2.CONTROL_KIND_RELEASE:
            return hold_pb2.CONTROL_REFUSAL_OTHER
        if control.kind != hold_pb2.CONTROL_KIND_RELEASE and held.life == QUEUED:
            return hold_pb2.CONTROL_REFUSAL_HOLD_QUEUED
        if (
            control.kind == hold_pb2.CONTROL_KIND_DEDUCT
            and not control.whole
            and control.amount_fen > held.controlled
        ):
            return hold_pb2.CONTROL_REFUSAL_TOO_MUCH
        return hold_pb2.CONTROL_REFUSAL_UNSPECIFIED

    def _carry_out(
        self, control: institution_pb2.Control, receipt: institution_pb2.ControlReceipt
    ) -> tuple[Held, Account]:
        if control.kind == hold_pb2.CONTROL_KIND_FREEZE:
            account = self.accounts[control.property.institution, control.property.locator]
            assert control.whole == account.is_thing
            held = Held(
                control.control_id,
                control.mandate.court_code,
                control.months,
                control.ceiling_fen,
                account.is_thing,
            )
            account.holds.append(held)
            self.holds[control.control_id] = (held, account)
            receipt.requested_fen = control.ceiling_fen
            return held, account
        held, account = self.holds[control.hold_id]
        if control.kind == hold_pb2.CONTROL_KIND_RENEW:
            held.until = calendar.add_months(self.today, control.months)
        elif control.kind == hold_pb2.CONTROL_KIND_RELEASE:
            self._release(held, control)
        else:
            amount = held.controlled if control.whole else control.amount_fen
            account.balance -= amount
            held.controlled -= amount
            held.ceiling -= amount
            held.deducted += amount
            receipt.deducted_fen = receipt.requested_fen = amount
            if held.ceiling == 0:
                self._end(held, hold_pb2.HOLD_END_DEDUCTED)
        return held, account

    def _release(self, held: Held, control: institution_pb2.Control) -> None:
        stays = 0 if control.whole else control.ceiling_fen
        if stays == 0:
            self._end(held, hold_pb2.HOLD_END_RELEASED)
            return
        held.ceiling = min(held.ceiling, stays)
        held.controlled = min(held.controlled, stays)

    def _end(self, held: Held, end: int) -> None:
        held.life, held.end, held.ceiling, held.controlled = ENDED, end, 0, 0
        held.position, held.ahead = 0, ()

    def settle(self, account: Account, cause: Held | None, event: int = 0) -> None:
        """Let money and the thing flow down the line; tell of every hold that changed but `cause`, whose
        receipt tells."""
        before: list[Held] = []
        for held in account.living():
            is_free = not before if account.is_thing else all(one.controlled == one.ceiling for one in before)
            if not account.is_thing and is_free:
                held.controlled += min(held.ceiling - held.controlled, account.available())
            if held.life == QUEUED and (
                not before or (is_free and not account.is_thing and held.controlled > 0)
            ):
                held.life, held.since = EFFECTIVE, self.today
                held.until = calendar.add_months(self.today, held.months)
            held.position = 0 if held.life == EFFECTIVE else len(before)
            held.ahead = tuple(one.court for one in before) if held.life == QUEUED else ()
            before.append(held)
        for held in account.holds:
            if held.content() == held.stated:
                continue
            was_queued = held.stated and held.stated[0] == QUEUED
            held.stated = held.content()
            held.version += 1
            if held is not cause:
                promoted = was_queued and held.life == EFFECTIVE
                kind = Events.HOLD_EVENT_KIND_PROMOTED if promoted else Events.HOLD_EVENT_KIND_CREDITED
                self.tell(held, event or kind)

    def tell(self, held: Held, kind: int, text: str = "") -> None:
        self.events.append(
            institution_pb2.HoldEvent(
                seq=len(self.events) + 1,
                kind=kind,  # type: ignore[arg-type]
                hold=self.statement(held.hold_id),
                text=text,
            )
        )

    def credit(self, account: Account, amount: int) -> None:
        account.balance += amount
        self.settle(account, None)

    def advance(self, today: int) -> None:
        """A new day: holds whose last day has passed expire, and whoever waits behind them takes effect."""
        self.today = today
        for account in self.accounts.values():
            gone = [one for one in account.living() if one.life == EFFECTIVE and one.until < today]
            for held in gone:
                self._end(held, hold_pb2.HOLD_END_EXPIRED)
                held.stated = held.content()
                held.version += 1
                self.tell(held, Events.HOLD_EVENT_KIND_EXPIRED)
            if gone:
                self.settle(account, None)

    def statement(self, hold_id: int) -> hold_pb2.HoldStatement:
        held, account = self.holds[hold_id]
        return hold_pb2.HoldStatement(
            hold_id=hold_id,
            institution=account.institution,
            version=held.version,
            life=held.life,  # type: ignore[arg-type]
            end=held.end,  # type: ignore[arg-type]
            ceiling_fen=held.ceiling,
            whole=held.is_thing,
            controlled_fen=held.controlled,
            deducted_fen=held.deducted,
            queue_position=held.position,
            ahead_court_codes=held.ahead,
            effective_from=held.since,
            effective_until=held.until,
            available_fen=account.available(),
            stated_ns=1,
        )

    def statements(self) -> list[hold_pb2.HoldStatement]:
        return [self.statement(hold_id) for hold_id in sorted(self.holds)]
