"""Inquiry: records as the books have them now.

A record of an account nobody touched is as the population drew it; one of a touched account says what is in
it now. It answers no batch.
"""

from collections.abc import Iterable

from chakong.type.v1.type_pb2 import Record
from simulator.books.orders import Desk
from simulator.books.owner import Owned, account_of, touch
from simulator.books.property import Account, Holder


def records(desk: Desk, institution: int, subject: Holder, items: Iterable[int]) -> list[Record]:
    """What is found of these items, namesakes included; sold things are not."""
    shelf = desk.shelf
    accounts = []
    for item in set(items):
        accounts += [one for one in shelf.opened_for(institution, subject) if one.item == item]
        for drawn in desk.owner.owned(subject, item, institution):
            accounts.append(_drawn_account(desk, drawn, subject, institution, item))
    for account in accounts:
        shelf.catch_up(account)
    return [record_of(account) for account in accounts if not account.is_disposed]


def refresh(desk: Desk, institution: int, record: Record) -> bool:
    """Bring a drawn record up to date; whether anybody has touched its account."""
    for account in desk.shelf.at(institution, record.locator):
        owner = (account.holder.id_number, account.holder.name)
        if owner == (record.holder_number, record.holder_name) and account.item == record.item:
            desk.shelf.catch_up(account)
            _fill(record, account)
            return True
    return False


def record_of(account: Account) -> Record:
    record = Record(
        item=account.item,
        locator=account.locator,
        kind=account.kind,
        currency=account.currency,
        holder_number=account.holder.id_number,
        holder_name=account.holder.name,
    )
    _fill(record, account)
    return record


def _fill(record: Record, account: Account) -> None:
    if account.is_closed:
        record.kind = "closed"
    if account.is_thing:
        record.amount_fen = account.worth_fen
        return
    record.amount_fen = account.balance_fen
    record.protected_fen = account.protected_fen
    record.held_fen = account.held_fen
    record.available_fen = account.available_fen


def _drawn_account(desk: Desk, drawn: Owned, subject: Holder, institution: int, item: int) -> Account:
    """The one that is kept, or one for the moment."""
    account = account_of(drawn, subject, institution, item, desk.shelf.law.kinds)
    for kept in desk.shelf.at(institution, account.locator):
        if kept.holder == account.holder and kept.item == item:
            return kept
    touch(account, drawn, desk.shelf.today)
    return account
