"""Orders: what an institution does with a FREEZE, RENEW, RELEASE or DEDUCT.

Each function checks everything first and then changes the shelf, or raises Refused and has changed nothing.
It remembers no control; books does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chakong.type.v1 import hold_pb2, type_pb2
from chakong.type.v1.hold_pb2 import ControlKind, ControlRefusal
from simulator._control import Control
from simulator.books.dates import months_after
from simulator.books.owner import Owner, account_of, touch
from simulator.books.property import ENDED, NO_CEILING, QUEUED, UNKEPT, Account, Hold
from simulator.books.room import RoomError
from simulator.books.shelf import Shelf, holder_of
from simulator.kinds import CLOSED, RESERVE

# A hold on an account that is held so often already is not for a simulator.
HOLDS_PER_ACCOUNT_MAX = 1_000
AMOUNT_FEN_MAX = 2**60


class RefusedError(Exception):
    """Final: nothing was changed."""

    def __init__(self, refusal: ControlRefusal.ValueType, text: str, hold: Hold | None = None) -> None:
        super().__init__(text)
        self.refusal = refusal
        self.text = text
        self.hold = hold


@dataclass(frozen=True, slots=True)
class Ability:
    can_freeze: bool
    can_deduct: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What the orders are carried out with."""

    shelf: Shelf
    owner: Owner
    abilities: Mapping[int, Ability]  # of the institutions behind this endpoint


class Done(NamedTuple):
    hold: Hold
    requested_fen: int = 0
    deducted_fen: int = 0


def carry_out(desk: Desk, control: Control) -> Done:
    """RefusedError, or RoomError when there is no room for another account."""
    order = _ORDERS.get(control.kind)
    if order is None or not control.control_id:
        raise _other(f"control_id, kind: {control.control_id}, {control.kind} given")
    if not control.court_code or not control.has_case or not control.has_notice:
        raise _other("mandate: court, case and notice are wanted")
    if control.instrument_kind != type_pb2.INSTRUMENT_KIND_RULING:
        raise _other("mandate: its instrument is no ruling")
    return order(desk, control)


def freeze(desk: Desk, control: Control) -> Done:
    shelf = desk.shelf
    account = _find(desk, control)
    _check_freeze(desk, control, account)
    if account.serial == UNKEPT:
        shelf.keep(account)
    else:
        shelf.catch_up(account)
    requested_fen = 0 if control.whole else control.ceiling_fen
    hold = Hold(
        control.control_id,
        account,
        control.court_code,
        requested_fen or NO_CEILING,
        control.months,
    )
    shelf.register(hold)
    return Done(hold, requested_fen)


def renew(desk: Desk, control: Control) -> Done:
    hold = _living(desk, control)
    if hold.life == QUEUED:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_HOLD_QUEUED, "no term runs yet", hold)
    _check_months(desk, control, hold.account, hold)
    until_day = months_after(desk.shelf.today, control.months)
    if until_day != hold.until_day:
        hold.until_day = until_day
        hold.version += 1
        desk.shelf.set_due(hold.account)
    return Done(hold)


def release(desk: Desk, control: Control) -> Done:
    hold = _living(desk, control)
    if control.whole or (control.ceiling_fen == 0 and not hold.account.is_thing):
        _finish(desk.shelf, hold, hold_pb2.HOLD_END_RELEASED)
        return Done(hold)
    if hold.account.is_thing:
        raise _other("ceiling_fen: a thing is released whole", hold)
    if not 0 < control.ceiling_fen <= AMOUNT_FEN_MAX:
        raise _other(f"ceiling_fen: {control.ceiling_fen} given", hold)
    if control.ceiling_fen < hold.ceiling_fen:
        hold.ceiling_fen = control.ceiling_fen
        hold.is_whole = False
        hold.version += 1
        _settle_after(desk.shelf, hold)
    return Done(hold, control.ceiling_fen)


def deduct(desk: Desk, control: Control) -> Done:
    hold = _living(desk, control)
    account = hold.account
    kind = desk.shelf.law.kinds.of(account.item, account.kind)
    if account.is_thing or not desk.abilities[account.institution].can_deduct:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_INCAPABLE, "nothing is deducted from it here", hold)
    if not kind.can_deduct:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_PLEDGED, "pledged: held, not deducted", hold)
    if account.currency:
        raise _other("only yuan is transferred to a court", hold)
    payee = desk.shelf.law.payees.get(control.court_code)
    if payee is None or control.payee_account != payee:
        raise RefusedError(
            hold_pb2.CONTROL_REFUSAL_FOREIGN_PAYEE, "not the registered account of the court", hold
        )
    if hold.life == QUEUED:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_HOLD_QUEUED, "it controls nothing", hold)
    amount_fen = hold.controlled_fen if control.whole else control.amount_fen
    if amount_fen <= 0 and not control.whole:
        raise _other(f"amount_fen: {amount_fen} given", hold)
    if amount_fen > hold.controlled_fen:
        text = f"{hold.controlled_fen} fen controlled, {amount_fen} asked for"
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_TOO_MUCH, text, hold)
    if amount_fen:
        _transfer(desk.shelf, hold, amount_fen)
    return Done(hold, amount_fen, amount_fen)


_ORDERS: dict[int, Callable[[Desk, Control], Done]] = {
    ControlKind.CONTROL_KIND_FREEZE: freeze,
    ControlKind.CONTROL_KIND_RENEW: renew,
    ControlKind.CONTROL_KIND_RELEASE: release,
    ControlKind.CONTROL_KIND_DEDUCT: deduct,
}


def _transfer(shelf: Shelf, hold: Hold, amount_fen: int) -> None:
    account = hold.account
    account.balance_fen -= amount_fen
    account.deducted_fen += amount_fen
    hold.controlled_fen -= amount_fen
    hold.deducted_fen += amount_fen
    if not hold.is_whole:
        hold.ceiling_fen -= amount_fen
    if hold.ceiling_fen == 0:
        _finish(shelf, hold, hold_pb2.HOLD_END_DEDUCTED)
        return
    hold.version += 1
    _settle_after(shelf, hold)


def _finish(shelf: Shelf, hold: Hold, end: hold_pb2.HoldEnd.ValueType) -> None:
    if not hold.is_whole:
        hold.ceiling_fen = 0
    shelf.end(hold, end)
    shelf.settle(hold.account)


def _settle_after(shelf: Shelf, hold: Hold) -> None:
    """Its version has risen already: one step, one version."""
    if shelf.settle(hold.account, hold):
        hold.version -= 1


def _find(desk: Desk, control: Control) -> Account:
    """The account as kept, or as drawn with serial UNKEPT."""
    institution, item, locator = control.institution, control.item, control.locator
    ability = desk.abilities.get(institution)
    if ability is None or not ability.can_freeze:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_INCAPABLE, "this institution cannot freeze here")
    if item not in desk.shelf.months_max:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_INCAPABLE, "nothing of this item can be held")
    subject = holder_of(control.id_type, control.id_number, control.name)
    kept = desk.shelf.at(institution, locator)
    for account in kept:
        if account.holder == subject and account.item == item:
            return account
    is_there = bool(kept)
    for drawn in desk.owner.owned(subject, item, institution):
        if drawn[0] == locator:
            is_there = True
            account = account_of(drawn, subject, institution, item, desk.shelf.law.kinds)
            if account.holder == subject:
                touch(account, drawn, desk.shelf.today)
                return account
    if is_there:
        raise RefusedError(
            hold_pb2.CONTROL_REFUSAL_NAME_MISMATCH, "number and name are not those of the holder"
        )
    raise RefusedError(hold_pb2.CONTROL_REFUSAL_NO_SUCH_PROPERTY, "no such account or thing")


def _check_freeze(desk: Desk, control: Control, account: Account) -> None:
    if control.hold_id != control.control_id:
        raise _other("hold_id: of a FREEZE it is the control id")
    if account.is_disposed:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_NO_SUCH_PROPERTY, "it was disposed of")
    if account.is_thing:
        if not control.whole:
            raise _other("ceiling_fen: a thing is held whole")
    else:
        _check_kind(desk, account)
        if not control.whole and not 0 < control.ceiling_fen <= AMOUNT_FEN_MAX:
            raise _other(f"ceiling_fen: {control.ceiling_fen} given")
    _check_months(desk, control, account, None)
    if len(account.holds) >= HOLDS_PER_ACCOUNT_MAX:
        raise RoomError(f"holds: {len(account.holds)} on this account, at most {HOLDS_PER_ACCOUNT_MAX}")


def _check_kind(desk: Desk, account: Account) -> None:
    if account.is_closed or account.kind == CLOSED:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_ACCOUNT_CLOSED, "the account is closed")
    kind = desk.shelf.law.kinds.by_key.get(account.kind)
    if kind is not None and not kind.can_freeze:
        is_reserve = account.kind == RESERVE
        refusal = hold_pb2.CONTROL_REFUSAL_RESERVE if is_reserve else hold_pb2.CONTROL_REFUSAL_EXEMPT
        raise RefusedError(refusal, "this kind of account is not to be held")


def _check_months(desk: Desk, control: Control, account: Account, hold: Hold | None) -> None:
    months, months_max = control.months, desk.shelf.months_max.get(account.item, 0)
    if months == 0:
        raise _other("months: 0 given", hold)
    if months > months_max:
        text = f"months: {months} given, at most {months_max}"
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_TERM_TOO_LONG, text, hold)


def _living(desk: Desk, control: Control) -> Hold:
    hold = desk.shelf.holds.get(control.hold_id)
    if hold is None or (control.has_property and control.institution != hold.account.institution):
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_NO_SUCH_HOLD, "no such hold")
    if hold.life == ENDED:
        raise RefusedError(hold_pb2.CONTROL_REFUSAL_HOLD_ENDED, "the hold has ended", hold)
    desk.shelf.catch_up(hold.account)
    return hold


def _other(text: str, hold: Hold | None = None) -> RefusedError:
    return RefusedError(hold_pb2.CONTROL_REFUSAL_OTHER, text, hold)
