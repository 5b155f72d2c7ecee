"""Node files: nodes.toml, what amends it, and the courts' profiles, made into versions of rules.

A row of the same number and route with a later `effective_from` is the next version; a profile's override is
laid over every version of its node. It collects faults and goes on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from runtime import calendar
from tracker.rules.rule import FOREVER, Limit, NodeRule, Period, Warn
from tracker.rules.table import Faults, Table
from tracker.rules.words import (
    BELONGINGS,
    BRANCH,
    CASE,
    COUNT,
    DUTY,
    MONTHS,
    NATIONAL,
    NODE_KINDS,
    ROUTES,
    STATUSES,
    TERM,
    WINDOW,
    WORKING_DAYS,
)

NUMBER_MAX = 255
PERCENT_MAX = 100
TERM_DAYS_MAX = 366
# The first day that any rule here can be in force on.
EARLIEST = 19490101


@dataclass(slots=True)
class NodeFile:
    """What the node files said."""

    rules: list[NodeRule] = field(default_factory=list)
    overrides: dict[str, list[Table]] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    warn: Warn | None = None


Versions = dict[tuple[str, int, str], tuple[NodeRule, ...]]


def read_nodes(faults: Faults, name: str, text: str, into: NodeFile) -> None:
    """The complete national file."""
    document = faults.document(name, text)
    since = _head(document)
    _read_rows(document, since, into)
    for row in document.rows("excluded_period"):
        into.periods.append(
            Period(row.text("key"), row.text("zh", ""), row.text("basis"), row.choice("status", STATUSES))
        )
        row.done()
    keys = [period.key for period in into.periods]
    for key in {key for key in keys if keys.count(key) > 1}:
        document.fault(f"excluded_period: {key} stands there twice")
    into.warn = _warn(document.table("warning"))
    document.done()
    numbers = {rule.number for rule in into.rules}
    missing = [number for number in range(1, max(numbers, default=0)) if number not in numbers]
    if missing:
        document.fault(f"node: {', '.join(map(str, missing))} missing")


def read_amendment(faults: Faults, name: str, text: str, into: NodeFile) -> None:
    """A file with new versions of some nodes."""
    document = faults.document(name, text)
    known = {rule.number for rule in into.rules}
    before = len(into.rules)
    _read_rows(document, _head(document), into)
    document.done()
    for rule in into.rules[before:]:
        if rule.number not in known:
            document.fault(f"node {rule.number}: not a node of the national file")


def read_profiles(faults: Faults, name: str, text: str, into: NodeFile) -> None:
    """The courts' own profiles."""
    document = faults.document(name, text)
    for row in document.rows("profile"):
        profile = row.text("name")
        row.named(f"{name}: profile {profile}")
        if profile in into.overrides or profile in ("", NATIONAL):
            row.fault(f"name: {profile!r} is taken")
        into.overrides[profile] = [one.named(f"{row.where}: {one.where}") for one in row.rows("override")]
        row.done()
    document.done()


def versions(faults: Faults, read: NodeFile, events: Iterable[str]) -> Versions:
    """Every version of every rule, by profile, node and route; in the order of their days."""
    known = set(events) | {rule.key for rule in read.rules}
    found: Versions = {}
    by_place: dict[tuple[int, str], list[NodeRule]] = defaultdict(list)
    for rule in read.rules:
        by_place[rule.number, rule.route].append(rule)
    for (number, route), rules in sorted(by_place.items()):
        found[NATIONAL, number, route] = tuple(_in_turn(faults, rules))
    _check_same(faults, read.rules)
    for profile, overrides in read.overrides.items():
        laid = {place[1:]: found[place] for place in list(found) if place[0] == NATIONAL}
        for override in overrides:
            _lay(override, profile, laid)
        found.update({(profile, *place): rules for place, rules in laid.items()})
    for rules_of_place in found.values():
        for rule in rules_of_place:
            if rule.start not in known:
                faults.add(
                    f"node {rule.number} of {rule.profile}", f"from: {rule.start!r} is no event and no node"
                )
    return found


def _head(document: Table) -> int:
    document.choice("profile", (NATIONAL,))
    if not document.has("effective_from"):
        document.fault("effective_from: missing")
    return document.day("effective_from", EARLIEST)


def _read_rows(document: Table, since: int, into: NodeFile) -> None:
    first = len(into.rules)
    is_needed = not document.has("variant")
    for row in document.rows("node") if is_needed or document.has("node") else ():
        number = row.integer("number", 1, NUMBER_MAX)
        row.named(f"{document.where}: node {number}")
        into.rules.append(_node(row, number, since))
        row.done()
    # The node itself stands before its variants.
    bases = {rule.number: rule for rule in reversed(into.rules[:first])}
    bases |= {rule.number: rule for rule in into.rules[first:]}
    for row in document.rows("variant") if document.has("variant") else ():
        number = row.integer("node", 1, NUMBER_MAX)
        row.named(f"{document.where}: variant of node {number}")
        base = bases.get(number)
        if base is None:
            row.fault("node: no such node")
            continue
        route = row.choice("route", ROUTES[1:])
        if not base.route or route == base.route:
            row.fault(f"route: {route} given, the node itself is {base.route or 'of both'}")
        into.rules.append(_variant(row, base, route, since))
        row.done()


def _node(row: Table, number: int, since: int) -> NodeRule:
    extension, extension_by = _extension(row)
    rule = NodeRule(
        number=number,
        key=row.text("key"),
        zh=row.text("zh"),
        en=row.text("en"),
        kind=row.choice("kind", NODE_KINDS),
        per=row.choice("per", BELONGINGS),
        start=row.text("from"),
        limit=row.limit("limit"),
        urgent=row.limit("urgent_limit"),
        non_litigation=row.limit("non_litigation_limit"),
        ending=row.limit("when_ending_for_now"),
        extension=extension,
        extension_by=extension_by,
        not_before=row.limit("not_before"),
        fresh_within=row.limit("fresh_within"),
        term=row.text("term", ""),
        route=row.choice("route", ROUTES, ""),
        stops=bool(row.choice("clock", ("", CASE), "")),
        basis=row.text("basis", ""),
        status=row.choice("status", STATUSES),
        since=row.day("effective_from", since),
        until=row.day("effective_until", FOREVER),
        profile=NATIONAL,
    )
    for fault in _contradictions(rule):
        row.fault(fault)
    return rule


def _extension(row: Table) -> tuple[Limit | None, str]:
    if not row.has("extension"):
        return None, ""
    inner = row.table("extension")
    by = inner.text("by")
    limit = inner.amount()
    inner.done()
    return limit, by


def _variant(row: Table, base: NodeRule, route: str, since: int) -> NodeRule:
    return replace(
        base,
        route=route,
        start=row.text("from", base.start),
        limit=row.limit("limit"),
        basis=row.text("basis"),
        status=row.choice("status", STATUSES),
        since=row.day("effective_from", since),
        until=row.day("effective_until", FOREVER),
    )


def _contradictions(rule: NodeRule) -> Iterator[str]:
    """What does not go together within a rule."""
    if rule.kind in (WINDOW, TERM) and rule.limit is None:
        yield f"limit: missing, a {rule.kind} has one"
    if rule.kind in (BRANCH, COUNT) and rule.limit is not None:
        yield f"limit: a {rule.kind} has none"
    if (rule.kind == TERM) != bool(rule.term):
        yield f"term: {rule.term!r} given for a {rule.kind}"
    if rule.kind == TERM and rule.limit is not None and rule.limit.unit != MONTHS:
        yield f"limit: {rule.limit.unit} given, the term of a measure has months"
    if rule.kind != DUTY and (rule.stops or rule.extension or rule.not_before):
        yield f"clock, extension, not_before: only a duty has them, not a {rule.kind}"
    if rule.limit is None and (
        rule.urgent or rule.non_litigation or rule.ending or rule.extension or rule.stops
    ):
        yield "limit: missing, while what differs from it is given"
    if rule.stops and WORKING_DAYS in {limit.unit for limit in (rule.limit, rule.extension) if limit}:
        yield "clock: excluded periods stop days and months, not working_days"
    if rule.since > rule.until:
        yield f"effective_until: {rule.until} is before {rule.since}"


def _warn(row: Table) -> Warn:
    warn = Warn(
        row.integer("amber_percent", 1, PERCENT_MAX),
        row.integer("red_percent", 1, PERCENT_MAX),
        row.integers("term_days_before_expiry", 0, TERM_DAYS_MAX),
    )
    row.done()
    if warn.amber_percent >= warn.red_percent:
        row.fault(
            f"amber_percent: {warn.amber_percent} given, less than red_percent {warn.red_percent} needed"
        )
    if list(warn.term_days) != sorted(set(warn.term_days), reverse=True):
        row.fault("term_days_before_expiry: from the most days to the fewest, each once")
    return warn


def _in_turn(faults: Faults, rules: list[NodeRule]) -> Iterator[NodeRule]:
    """Versions of one place, each up to the day before the next."""
    ordered = sorted(rules, key=lambda rule: rule.since)
    for rule, following in zip(ordered, [*ordered[1:], None], strict=True):
        if following is None:
            yield rule
        elif following.since == rule.since:
            faults.add(f"node {rule.number}", f"effective_from: two rules from {rule.since} on")
        else:
            yield replace(rule, until=min(rule.until, calendar.add_days(following.since, -1)))


def _check_same(faults: Faults, rules: list[NodeRule]) -> None:
    """A number is one node, and a key too, whatever the version."""
    first: dict[int, NodeRule] = {}
    numbers: dict[str, int] = {}
    for rule in rules:
        other = first.setdefault(rule.number, rule)
        if (rule.key, rule.kind, rule.per) != (other.key, other.kind, other.per):
            faults.add(
                f"node {rule.number}",
                f"key, kind, per: {rule.key}, {rule.kind}, {rule.per} given, "
                f"{other.key}, {other.kind}, {other.per} elsewhere",
            )
        if numbers.setdefault(rule.key, rule.number) != rule.number:
            faults.add(f"node {rule.number}", f"key: {rule.key} is node {numbers[rule.key]}")


def _lay(override: Table, profile: str, laid: dict[tuple[int, str], tuple[NodeRule, ...]]) -> None:
    """One override over all versions of its node that are in force on its days."""
    number = override.integer("node", 1, NUMBER_MAX)
    override.named(f"profile {profile}: node {number}")
    route = override.choice("route", ROUTES, "")
    start = override.text("from", "")
    limit, ending = override.limit("limit"), override.limit("when_ending_for_now")
    basis = override.text("basis", "")
    since = override.day("effective_from", EARLIEST)
    override.done()
    places = [place for place in laid if place[0] == number and route in ("", place[1])]
    if not places:
        override.fault("node: no such node")
    for place in places:
        merged: list[NodeRule] = []
        for rule in laid[place]:
            if rule.until < since:
                merged.append(rule)
                continue
            if rule.since < since:
                merged.append(replace(rule, until=calendar.add_days(since, -1)))
            changed = replace(
                rule,
                start=start or rule.start,
                limit=limit or rule.limit,
                ending=ending or rule.ending,
                basis=basis or _own_basis(profile, rule),
                since=max(since, rule.since),
                profile=profile,
            )
            for fault in _contradictions(changed):
                override.fault(fault)
            merged.append(changed)
        laid[place] = tuple(merged)


def _own_basis(profile: str, rule: NodeRule) -> str:
    base = rule.basis.split("; over ")[-1]
    return f"local rule {profile}; over {base}" if base else f"local rule {profile}"
