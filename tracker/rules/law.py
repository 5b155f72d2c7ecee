"""Law: nodes, limits, events and checks as the files say them, by version and by day.

Frozen, and read from texts alone: `load` opens no file and tells every mistake of every file at once. A clock
is judged by the rule of the day on which it started. What a rule means for a case is in the modules beside
this one.
"""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tracker.rules.node_file import NodeFile, Versions, read_amendment, read_nodes, read_profiles, versions
from tracker.rules.other_files import read_checks, read_events, read_terms
from tracker.rules.rule import Again, CheckRule, EventRule, NodeRule, Period, TermRule, Warn
from tracker.rules.table import Faults
from tracker.rules.words import (
    CASE,
    CLOSING,
    CLUE_CHECK,
    COMES_AFTER,
    CORRECTED,
    COUNT,
    COURT,
    FOLLOWED,
    NATIONAL,
    RESTARTED,
    RESUMPTION,
    SOURCES,
    SUSPENSION_START,
    TERM,
)

NODES: Final = "nodes.toml"
PROFILES: Final = "nodes-local.toml"
EVENTS: Final = "events.toml"
SUSPENSION: Final = "suspension.toml"
TERMS: Final = "terms.toml"
NAMES: Final = (NODES, PROFILES, EVENTS, SUSPENSION, TERMS)
# A file of the law has 20 kB; what is a thousand times as long is something else.
FILE_CHARACTERS_MAX: Final = 1 << 20
FILES_MAX: Final = 64
NEEDED_NODES: Final = frozenset({*RESTARTED, RESUMPTION, CLUE_CHECK, SUSPENSION_START})
PROFILES_MAX: Final = 1_000
FAULTS_SHOWN_MAX: Final = 50
VERSION_CHARACTERS: Final = 12


class LawError(ValueError):
    """The files contradict themselves or what the rules need. `faults` has one line for each mistake."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        shown = list(self.faults[:FAULTS_SHOWN_MAX])
        if len(self.faults) > FAULTS_SHOWN_MAX:
            shown.append(f"and {len(self.faults) - FAULTS_SHOWN_MAX} more")
        super().__init__("law: " + "; ".join(shown))


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """Everything the rules are judged by. `version` is a hash of the texts."""

    version: str
    # The national one first.
    profiles: tuple[str, ...]
    versions: Versions
    # The newest national version of each node.
    nodes: Mapping[int, NodeRule]
    numbers: Mapping[str, int]
    # Profile -> event -> nodes that it may start.
    started: Mapping[str, Mapping[str, tuple[int, ...]]]
    # Profile -> nodes that an event of another thing starts: a payment's by a property's.
    crossed: Mapping[str, frozenset[int]]
    events: Mapping[str, EventRule]
    terms: Mapping[str, tuple[TermRule, ...]]
    # Kind of property -> the node of its measure.
    term_nodes: Mapping[str, int]
    periods: Mapping[str, Period]
    warn: Warn
    checks: tuple[CheckRule, ...]
    again: Again

    def rule(self, profile: str, number: int, route: str, day: int) -> NodeRule | None:
        """The rule of a node in force on this day; None: there is none, or none on this route."""
        found = self.versions.get((profile, number, route)) or self.versions.get((profile, number, ""), ())
        for rule in found:
            if rule.since <= day <= rule.until:
                return rule
        return None

    def routes(self, profile: str, number: int) -> tuple[str, ...]:
        """The routes on which a node has a rule; ("",) if it is the same on both."""
        return tuple(
            route for route in ("", "online", "traditional") if (profile, number, route) in self.versions
        )

    def term(self, kind: str, day: int) -> TermRule | None:
        """How long a measure on such property may last, by the law of this day."""
        for term in self.terms.get(kind, ()):
            if term.since <= day <= term.until:
                return term
        return None


def load(texts: Mapping[str, str]) -> Law:
    """The law of these files by their names: those of NAMES, and any that amend nodes.toml. LawError names
    every mistake of all of them."""
    faults = Faults()
    _check_files(faults, texts)
    read = NodeFile()
    read_nodes(faults, NODES, texts.get(NODES, ""), read)
    for name in sorted(set(texts) - set(NAMES)):
        read_amendment(faults, name, texts[name], read)
    read_profiles(faults, PROFILES, texts.get(PROFILES, ""), read)
    events = read_events(faults, EVENTS, texts.get(EVENTS, ""))
    terms = read_terms(faults, TERMS, texts.get(TERMS, ""))
    found = versions(faults, read, events)
    nodes = {
        number: rules[-1]
        for (profile, number, _), rules in sorted(found.items(), reverse=True)
        if profile == NATIONAL and rules
    }
    known = _with_nodes(faults, events, nodes)
    _check_terms(faults, found, terms)
    checks, again = read_checks(faults, SUSPENSION, texts.get(SUSPENSION, ""), known)
    if faults.lines or read.warn is None:
        raise LawError(faults.lines)
    return Law(
        version=version_of(texts),
        profiles=(NATIONAL, *read.overrides),
        versions=found,
        nodes=dict(sorted(nodes.items())),
        numbers={rule.key: number for number, rule in nodes.items()},
        started=_started(found),
        crossed=_crossed(found, known),
        events=known,
        terms=terms,
        term_nodes={rule.term: number for number, rule in nodes.items() if rule.kind == TERM},
        periods={period.key: period for period in read.periods},
        warn=read.warn,
        checks=checks,
        again=again,
    )


def version_of(texts: Mapping[str, str]) -> str:
    """The version of such texts: the same on every machine."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        for part in (name, texts[name]):
            raw = part.encode()
            digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()[:VERSION_CHARACTERS]


def amended(texts: Mapping[str, str], name: str, text: str) -> dict[str, str]:
    """The texts with one more file in force: a complete file takes the place of the one of its kind, one with
    some nodes amends nodes.toml. LawError if it is no TOML, or of no kind."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LawError([f"{name}: {error}"]) from error
    kinds = {"excluded_period": NODES, "event": EVENTS, "check": SUSPENSION, "term": TERMS}
    for table, place in kinds.items():
        if table in document:
            return {**texts, place: text}
    if isinstance(document.get("profile"), list):
        return {**texts, PROFILES: text}
    if "node" not in document and "variant" not in document:
        raise LawError([f"{name}: none of node, variant, profile, event, check, term stands in it"])
    if name in NAMES:
        raise LawError([f"{name}: the name of a complete file; give what amends it a name of its own"])
    return {**texts, name: text}


def _check_files(faults: Faults, texts: Mapping[str, str]) -> None:
    for name in NAMES:
        if name not in texts:
            faults.add(name, "missing")
    if len(texts) > FILES_MAX:
        faults.add("files", f"{len(texts)} given, at most {FILES_MAX}")
    for name, text in texts.items():
        if len(text) > FILE_CHARACTERS_MAX:
            faults.add(name, f"{len(text)} characters, at most {FILE_CHARACTERS_MAX}")


def _with_nodes(
    faults: Faults, events: Mapping[str, EventRule], nodes: Mapping[int, NodeRule]
) -> dict[str, EventRule]:
    """The closed list: what is no node, and the completion of each node."""
    known = dict(events)
    for rule in nodes.values():
        if rule.key in events:
            faults.add(EVENTS, f"event {rule.key}: is node {rule.number}")
        if rule.kind in (TERM, COUNT):
            # A term is ended by measure_ended, and a count is never done.
            continue
        by = SOURCES if rule.key in FOLLOWED else (COURT,)
        known[rule.key] = EventRule(rule.key, rule.per, by, f"{rule.en}: done")
    needed = {CLOSING, RESUMPTION, CORRECTED, *COMES_AFTER, *COMES_AFTER.values()}
    for key in sorted(needed - set(known)):
        faults.add(EVENTS, f"event {key}: missing, the rules need it")
    for key in sorted(NEEDED_NODES - {rule.key for rule in nodes.values()}):
        faults.add(NODES, f"node {key}: missing, the rules need it")
    for rule in nodes.values():
        start = known.get(rule.start)
        if start is not None and start.per == CASE != rule.per:
            faults.add(
                f"node {rule.number}", f"from: {rule.start} belongs to the case, the node to a {rule.per}"
            )
    return known


def _check_terms(faults: Faults, found: Versions, terms: Mapping[str, tuple[TermRule, ...]]) -> None:
    """terms.toml decides how long; a node that says otherwise is a mistake and not a second opinion."""
    for rules in found.values():
        for rule in rules:
            if rule.kind != TERM or rule.limit is None:
                continue
            decided = [term for term in terms.get(rule.term, ()) if term.since <= rule.since <= term.until]
            if not decided:
                faults.add(f"node {rule.number}", f"term: {rule.term!r} is in {TERMS} not on {rule.since}")
            elif decided[0].months != rule.limit.amount:
                faults.add(
                    f"node {rule.number} of {rule.profile}",
                    f"limit: {rule.limit.amount} months given, {TERMS} says {decided[0].months}",
                )


def _started(found: Versions) -> dict[str, dict[str, tuple[int, ...]]]:
    started: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for (profile, number, _), rules in found.items():
        for rule in rules:
            started[profile][rule.start].add(number)
    return {
        profile: {event: tuple(sorted(numbers)) for event, numbers in by_event.items()}
        for profile, by_event in started.items()
    }


def _crossed(found: Versions, events: Mapping[str, EventRule]) -> dict[str, frozenset[int]]:
    crossed: dict[str, set[int]] = defaultdict(set)
    for (profile, number, _), rules in found.items():
        if any(
            CASE not in (rule.per, events[rule.start].per) and rule.per != events[rule.start].per
            for rule in rules
            if rule.start in events
        ):
            crossed[profile].add(number)
    return {profile: frozenset(crossed[profile]) for profile in {place[0] for place in found}}
