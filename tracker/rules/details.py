"""Details: what each kind of event may say besides, what it must say, and which values there are. Pure."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from runtime import calendar
from tracker.model import NO_DETAIL, Detail, Event, Refusal, Rule
from tracker.rules.law import Law
from tracker.rules.words import (
    AUCTION,
    AUCTION_FAILED,
    CLOCK_RESUMED,
    CLOCK_STOPPED,
    CLOSING,
    CLUE_RECEIVED,
    EXTENSION,
    FOUND_AFTERWARDS,
    MANNERS,
    MEASURE_EFFECTIVE,
    MEASURE_ENDED,
    MEASURE_RENEWED,
    NO_PROPERTY,
    ONLINE_INQUIRY,
    PROPERTY_FOUND,
    ROUTES,
    SECOND_AUCTION,
    SECOND_AUCTION_FAILED,
    SUSPENSION_START,
    TRANSFERRED,
    WITH_PROPERTY,
    WITHOUT_PROPERTY,
)

INQUIRY: Final = frozenset({"inquiry", "is_full", "items", "ended"})
MAY_SAY: Final = {
    MEASURE_EFFECTIVE: frozenset({"property", "until", "amount_fen", "origin"}),
    MEASURE_RENEWED: frozenset({"until"}),
    MEASURE_ENDED: frozenset({"reason"}),
    PROPERTY_FOUND: frozenset({"property", "amount_fen", "origin", "inquiry"}),
    FOUND_AFTERWARDS: frozenset({"property", "amount_fen", "origin", "inquiry"}),
    CLUE_RECEIVED: frozenset({"is_urgent", "origin"}),
    "money_received": frozenset({"amount_fen", "origin"}),
    "claim_satisfied": frozenset({"amount_fen"}),
    AUCTION: frozenset({"route"}),
    SECOND_AUCTION: frozenset({"route"}),
    AUCTION_FAILED: frozenset({"route"}),
    SECOND_AUCTION_FAILED: frozenset({"route"}),
    CLOCK_STOPPED: frozenset({"period"}),
    CLOCK_RESUMED: frozenset({"period"}),
    EXTENSION: frozenset({"node", "months", "days", "approved_by"}),
    ONLINE_INQUIRY: INQUIRY | {"subject"},
    NO_PROPERTY: INQUIRY,
    WITH_PROPERTY: INQUIRY,
    WITHOUT_PROPERTY: INQUIRY | {"reason"},
    CLOSING: frozenset({"manner", "reason"}),
    TRANSFERRED: frozenset({"court"}),
    SUSPENSION_START: frozenset({"is_wished"}),
}
MUST_SAY: Final = {
    MEASURE_EFFECTIVE: ("property",),
    AUCTION: ("route",),
    CLOCK_STOPPED: ("period",),
    CLOCK_RESUMED: ("period",),
    EXTENSION: ("approved_by",),
    TRANSFERRED: ("court",),
}
END_STATES: Final = (
    "FOUND",
    "NONE",
    "AMBIGUOUS",
    "REFUSED",
    "INCAPABLE",
    "LATE",
    "UNREACHABLE",
    "CANCELLED",
)
AMOUNT_FEN_MAX: Final = 1 << 50
EXTENSION_MAX: Final = 255
ITEM_MAX: Final = 25
ITEMS_MAX: Final = 25
TEXT_BYTES_MAX: Final = 256
ID_BYTES_MAX: Final = 64
FIELDS: Final = tuple(field.name for field in fields(Detail))


def detail_fault(law: Law, event: Event) -> Refusal | None:
    """What is wrong with the detail of an event of a known kind."""
    detail = event.detail
    if detail is NO_DETAIL and event.kind not in MUST_SAY:
        return None
    allowed = MAY_SAY.get(event.kind, frozenset())
    for name in FIELDS:
        if getattr(detail, name) != getattr(NO_DETAIL, name) and name not in allowed:
            return Refusal(Rule.DETAIL_UNEXPECTED, f"detail.{name}: {event.kind} has no use for it")
    for name in MUST_SAY.get(event.kind, ()):
        if getattr(detail, name) == getattr(NO_DETAIL, name):
            return Refusal(Rule.DETAIL_MISSING, f"detail.{name}: missing, {event.kind} needs it")
    if event.kind == EXTENSION and not detail.months and not detail.days:
        return Refusal(Rule.DETAIL_MISSING, "detail.months: missing, or detail.days")
    wrong = next(_wrong(law, event), None)
    return Refusal(Rule.DETAIL_WRONG, wrong) if wrong else None


def _wrong(law: Law, event: Event) -> Iterator[str]:
    yield from _wrong_words(law, event.detail)
    yield from _wrong_numbers(law, event.detail)
    detail = event.detail
    if detail.until and not calendar.is_date(detail.until):
        yield f"detail.until: {detail.until} given, a date such as 20261122 needed"
    elif detail.until and detail.until < event.effective:
        yield f"detail.until: {detail.until} given, not before {event.effective}"
    if any(count.state not in END_STATES or count.query_count < 0 for count in detail.ended):
        yield f"detail.ended: counts by {', '.join(END_STATES)}, 0 or more"


def _wrong_words(law: Law, detail: Detail) -> Iterator[str]:
    """Words that are none of theirs, and texts that are too long."""
    words = {
        "property": (detail.property, tuple(law.terms)),
        "route": (detail.route, ROUTES[1:]),
        "period": (detail.period, tuple(law.periods)),
        "manner": (detail.manner, MANNERS[1:]),
    }
    for name, (given, allowed) in words.items():
        if given and given not in allowed:
            yield f"detail.{name}: {given[:ID_BYTES_MAX]!r} given, one of {', '.join(allowed)} allowed"
    texts = {
        "reason": (detail.reason, TEXT_BYTES_MAX),
        "origin": (detail.origin, ID_BYTES_MAX),
        "inquiry": (detail.inquiry, ID_BYTES_MAX),
        "approved_by": (detail.approved_by, ID_BYTES_MAX),
        "court": (detail.court, ID_BYTES_MAX),
    }
    for name, (text, limit) in texts.items():
        if len(text.encode()) > limit:
            yield f"detail.{name}: {len(text.encode())} bytes given, at most {limit}"


def _wrong_numbers(law: Law, detail: Detail) -> Iterator[str]:
    numbers = {
        "amount_fen": (detail.amount_fen, AMOUNT_FEN_MAX),
        "months": (detail.months, EXTENSION_MAX),
        "days": (detail.days, EXTENSION_MAX),
    }
    for name, (given, highest) in numbers.items():
        if not 0 <= given <= highest:
            yield f"detail.{name}: {given} given, 0 to {highest} allowed"
    if detail.node and detail.node not in law.nodes:
        yield f"detail.node: {detail.node} given, there is no such node"
    if len(detail.items) > ITEMS_MAX or any(not 1 <= item <= ITEM_MAX for item in detail.items):
        yield f"detail.items: at most {ITEMS_MAX} of 1 to {ITEM_MAX}"
