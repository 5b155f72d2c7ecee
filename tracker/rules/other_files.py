"""Other files: events.toml, terms.toml and suspension.toml, made into rules. It collects faults and goes
on."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from tracker.rules.rule import FOREVER, Again, CheckRule, EventRule, Limit, TermRule
from tracker.rules.table import Faults, Table
from tracker.rules.words import BELONGINGS, MONTHS, SOURCES, STATUSES

EARLIEST: Final = 19490101
# Before the name of an event that must be absent.
ABSENT: Final = "!"
# What the rules can answer; the file must ask for exactly these.
CHECK_KEYS: Final = (
    "notice_and_report_order",
    "full_inquiry",
    "traditional_measure",
    "special_assets",
    "clues_checked",
    "nothing_left",
    "consumption_restricted",
    "talk",
    "unpaid",
    "papers",
    "debtor_alive",
    "money_claim",
    "three_months",
)


def read_events(faults: Faults, name: str, text: str) -> dict[str, EventRule]:
    """The closed list of events that are no nodes."""
    found: dict[str, EventRule] = {}
    document = faults.document(name, text)
    for row in document.rows("event"):
        key = row.text("key")
        row.named(f"{name}: event {key}")
        if key in found:
            row.fault("stands there twice")
        found[key] = EventRule(key, row.choice("per", BELONGINGS), row.words("by", SOURCES), row.text("text"))
        if not found[key].by:
            row.fault("by: nobody may record it")
        row.done()
    document.done()
    return found


def read_terms(faults: Faults, name: str, text: str) -> dict[str, tuple[TermRule, ...]]:
    """How long measures last, by kind of property; the rules of holds beside them are the gateway's."""
    found: dict[str, list[TermRule]] = defaultdict(list)
    document = faults.document(name, text)
    for row in document.rows("term"):
        kind = row.text("property")
        row.named(f"{name}: term of {kind}")
        longest = row.limit("max", (MONTHS,)) or Limit(1, MONTHS)
        if not row.has("max"):
            row.fault("max: missing")
        since, until = row.day("effective_from", EARLIEST), row.day("effective_until", FOREVER)
        term = TermRule(longest.amount, row.text("basis"), row.choice("status", STATUSES), since, until)
        if any(since <= other.until and other.since <= until for other in found[kind]):
            row.fault(f"effective_from: another term is in force on days from {since} to {until}")
        found[kind].append(term)
        row.done()
    return {kind: tuple(sorted(terms, key=lambda term: term.since)) for kind, terms in found.items()}


def read_checks(
    faults: Faults, name: str, text: str, events: Collection[str]
) -> tuple[tuple[CheckRule, ...], Again]:
    """What must be fulfilled before enforcement is ended for now, and how often it is asked again then."""
    document = faults.document(name, text)
    checks = []
    for row in document.rows("check"):
        key = row.choice("key", CHECK_KEYS)
        row.named(f"{name}: check {key}")
        proved_by = row.words("proved_by")
        for proof in proved_by:
            if proof.removeprefix(ABSENT) not in events:
                row.fault(f"proved_by: {proof!r} is no event and no node")
        checks.append(
            CheckRule(key, row.text("text"), proved_by, row.text("basis"), row.choice("status", STATUSES))
        )
        row.done()
    keys = [check.key for check in checks]
    for key in CHECK_KEYS:
        if keys.count(key) != 1:
            document.fault(f"check {key}: {keys.count(key)} times, once needed")
    again = _again(document.table("again"))
    document.done()
    return tuple(checks), again


def _again(row: Table) -> Again:
    months = (MONTHS,)
    for name in ("every", "until"):
        if not row.has(name):
            row.fault(f"{name}: missing")
    every, until = row.limit("every", months), row.limit("until", months)
    again = Again(
        every or Limit(1, MONTHS),
        until or Limit(1, MONTHS),
        row.text("basis"),
        row.choice("status", STATUSES),
    )
    row.done()
    if again.every.amount > again.until.amount:
        row.fault(f"every: {again.every.amount} months given, until is {again.until.amount}")
    return again
