"""Owner: what the population says that a subject owns at an institution.

It opens an account as it stands before anybody touched it, other courts' holds included. It keeps none.
"""

from typing import Protocol

from simulator import burden
from simulator._owned import owned
from simulator._population import Population
from simulator.books.dates import next_monthly
from simulator.books.movement import movement_of
from simulator.books.property import NO_CEILING, Account, Hold, Holder, pour
from simulator.kinds import Kinds, province_of

# One property as drawn: locator, kind, amount in fen, currency, holder's number and name, burden.
Owned = tuple[str, str, int, str, str, str, int]


class Owner(Protocol):
    def owned(self, subject: Holder, item: int, institution: int) -> list[Owned]:
        """All of this item that the institution keeps for whoever asks about `subject`, namesakes
        included."""


class Nobody:
    """Owns nothing: for books whose accounts are opened by hand."""

    def owned(self, subject: Holder, item: int, institution: int) -> list[Owned]:
        return []


class PopulationOwner:
    """The population of one seed, compiled."""

    def __init__(self, population: Population) -> None:
        self._population = population

    def owned(self, subject: Holder, item: int, institution: int) -> list[Owned]:
        return owned(self._population, *subject, item, institution)


def account_of(drawn: Owned, subject: Holder, institution: int, item: int, kinds: Kinds) -> Account:
    """As it stands before anybody touched it; `touch` brings it to life."""
    locator, kind, amount_fen, currency, number, name, _ = drawn
    is_asked = number == subject.id_number and name == subject.name
    holder = subject if is_asked else Holder(subject.id_type, number, name)
    account = Account(institution, item, locator, holder, kind, currency)
    account.is_thing = item not in kinds.account_items
    if account.is_thing:
        account.worth_fen = amount_fen
    else:
        account.balance_fen = account.opened_fen = amount_fen
        province = province_of(subject.id_type, subject.id_number)
        limit_fen = kinds.protected_max_fen(item, kind, currency, province)
        account.protected_max_fen = NO_CEILING if limit_fen is None else limit_fen
    return account


def touch(account: Account, drawn: Owned, day: int) -> None:
    """From today on it moves, and what other courts hold of it runs out one day."""
    luck = drawn[-1]
    account.settled_day = day
    account.movement = movement_of(luck, account.item, account.kind, account.currency)
    if account.movement is not None:
        account.payday = next_monthly(day, account.movement.payday)
    if not burden.is_burdened(luck):
        return
    free_fen = account.balance_fen - account.protected_fen
    ceiling_fen = NO_CEILING if account.is_thing else burden.ceiling_fen(luck, free_fen)
    hold = Hold(0, account, burden.court_code(luck), ceiling_fen, 0)
    hold.is_foreign = True
    hold.is_disposing = account.is_thing and burden.is_disposed_of(luck)
    hold.from_day = day
    hold.until_day = day + burden.days(luck)
    account.holds.append(hold)
    pour(account)
