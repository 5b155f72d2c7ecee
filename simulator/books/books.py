"""Books: what the institutions behind one endpoint really hold, whatever anybody was told.

Sans-I/O: controls and the clock in, receipts and events out. A control's first receipt is kept for ever and
comes again for the same control; an UNAVAILABLE is none. Everything else happens by time in `advance`, or is
done to an account from outside (`credit`, `spend`, `close`, `dispose`, `object`). It never lies and loses
nothing; misbehaviour does that around it. Not for several threads.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import ControlReceipt
from chakong.type.v1 import hold_pb2
from chakong.type.v1.hold_pb2 import ControlRefusal, HoldStatement
from chakong.type.v1.type_pb2 import Record
from runtime._wire import message
from simulator._control import CONTENT_BYTES, Control, read_control
from simulator.books import inquiry
from simulator.books.law import Law
from simulator.books.movement import Movement
from simulator.books.orders import Ability, Desk, RefusedError, carry_out
from simulator.books.owner import Nobody, Owner
from simulator.books.property import (
    ENDED,
    NO_CEILING,
    Account,
    Hold,
    Holder,
    statement_encoded,
    statement_of,
)
from simulator.books.room import Room, RoomError
from simulator.books.shelf import TEXT_BYTES_MAX, Shelf
from simulator.kinds import province_of

EVENTS_PER_CALL_MAX = 1_000
HOLDS_PER_CALL_MAX = 1_000
DONE = hold_pb2.CONTROL_OUTCOME_DONE


@dataclass(frozen=True, slots=True)
class Opening:
    """An account or thing to be opened by hand. `balance_fen` of a thing: its registered value;
    `protected_max_fen` None: as the law has it for its kind."""

    institution: int
    item: int
    locator: str
    holder: Holder
    kind: str = "personal"
    balance_fen: int = 0
    currency: str = ""
    protected_max_fen: int | None = None
    movement: Movement | None = None


class Books:
    def __init__(
        self,
        abilities: Mapping[int, Ability],
        law: Law,
        owner: Owner | None = None,
        room: Room | None = None,
    ) -> None:
        """`abilities`: of the institutions behind the endpoint. No `owner`: only accounts opened by hand."""
        self._room = room or Room()
        self._shelf = Shelf(law, self._room)
        self._desk = Desk(self._shelf, owner or Nobody(), abilities)
        self._receipts: dict[int, bytes] = {}  # hash of the control's content, first receipt
        self._effects: dict[int, int] = {}  # of those that took effect more than once

    # -- the contract

    def control(self, control: institution_pb2.Control, now_ns: int) -> ControlReceipt:
        """For whoever has messages."""
        return ControlReceipt.FromString(self.book(read_control(control.SerializeToString()), now_ns))

    def book(self, control: Control, now_ns: int, booked: Control | None = None) -> bytes:
        """The encoded receipt, or UNAVAILABLE when there is no room. `booked` is carried out in its place and
        remembered as `control`: for institutions that get it wrong."""
        self._shelf.advance(now_ns)
        control_id = control.control_id
        if control_id in self._receipts:
            return self._again(control)
        try:
            self._room.check_control()
            receipt = self._carry_out(booked or control)
        except RoomError as error:
            return ControlReceipt(
                control_id=control_id, outcome=hold_pb2.CONTROL_OUTCOME_UNAVAILABLE, text=str(error)
            ).SerializeToString()
        self._room.control_count += 1
        self._receipts[control_id] = control.content + receipt
        return receipt

    def refuse(self, control: Control, refusal: ControlRefusal.ValueType, text: str, now_ns: int) -> bytes:
        """Refuse it whatever it asks for, unless it has its receipt. The encoded receipt."""
        self._shelf.advance(now_ns)
        if control.control_id in self._receipts:
            return self._again(control)
        hold = self._shelf.holds.get(control.hold_id)
        receipt = self._refused(control, RefusedError(refusal, text, hold))
        self._room.control_count += 1
        self._receipts[control.control_id] = control.content + receipt
        return receipt

    def events_after(self, cursor: int, count_max: int) -> list[institution_pb2.HoldEvent]:
        """Events with a seq above it."""
        return self._shelf.events_after(cursor, min(count_max, EVENTS_PER_CALL_MAX))

    def holds(self, institution: int, after_hold_id: int, count_max: int) -> list[HoldStatement]:
        """Also those that have ended; by hold id."""
        found = self._shelf.holds_of(institution, after_hold_id, min(count_max, HOLDS_PER_CALL_MAX))
        return [self._state(hold) for hold in found]

    # -- time

    def advance(self, now_ns: int) -> None:
        """Everything that is due by then; a clock that goes back stands still."""
        self._shelf.advance(now_ns)

    def next_due_ns(self) -> int:
        """When something happens by itself; 0: never."""
        return self._shelf.next_due_ns()

    @property
    def is_touched(self) -> bool:
        """Whether any account was touched or opened."""
        return bool(self._shelf.accounts)

    @property
    def now_ns(self) -> int:
        return self._shelf.now_ns

    @property
    def today(self) -> int:
        """As dates counts days."""
        return self._shelf.today

    @property
    def event_count(self) -> int:
        """Also the seq of the last event."""
        return self._shelf.event_count

    # -- what is done to accounts

    def open(self, opening: Opening, now_ns: int) -> Account:
        """ValueError for an account that is there already; RoomError when there is no room."""
        self._shelf.advance(now_ns)
        if self._shelf.at(opening.institution, opening.locator):
            raise ValueError(f"locator: one at institution {opening.institution} is there already")
        kinds = self._shelf.law.kinds
        holder = opening.holder
        account = Account(
            opening.institution, opening.item, opening.locator, holder, opening.kind, opening.currency
        )
        account.is_thing = opening.item not in kinds.account_items
        if account.is_thing:
            account.worth_fen = opening.balance_fen
        else:
            account.balance_fen = account.opened_fen = opening.balance_fen
            province = province_of(holder.id_type, holder.id_number)
            by_law_fen = kinds.protected_max_fen(opening.item, opening.kind, opening.currency, province)
            by_law_fen = NO_CEILING if by_law_fen is None else by_law_fen
            asked_fen = opening.protected_max_fen
            account.protected_max_fen = by_law_fen if asked_fen is None else asked_fen
        account.movement = opening.movement
        self._shelf.open(account)
        return account

    def credit(self, institution: int, locator: str, amount_fen: int, now_ns: int) -> int:
        """Pay in; the balance. LookupError when nobody touched or opened it, ValueError for a thing, a closed
        account or an amount below 1."""
        account = self._money_at(institution, locator, amount_fen, now_ns)
        account.balance_fen += amount_fen
        account.credited_fen += amount_fen
        self._shelf.settle(account)
        return account.balance_fen

    def spend(self, institution: int, locator: str, amount_fen: int, now_ns: int) -> int:
        """Take out at most so much of what is neither held nor protected; how much it was."""
        account = self._money_at(institution, locator, amount_fen, now_ns)
        spent_fen = min(amount_fen, account.available_fen)
        account.balance_fen -= spent_fen
        account.spent_fen += spent_fen
        return spent_fen

    def close(self, institution: int, locator: str, now_ns: int) -> None:
        """The account is closed. ValueError while money in it is held."""
        account = self._at(institution, locator, now_ns)
        self._shelf.close(account, self._shelf.now_ns)

    def dispose(self, institution: int, locator: str, now_ns: int) -> None:
        """The thing is sold. ValueError for an account."""
        account = self._at(institution, locator, now_ns)
        if not account.is_thing:
            raise ValueError("locator: an account is not disposed of")
        self._shelf.dispose(account, self._shelf.now_ns)

    def object(self, institution: int, hold_id: int, text: str, now_ns: int) -> None:
        """Object in writing; the hold stays in force. LookupError when there is none, ValueError when it has
        ended or the text is too long."""
        self._shelf.advance(now_ns)
        hold = self._shelf.holds.get(hold_id)
        if hold is None or hold.account.institution != institution:
            raise LookupError(f"hold_id: {hold_id} is no hold of institution {institution}")
        if hold.life == ENDED:
            raise ValueError(f"hold_id: {hold_id} has ended")
        if len(text.encode()) > TEXT_BYTES_MAX:
            raise ValueError(f"text: {len(text.encode())} bytes given, at most {TEXT_BYTES_MAX}")
        self._shelf.tell(hold, institution_pb2.HOLD_EVENT_KIND_OBJECTED, self._shelf.now_ns, text)

    # -- for whoever asks what is there

    def records(self, institution: int, subject: Holder, items: Iterable[int], now_ns: int) -> list[Record]:
        """What an inquiry finds now, of accounts touched and untouched."""
        self._shelf.advance(now_ns)
        return inquiry.records(self._desk, institution, subject, items)

    def refresh(self, institution: int, record: Record, now_ns: int) -> bool:
        """Bring a drawn record up to date; whether anybody has touched its account."""
        self._shelf.advance(now_ns)
        return inquiry.refresh(self._desk, institution, record)

    # -- for auditors

    def accounts(self) -> Iterator[Account]:
        """Every account and thing that was touched or opened; to be looked at only."""
        return iter(self._shelf.accounts)

    def account(self, institution: int, locator: str) -> Account:
        """LookupError when nobody touched or opened it."""
        found = self._shelf.at(institution, locator)
        if not found:
            raise LookupError(f"locator: nothing was touched under it at institution {institution}")
        return found[0]

    def hold(self, hold_id: int) -> HoldStatement | None:
        """As it stands; None: there never was one."""
        hold = self._shelf.holds.get(hold_id)
        return None if hold is None else self._state(hold)

    def every_hold(self) -> Iterator[Hold]:
        """To be looked at only."""
        return iter(self._shelf.holds.values())

    def control_ids(self) -> Iterator[int]:
        """Of controls that have their receipt."""
        return iter(self._receipts)

    def receipt(self, control_id: int) -> ControlReceipt | None:
        """The first and only one."""
        kept = self._receipts.get(control_id)
        return None if kept is None else ControlReceipt.FromString(kept[CONTENT_BYTES:])

    def effects(self, control_id: int) -> int:
        """How often this control changed the books: more than once only at an institution that forgets."""
        receipt = self.receipt(control_id)
        is_done = receipt is not None and receipt.outcome == hold_pb2.CONTROL_OUTCOME_DONE
        return self._effects.get(control_id, 0) + is_done

    def apply_again(self, control: Control, now_ns: int) -> ControlReceipt:
        """Forget that it was done, and do it once more: no institution in its right mind does."""
        self._shelf.advance(now_ns)
        before = self._shelf.holds.get(control.control_id)
        receipt = ControlReceipt.FromString(self._carry_out(control))
        if receipt.outcome == hold_pb2.CONTROL_OUTCOME_DONE:
            self._effects[control.control_id] = self._effects.get(control.control_id, 0) + 1
            if before is not None:
                hold = self._shelf.holds[control.control_id]
                hold.version += before.version
                receipt.hold.version = hold.version
        return receipt

    # -- inside

    def _again(self, control: Control) -> bytes:
        kept = self._receipts[control.control_id]
        if kept.startswith(control.content):
            return kept[CONTENT_BYTES:]
        return self._refused(
            control, RefusedError(hold_pb2.CONTROL_REFUSAL_ID_REUSED, "used before for another control")
        )

    def _carry_out(self, control: Control) -> bytes:
        try:
            hold, requested_fen, deducted_fen = carry_out(self._desk, control)
        except RefusedError as refused:
            return self._refused(control, refused)
        stated = statement_encoded(hold, self._shelf.now_ns)
        return message(1, control.control_id, 2, DONE, 5, requested_fen, 6, stated, 7, deducted_fen)

    def _refused(self, control: Control, refused: RefusedError) -> bytes:
        return ControlReceipt(
            control_id=control.control_id,
            outcome=hold_pb2.CONTROL_OUTCOME_REFUSED,
            refusal=refused.refusal,
            text=refused.text,
            requested_fen=control.amount_fen or control.ceiling_fen,
            hold=None if refused.hold is None else self._state(refused.hold),
        ).SerializeToString()

    def _state(self, hold: Hold) -> HoldStatement:
        return statement_of(hold, self._shelf.now_ns)

    def _at(self, institution: int, locator: str, now_ns: int) -> Account:
        self._shelf.advance(now_ns)
        account = self.account(institution, locator)
        self._shelf.catch_up(account)
        if account.is_closed or account.is_disposed:
            raise ValueError("locator: the account is closed, or the thing was disposed of")
        return account

    def _money_at(self, institution: int, locator: str, amount_fen: int, now_ns: int) -> Account:
        account = self._at(institution, locator, now_ns)
        if account.is_thing or amount_fen < 1:
            raise ValueError(f"amount_fen: {amount_fen} given; an account and at least 1 wanted")
        return account
