"""Plan: how a claim is laid over what was found. Pure; it orders nothing.

Cash first, largest first so that fewest holds are needed, general accounts before basic ones; then things.
Protected amounts and what others hold are left. If a gap remains after all known cash, empty accounts may
each reach for all of it. A worse hold is replaced by a better one that covers as much.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import guard
from gateway.holds.book import Book
from gateway.holds.cover import cap_left, gap
from gateway.holds.model import DEDUCT, ENDED, FREEZE, NONE, RELEASE, Claim, Hold, Property, Sighting
from runtime.calendar import day_of

DONE: Final = hold_pb2.CONTROL_OUTCOME_DONE
# A place: debtor, institution, item, locator.
Key: TypeAlias = tuple[int, int, int, str]
# A case with more accounts than this gets the rest in its next plan.
STEPS_MAX: Final = 512


@dataclass(frozen=True, slots=True)
class Step:
    """One FREEZE of a plan; `ceiling_fen` 0: a thing, whole."""

    debtor: int
    # Which of the debtor's subjects it belongs to.
    holder: int
    property: Property
    ceiling_fen: int
    expected_fen: int
    available_fen: int
    replaces: int = 0


@dataclass(frozen=True, slots=True)
class Omission:
    """What was found and is not in it, and by which rule."""

    property: Property
    rule: controls_pb2.Rule.ValueType


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order in which they are taken."""

    steps: tuple[Step, ...]
    omissions: tuple[Omission, ...]


@dataclass(slots=True)
class _Room:
    """What may still be held: in all, and of each debtor with a cap."""

    left: int
    caps: dict[int, int]

    def of(self, debtor: int) -> int:
        return min(self.left, self.caps.get(debtor, self.left))

    def use(self, debtor: int, amount: int) -> None:
        self.left -= amount
        if debtor in self.caps:
            self.caps[debtor] -= amount


def lay(book: Book, claim: Claim, inquiry_ids: Collection[int], *, by_itself: bool) -> Plan:
    """The plan as things are. `by_itself`: a standing order, which leaves alone what a court let go of."""
    omissions: list[Omission] = []
    cash: list[Sighting] = []
    empty: list[Sighting] = []
    things: list[Sighting] = []
    held, refused = _held(book, claim)
    for seen in _candidates(book, claim, inquiry_ids, omissions):
        place = seen.property
        key = (seen.debtor, place.institution, place.item, place.locator)
        before = held.get(key)
        available = None
        # What was refused there since it was seen would be refused again.
        if refused.get(key, NONE) < seen.seen_ns:
            available = _available(book, seen, before, by_itself=by_itself)
        if available is None:
            if before is not None and _was_wrong(book, before):
                omissions.append(Omission(place, controls_pb2.RULE_NOT_THE_DEBTOR))
        elif not book.law.is_money(place.item):
            things.append(seen)
        elif available > 0:
            cash.append(_with(seen, available))
        elif before is None or not guard_living(before):
            empty.append(_with(seen, available))
    room = _room(book, claim)
    steps, rest = _cash_steps(book, cash, room)
    leftover = room.left
    if leftover > 0:
        steps = [_reaching(one, room) for one in steps]
        # A thing of a debtor whose own cap is full would be released as soon as it is held.
        wanted = [one for one in things if room.of(one.debtor) > 0]
        steps += _thing_steps(book, claim, wanted, leftover)
        steps += _empty_steps(empty, room)
    else:
        steps += _better(book, claim, rest)
    used = {one.property for one in steps}
    unused = (seen.property for seen in (*cash, *empty, *things) if seen.property not in used)
    omissions.extend(Omission(place, controls_pb2.RULE_ABOVE_CLAIM) for place in unused)
    return Plan(tuple(steps[:STEPS_MAX]), tuple(omissions))


def guard_living(hold: Hold) -> bool:
    """Whether it still stands."""
    return guard.living_fault(hold) is None


def _with(seen: Sighting, available: int) -> Sighting:
    if seen.available_fen == available:
        return seen
    return replace(seen, available_fen=available)


def _candidates(
    book: Book, claim: Claim, inquiry_ids: Collection[int], omissions: list[Omission]
) -> Iterable[Sighting]:
    """What was seen and may be held at all; the rest goes into the omissions."""
    for debtor, institution in sorted(book.ambiguous[claim.number]):
        del debtor
        omissions.append(Omission(Property(institution, 0, "", "", ""), controls_pb2.RULE_AMBIGUOUS))
    for key in sorted(book.sightings[claim.number]):
        seen = book.sightings[claim.number][key]
        if inquiry_ids and not any(one in inquiry_ids for one in (seen.inquiry_id, *seen.earlier)):
            continue
        if not book.law.item_terms.get(seen.property.item):
            continue
        refusal = guard.case_fault(claim, seen.debtor, FREEZE) or guard.property_fault(
            book, claim, seen.debtor, seen.property, FREEZE
        )
        if refusal is None:
            yield seen
        elif refusal.rule != controls_pb2.RULE_AMBIGUOUS:
            omissions.append(Omission(seen.property, refusal.rule))


def _held(book: Book, claim: Claim) -> tuple[dict[Key, Hold], dict[Key, int]]:
    """The latest hold of the claim at each place, one that stands before one that has ended; and when there
    was last one refused."""
    found: dict[Key, Hold] = {}
    refused: dict[Key, int] = {}
    for hold_id in claim.holds:
        hold = book.holds[hold_id]
        place = hold.origin.property
        key = (hold.origin.debtor, place.institution, place.item, place.locator)
        before = found.get(key)
        if hold.version == 0 and hold.life == ENDED and not _ended_here(book, hold):
            refused[key] = hold.changed_ns
        if before is None or guard_living(hold) or not guard_living(before):
            found[key] = hold
    return found, refused


def _available(book: Book, seen: Sighting, before: Hold | None, *, by_itself: bool) -> int | None:
    """What is free there by the latest word, -1: unknown; None: it is not to be held (again) now."""
    if before is None:
        return seen.available_fen
    if _was_wrong(book, before):
        return None
    is_newer = before.version > 0 and before.changed_ns >= seen.seen_ns
    if not guard_living(before):
        if by_itself and (_let_go(book, before) or _ended_at_once(book, before)):
            return None
        return before.available if is_newer else seen.available_fen
    if before.version == 0 or before.origin.is_thing or before.controlled < before.ceiling or before.pending:
        return None
    free = before.available if is_newer else seen.available_fen
    return free if free > 0 else None


def _ended_here(book: Book, hold: Hold) -> bool:
    """Whether its FREEZE was ended by the gateway itself, before it left."""
    outcome = book.outcomes.get(hold.origin.hold_id)
    return outcome is not None and outcome.text.startswith("RULE_")


def _was_wrong(book: Book, hold: Hold) -> bool:
    return any(book.controls[control_id].urgent for control_id in hold.controls)


def _let_go(book: Book, hold: Hold) -> bool:
    """Whether a court released it."""
    controls = (book.controls[control_id] for control_id in hold.controls)
    return any(control.kind == RELEASE and control.court for control in controls)


def _ended_at_once(book: Book, hold: Hold) -> bool:
    """Whether its institution let it end on the day on which it was ordered, and nobody asked for that: it
    might do so again and again."""
    if hold.version == 0 or day_of(hold.origin.requested_ns) != book.day:
        return False
    return not any(
        book.controls[one].kind in (RELEASE, DEDUCT) and book.outcomes[one].outcome == DONE
        for one in hold.controls
        if one in book.outcomes
    )


def _room(book: Book, claim: Claim) -> _Room:
    caps: dict[int, int] = {}
    for debtor in range(len(claim.debtors)):
        left = cap_left(claim, debtor) if claim.caps else None
        if left is not None:
            caps[debtor] = max(0, left - claim.debtor_cover[debtor] - claim.debtor_flight[debtor])
    return _Room(max(0, gap(claim, book.day) - claim.flight), caps)


def _cash_steps(book: Book, cash: list[Sighting], room: _Room) -> tuple[list[Step], list[Sighting]]:
    """Known cash; and what of it is not needed."""
    cash.sort(key=lambda one: (book.law.kind(one.property.kind).order, -one.available_fen, one.property))
    steps: list[Step] = []
    rest: list[Sighting] = []
    for seen in cash:
        amount = min(seen.available_fen, room.of(seen.debtor))
        if amount <= 0:
            rest.append(seen)
            continue
        room.use(seen.debtor, amount)
        steps.append(Step(seen.debtor, seen.holder, seen.property, amount, amount, seen.available_fen))
    return steps, rest


def _reaching(step: Step, room: _Room) -> Step:
    """With a gap left after all cash: what comes in later is wanted too."""
    ceiling = step.ceiling_fen + max(0, room.of(step.debtor))
    return Step(step.debtor, step.holder, step.property, ceiling, step.expected_fen, step.available_fen)


def _empty_steps(empty: list[Sighting], room: _Room) -> Iterable[Step]:
    """Empty accounts reach for the whole gap; of those that say nothing of what is free only one at a time
    (rule (1))."""
    unknown = 0
    for seen in empty:
        ceiling = room.of(seen.debtor)
        unknown += seen.available_fen == NONE
        if ceiling > 0 and (seen.available_fen != NONE or unknown == 1):
            yield Step(seen.debtor, seen.holder, seen.property, ceiling, 0, seen.available_fen)


def _thing_steps(book: Book, claim: Claim, things: list[Sighting], leftover: int) -> Iterable[Step]:
    """Things for what cash leaves open, by what they are registered at; those that are held already are
    counted so."""
    places = {
        hold.origin.property
        for hold in map(book.holds.__getitem__, claim.holds)
        if hold.origin.is_thing and guard_living(hold) and not hold.value
    }
    seen_worth = {one.property: one.amount_fen for one in book.sightings[claim.number].values()}
    leftover -= sum(seen_worth.get(place, 0) for place in places)
    things.sort(key=lambda one: (-one.amount_fen, one.property))
    while things and leftover > 0:
        enough = [one for one in things if one.amount_fen >= leftover]
        chosen = enough[-1] if enough else things[0]
        things.remove(chosen)
        leftover -= chosen.amount_fen
        yield Step(chosen.debtor, chosen.holder, chosen.property, 0, 0, NONE)


def _better(book: Book, claim: Claim, rest: list[Sighting]) -> Iterable[Step]:
    """Cash that is free in place of things that cover; general accounts in place of basic ones."""
    worse = [
        hold
        for hold in map(book.holds.__getitem__, claim.counting)
        if hold.is_in_force
        and not hold.pending
        and not hold.pair
        and not hold.indivisible
        and hold.kept > hold.rest
    ]
    worse.sort(key=lambda hold: (not hold.origin.is_thing, -hold.origin.hold_id))
    for hold in worse:
        covers = hold.cover - hold.rest
        for seen in rest:
            if (
                seen.debtor != hold.origin.debtor
                or seen.available_fen < covers
                or seen.property == hold.origin.property
            ):
                continue
            if hold.origin.is_thing or _order(book, seen.property) < _order(book, hold.origin.property):
                rest.remove(seen)
                yield Step(
                    seen.debtor,
                    seen.holder,
                    seen.property,
                    covers,
                    covers,
                    seen.available_fen,
                    hold.origin.hold_id,
                )
                break


def _order(book: Book, place: Property) -> int:
    return book.law.kind(place.kind).order
