"""Recompute: the due days of millions of open nodes under another law, without their events.

Pure, and vectorised with numpy: rows of one node with one variant are counted together. What only events can
tell (excluded days under another limit, a rule that was not on file) is marked `unsure` and folded one by
one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracker.rules.counting import used_up
from tracker.rules.days import Bools, Ints, table
from tracker.rules.law import Law
from tracker.rules.rule import Limit, NodeRule, Warn
from tracker.rules.variant import ENDING, NON_LITIGATION, PROFILE_MASK, TOLD, UNSURE, URGENT, Variant, unpack
from tracker.rules.words import DUTY, RESUMPTION, ROUTES, TERM, WORKING_DAYS

NO_ORIGIN: Final = ("", "", 0)
Origin = tuple[str, str, int]


class Columns(NamedTuple):
    """Open nodes as they stand, a row each; days are dates such as 20261122."""

    number: NDArray[np.integer]
    start: NDArray[np.integer]
    due: NDArray[np.integer]
    amber: NDArray[np.integer]
    red: NDArray[np.integer]
    stopped_days: NDArray[np.integer]
    variant: NDArray[np.integer]
    is_provisional: Bools


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The same rows under the new law. `origin`: a place in `origins`. Rows that are `unsure` stand as they
    were."""

    due: Ints
    amber: Ints
    red: Ints
    variant: Ints
    is_provisional: Bools
    origin: Ints
    unsure: Bools
    origins: list[Origin] = field(default_factory=list)


class Moves(NamedTuple):
    """How many due days move, and which way."""

    later: int
    earlier: int
    gained: int
    lost: int
    unmoved: int


class Rules(NamedTuple):
    """What counts a row under one law: its rule, the limit in it, and when it warns; and its origin."""

    rule: NodeRule
    limit: Limit | None
    warn: Warn
    origin: Origin
    # What makes a difference to the days; equal: they stay.
    measure: tuple[object, ...]


class Span(NamedTuple):
    """The days on which the same rules are in force; None: no rule is on file."""

    since: int
    until: int
    rules: Rules | None


class Work(NamedTuple):
    """What is recomputed, what came of it, and the places of the origins so far. `is_calendar_other`: also
    what was counted with known holidays is counted anew."""

    rows: Columns
    done: Recomputed
    places: dict[Origin, int]
    is_calendar_other: bool


class Group(NamedTuple):
    """Rows of one rule: where they stand, their starts as dates and as days, and where their limits end."""

    at: Ints
    dates: Ints
    started: Ints
    nominal: Ints


def recompute(old: Law, new: Law, rows: Columns, *, is_calendar_other: bool = False) -> Recomputed:
    """The due days of open nodes that stand as `old` says, as `new` says. ValueError if the new law lacks a
    profile that a row has. `is_calendar_other`: they may have been counted with other holidays of a year than
    are known now; else those that were known are the same."""
    numbers, starts = rows.number.astype(np.int64), rows.start.astype(np.int64)
    variants = rows.variant.astype(np.int64)
    done = Recomputed(
        due=rows.due.astype(np.int64),
        amber=rows.amber.astype(np.int64),
        red=rows.red.astype(np.int64),
        variant=_translated(old, new, variants),
        is_provisional=rows.is_provisional.astype(np.bool_),
        origin=np.zeros(len(numbers), dtype=np.int64),
        unsure=np.zeros(len(numbers), dtype=np.bool_),
        origins=[NO_ORIGIN],
    )
    keys = numbers << 32 | variants
    order = np.argsort(keys, kind="stable")
    kinds, begins = np.unique(keys[order], return_index=True)
    work = Work(rows, done, {NO_ORIGIN: 0}, is_calendar_other)
    for key, begin, end in zip(kinds.tolist(), begins, [*begins, len(order)][1:], strict=True):
        group = order[begin:end]
        number, variant = key >> 32, unpack(key & 0xFFFFFFFF)
        of_group = starts[group]
        for was in _spans(old, old, number, variant):
            for becomes in _spans(old, new, number, variant):
                since, until = max(was.since, becomes.since), min(was.until, becomes.until)
                if since <= until:
                    at = group[(of_group >= since) & (of_group <= until)]
                    _count(work, at, variant, was.rules, becomes.rules)
    done.origins[:] = list(work.places)
    return done


def compare(before: NDArray[np.integer], after: NDArray[np.integer]) -> Moves:
    """How due days moved; 0 is none."""
    was, becomes = before.astype(np.int64), after.astype(np.int64)
    both = (was > 0) & (becomes > 0)
    later, earlier = int((both & (becomes > was)).sum()), int((both & (becomes < was)).sum())
    gained, lost = int(((was == 0) & (becomes > 0)).sum()), int(((was > 0) & (becomes == 0)).sum())
    return Moves(later, earlier, gained, lost, len(was) - later - earlier - gained - lost)


def changes_events(old: Law, new: Law) -> bool:
    """Whether under the new law other events start nodes, or other extensions hold: then every case is
    folded."""
    kept = [profile for profile in old.profiles if profile in new.profiles]
    return any(_beginnings(old, profile) != _beginnings(new, profile) for profile in kept)


def _beginnings(law: Law, profile: str) -> dict[tuple[int, str], list[tuple[object, ...]]]:
    """What starts each node, from the first day on which that differs."""
    found: dict[tuple[int, str], list[tuple[object, ...]]] = {}
    for (of, number, route), rules in law.versions.items():
        if of != profile:
            continue
        turns: list[tuple[object, ...]] = []
        for rule in rules:
            turn = (
                rule.key,
                rule.kind,
                rule.per,
                rule.start,
                rule.term,
                rule.extension,
                rule.extension_by,
                rule.stops,
            )
            if not turns or turns[-1][1:] != turn:
                turns.append((rule.since if turns else 0, *turn))
        found[number, route] = turns
    return found


def _translated(old: Law, new: Law, variants: Ints) -> Ints:
    """Variants with the places that their profiles have in the new law."""
    used = np.unique(variants & PROFILE_MASK)
    places = np.zeros(PROFILE_MASK + 1, dtype=np.int64)
    for place in used.tolist():
        name = old.profiles[place]
        if name not in new.profiles:
            raise ValueError(f"profile: {name!r} has cases, and is not in the new law")
        places[place] = new.profiles.index(name)
    translated: Ints = (variants & ~PROFILE_MASK) | places[variants & PROFILE_MASK]
    return translated


def _spans(named: Law, law: Law, number: int, variant: Variant) -> Iterator[Span]:
    """The rules of such rows under a law, over all days; `named`: the law that the variant was written
    under."""
    profile, route = named.profiles[variant.profile], ROUTES[variant.route]
    versions = law.versions.get((profile, number, route)) or law.versions.get((profile, number, ""), ())
    day = 0
    if versions and versions[0].kind == TERM:
        for term in law.terms.get(versions[0].term, ()):
            rule = next((one for one in versions if one.since <= term.until), versions[0])
            if term.since > day:
                yield Span(day, term.since - 1, None)
            limit = Limit(term.months, "months")
            origin = (rule.name, term.basis, term.since)
            yield Span(term.since, term.until, Rules(rule, limit, law.warn, origin, (TERM, limit, law.warn)))
            day = term.until + 1
    else:
        for rule in versions:
            if rule.since > day:
                yield Span(day, rule.since - 1, None)
            yield Span(rule.since, rule.until, _rules(law, rule, variant))
            day = rule.until + 1
    yield Span(day, 1 << 40, None)


def _rules(law: Law, rule: NodeRule, variant: Variant) -> Rules:
    flags = variant.flags
    limit = rule.limit_for(bool(flags & URGENT), bool(flags & NON_LITIGATION), bool(flags & ENDING))
    extension = rule.extension if variant.extension else None
    percents = (law.warn.amber_percent, law.warn.red_percent)
    measure = (rule.kind, limit, extension.unit if extension else "", percents, rule.stops)
    return Rules(rule, limit, law.warn, (rule.name, rule.basis, rule.since), measure)


def _count(work: Work, at: Ints, variant: Variant, was: Rules | None, becomes: Rules | None) -> None:
    """Counts the rows at these places anew, as far as their rules or holidays differ, or were not known."""
    if not len(at):
        return
    rows, done, places, is_calendar_other = work
    if becomes is not None:
        done.origin[at] = places.setdefault(becomes.origin, len(places))
    if was is None or becomes is None:
        done.unsure[at] = was is not becomes
        return
    is_moved = is_calendar_other and becomes.rule.kind != TERM
    again = at if is_moved or was.measure != becomes.measure else at[rows.is_provisional[at]]
    if variant.flags & UNSURE:
        done.unsure[again] = True
        return
    is_stopped = rows.stopped_days[again] > 0
    done.unsure[again[is_stopped]] = True
    again = again[~is_stopped]
    if len(again) and becomes.limit is None:
        _without_limit(work, again, becomes.rule)
    elif len(again):
        _with_limit(work, again, variant, becomes)


def _without_limit(work: Work, at: Ints, rule: NodeRule) -> None:
    done = work.done
    at_once = work.rows.start[at] if rule.key == RESUMPTION else 0
    done.due[at], done.amber[at], done.red[at], done.is_provisional[at] = 0, at_once, at_once, False


def _with_limit(work: Work, at: Ints, variant: Variant, rules: Rules) -> None:
    """Rows without excluded days, all of one rule and one variant."""
    days, limits = table(), _limits(rules, variant)
    dates = work.rows.start[at].astype(np.int64)
    started, nominal = days.of_dates(dates), days.advance(dates, limits[0])
    is_known = days.is_known(started) & days.is_known(nominal)
    for extension in limits[1:]:
        until = days.to_dates(np.where(is_known, nominal, days.first))
        nominal = days.advance(until, extension)
        is_known &= days.is_known(nominal)
    work.done.unsure[at[~is_known]] = True
    group = Group(at[is_known], dates[is_known], started[is_known], nominal[is_known])
    if rules.rule.kind == TERM:
        _count_term(work, group, bool(variant.flags & TOLD), rules.warn)
    else:
        _count_limit(work.done, group, limits, rules)


def _limits(rules: Rules, variant: Variant) -> tuple[Limit, ...]:
    """Limit and extension, one after the other; of the same unit they are one limit."""
    limit, extension = rules.limit, rules.rule.extension
    if limit is None:
        raise ValueError("limit: none, and its days were asked for")
    if not variant.extension or extension is None:
        return (limit,)
    if extension.unit == limit.unit:
        return (Limit(limit.amount + variant.extension, limit.unit),)
    return limit, Limit(variant.extension, extension.unit)


def _count_limit(done: Recomputed, group: Group, limits: tuple[Limit, ...], rules: Rules) -> None:
    """The last day moves to a working day; duties warn."""
    days = table()
    due, is_provisional = days.moved(group.nominal)
    if WORKING_DAYS in {limit.unit for limit in limits}:
        is_provisional = is_provisional | days.passes_unknown(group.started, group.nominal)
    done.due[group.at] = days.to_dates(due)
    done.is_provisional[group.at] = is_provisional
    for percent, place in ((rules.warn.amber_percent, done.amber), (rules.warn.red_percent, done.red)):
        if rules.rule.key == RESUMPTION:
            # Whatever its limit is, it is to be done at once.
            place[group.at] = group.dates
        else:
            place[group.at] = _warning(group, limits, percent) if rules.rule.kind == DUTY else 0


def _warning(group: Group, limits: tuple[Limit, ...], percent: int) -> Ints:
    days = table()
    if limits[0].unit == WORKING_DAYS and len(limits) == 1:
        used = Limit(used_up(limits[0].amount, percent), WORKING_DAYS)
        return days.to_dates(days.advance(group.dates, used))
    return days.to_dates(group.started - (-(group.nominal - group.started) * percent // 100))


def _count_term(work: Work, group: Group, is_told: bool, warn: Warn) -> None:
    """A term does not move; what was told stands. What was told beyond the longest is known to its event
    alone."""
    days, done, due = table(), work.done, group.nominal
    if is_told:
        told = days.of_dates(work.rows.due[group.at].astype(np.int64))
        is_within = told <= group.nominal
        done.unsure[group.at[~is_within]] = True
        group, due = Group(*(column[is_within] for column in group)), told[is_within]
    ahead = warn.term_days
    done.due[group.at] = days.to_dates(due)
    done.amber[group.at] = days.to_dates(np.maximum(group.started, due - ahead[0]))
    done.red[group.at] = days.to_dates(np.maximum(group.started, due - ahead[len(ahead) // 2]))
    done.is_provisional[group.at] = False
