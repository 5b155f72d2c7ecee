"""Town: the institutions of a world, the property they keep, and the people it belongs to.

Ledgers and clerks are the simulator's own. Drawn from the seed; small, so that cases meet each other.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from chakong.type.v1 import type_pb2
from gateway.directory import Directory, Endpoint, Institution
from gateway.policy.hours import ALWAYS
from simulator.books.books import Books, Opening
from simulator.books.clerk import Clerk
from simulator.books.law import Law
from simulator.books.misbehaviour import Misbehaviour, Misdeed
from simulator.books.movement import Movement
from simulator.books.orders import Ability
from simulator.books.property import NO_CEILING, Hold, Holder
from tests.model.world import resident_id
from tests.simulation.answering import Respondent
from tests.simulation.network import Way

SECOND_NS = 1_000_000_000
PEOPLE_COUNT = 3
BIRTH = "61010220041214"
DEMAND_DEPOSIT, CAR = 1, 14
BALANCES = (0, 0, 1, 20, 60, 100, 150, 400)
KINDS = ("personal", "personal", "personal", "wage", "general_settlement", "basic_settlement", "margin")
ODD_KINDS = ("migrant_wage_special", "closed", "personal")
FOREIGN_COURT = "湘0102"


@dataclass(frozen=True, slots=True)
class Seat:
    """An endpoint of the directory, and which institutions behind it this world has."""

    endpoint: int
    institutions: tuple[int, ...]
    can_follow: bool
    is_registry: bool = False


@cache
def directory() -> Directory:
    """Of the institutions and endpoints that there are, those of this town, numbered anew: a bank that closes
    at night, two behind one hub, one that cannot deduct and cannot stream, and who keeps cars."""
    known = Directory.load()
    banks = [one for one in known.institutions if not one.is_unit]
    alone = next(
        one
        for one in banks
        if len(known.endpoints[one.endpoint].institutions) == 1
        and len(one.can) == 3
        and known.endpoints[one.endpoint].hours != ALWAYS
    )
    hub = next(one for one in known.endpoints if one.endpoint_class == "sponsor")
    weak = next(one for one in banks if one.can == frozenset({"INQUIRE", "FREEZE"}))
    cars = next(one for one in known.institutions if one.is_unit and CAR in one.items)
    institutions: list[Institution] = []
    endpoints: list[Endpoint] = []
    for endpoint, behind in (
        (alone.endpoint, (alone.index,)),
        (hub.index, hub.institutions[:2]),
        (weak.endpoint, (weak.index,)),
        (cars.endpoint, (cars.index,)),
    ):
        indexes = tuple(range(len(institutions), len(institutions) + len(behind)))
        institutions += [
            replace(known.institutions[one], index=index, endpoint=len(endpoints))
            for one, index in zip(behind, indexes, strict=True)
        ]
        endpoints.append(replace(known.endpoints[endpoint], index=len(endpoints), institutions=indexes))
    return Directory(tuple(institutions), tuple(endpoints))


@cache
def law() -> Law:
    return Law.load()


@cache
def seats() -> tuple[Seat, ...]:
    """Its endpoints."""
    return tuple(
        Seat(
            endpoint.index,
            endpoint.institutions,
            can_follow="DEDUCT" in directory().institutions[endpoint.institutions[0]].can
            or endpoint.endpoint_class == "unit",
            is_registry=endpoint.endpoint_class == "unit",
        )
        for endpoint in directory().endpoints
    )


@cache
def person(number: int) -> type_pb2.Subject:
    """One of the people, by number from 1; higher ones own nothing. Not to be changed."""
    id_number = resident_id(f"{BIRTH}{number:03d}")
    return type_pb2.Subject(id_type=type_pb2.ID_TYPE_RESIDENT_ID, id_number=id_number, name=f"曹{number}")


def number_of(subject: type_pb2.Subject) -> int:
    """Which of them it is."""
    return int(subject.id_number.removeprefix(BIRTH)[:3])


@dataclass(frozen=True, slots=True)
class Place:
    """An account or a thing, and whose it is."""

    opening: Opening
    owner: int


class Town:
    """`changed` is called when books may have changed."""

    def __init__(
        self,
        random: Random,
        network: Random,
        now_ns: Callable[[], int],
        changed: Callable[[], None],
        counts: Counter[str],
        misdeeds: dict[Misdeed, float],
        *,
        has_things: bool,
    ) -> None:
        self._random = random
        self._now_ns = now_ns
        self._advanced_ns = 0
        self.counts = counts
        self._has_things = has_things
        self.ways: dict[int, Way] = {}
        self.books_of: dict[int, Books] = {}
        self.places: list[Place] = []
        for seat in seats():
            can = {index: directory().institutions[index].can for index in seat.institutions}
            abilities = {index: Ability("FREEZE" in one, "DEDUCT" in one) for index, one in can.items()}
            books = Books(abilities, law())
            books.advance(now_ns())
            rates = Misbehaviour(random.getrandbits(32), misdeeds, delay_ns_max=20 * SECOND_NS)
            self.ways[seat.endpoint] = Way(
                Clerk(books, rates),
                Respondent(directory(), seat.endpoint, self.records, network, counts),
                network,
                now_ns,
                changed,
                counts,
                can_follow=seat.can_follow,
            )
            for index in seat.institutions:
                self.books_of[index] = books
        for number in range(1, PEOPLE_COUNT + 1):
            self._furnish(number)

    # -- what is there

    def every_hold(self) -> Iterator[Hold]:
        """Of all books; those of courts outside left out."""
        for way in self.ways.values():
            for hold in way.clerk.books.every_hold():
                if not hold.is_foreign:
                    yield hold

    def records(
        self, subject: type_pb2.Subject, institution: int, items: tuple[int, ...]
    ) -> list[type_pb2.Record]:
        """What an inquiry about a person finds at an institution now."""
        holder = Holder(subject.id_type, subject.id_number, subject.name)
        return self.books_of[institution].records(institution, holder, items, self._now_ns())

    def advance(self) -> None:
        """Let every clock go on."""
        now_ns = self._now_ns()
        if now_ns != self._advanced_ns:
            self._advanced_ns = now_ns
            for way in self.ways.values():
                way.advance()

    # -- what happens to it

    def move_money(self) -> str:
        """Something happens to one of the accounts or things; what it was."""
        place = self._random.choice(self.places)
        opening = place.opening
        books, way = self._at(opening.institution)
        now_ns = self._now_ns()
        luck = self._random.random()
        name = "nothing"
        # What cannot be done to it is not done: a closed account takes no money, a thing is not spent.
        with suppress(ValueError):
            if opening.item == CAR:
                if luck < 0.3:
                    books.dispose(opening.institution, opening.locator, now_ns)
                    name = "disposals"
            elif luck < 0.6:
                amount_fen = self._random.choice((1, 10, 50, 120, 300))
                books.credit(opening.institution, opening.locator, amount_fen, now_ns)
                name = "credits"
            elif luck < 0.95:
                books.spend(opening.institution, opening.locator, self._random.choice((5, 100)), now_ns)
                name = "spendings"
            else:
                books.close(opening.institution, opening.locator, now_ns)
                name = "closures"
        self.counts[name] += name != "nothing"
        way.stir()
        return f"{name} {opening.locator}"

    def object_to_something(self) -> str:
        """An institution objects to a hold."""
        holds = [hold for hold in self.every_hold() if hold.account.holds.count(hold)]
        if not holds:
            return "no objection"
        hold = self._random.choice(holds)
        books, way = self._at(hold.account.institution)
        # It may have run out by now.
        with suppress(ValueError):
            books.object(hold.account.institution, hold.hold_id, "held for others", self._now_ns())
        self.counts["objections"] += 1
        way.stir()
        return f"objection to {hold.hold_id}"

    def _at(self, institution: int) -> tuple[Books, Way]:
        return self.books_of[institution], self.ways[directory().institutions[institution].endpoint]

    # -- drawn at the beginning

    def _furnish(self, number: int) -> None:
        owner = person(number)
        holder = Holder(owner.id_type, owner.id_number, owner.name)
        for seat in seats():
            for institution in seat.institutions:
                many = 3 if seat.is_registry and self._has_things else 0
                for ordinal in range(many or self._random.choice((0, 1, 1, 2))):
                    locator = f"p{number}-{institution}-{ordinal}"
                    opening = (
                        Opening(institution, CAR, locator, holder, "car", self._random.choice((0, 80, 200)))
                        if seat.is_registry
                        else self._account(institution, locator, holder)
                    )
                    self._open(opening, number)

    def _account(self, institution: int, locator: str, holder: Holder) -> Opening:
        random = self._random
        kind = random.choice(ODD_KINDS if random.random() < 0.1 else KINDS)
        movement = None
        if kind == "wage" or random.random() < 0.2:
            movement = Movement(random.choice((30, 120)), random.randint(1, 28), random.choice((0, 2)))
        return Opening(
            institution,
            DEMAND_DEPOSIT,
            locator,
            holder,
            kind,
            random.choice(BALANCES),
            currency="USD" if random.random() < 0.05 else "",
            protected_max_fen=random.choice((0, 0, 30)),
            movement=movement,
        )

    def _open(self, opening: Opening, owner: int) -> None:
        books = self.books_of[opening.institution]
        books.open(opening, self._now_ns())
        self.places.append(Place(opening, owner))
        if self._random.random() < 0.15:
            self._hold_for_others(books, opening.locator)

    def _hold_for_others(self, books: Books, locator: str) -> None:
        """A court outside was here before; its hold runs out one day."""
        account = next(one for one in books.accounts() if one.locator == locator)
        ceiling_fen = NO_CEILING if account.is_thing else self._random.choice((40, 200))
        hold = Hold(0, account, FOREIGN_COURT, ceiling_fen, 0)
        hold.is_foreign = True
        hold.from_day = books.today
        hold.until_day = books.today + self._random.choice((1, 5, 40, 400))
        account.holds.append(hold)
        books._shelf.settle(account)
