"""Paper: the law as tables for people to read, made from the same rules that cases are judged by. Pure.

A document has them between marks; a test fails when what stands there is not what is made here.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from tracker.rules.law import Law
from tracker.rules.rule import Limit, NodeRule
from tracker.rules.words import DAYS, MONTHS, NATIONAL, TERM

UNIT_WORDS: Final = {DAYS: "day", MONTHS: "month"}


def node_table(law: Law) -> str:
    """All nodes of the national profile: what starts them, their limits and articles."""
    rows = [
        (
            str(rule.number),
            f"{rule.key} {rule.zh}",
            f"{rule.en}{f' ({rule.route})' if rule.route else ''}",
            rule.kind,
            rule.per,
            rule.start,
            limits(rule),
            rule.basis or "-",
            rule.status,
        )
        for rule in _in_force(law, NATIONAL)
    ]
    return _table(("no", "node", "what", "kind", "per", "starts with", "limit", "article", "status"), rows)


def profile_table(law: Law) -> str:
    """What courts' own profiles have otherwise."""
    rows = [
        (profile, f"{rule.number} {rule.key}", rule.start, limits(rule), rule.basis)
        for profile in law.profiles[1:]
        for rule in _in_force(law, profile)
        if rule.profile == profile
    ]
    return _table(("profile", "node", "starts with", "limit", "rule"), rows)


def term_table(law: Law) -> str:
    """How long measures last."""
    rows = [
        (
            kind,
            _limit(Limit(term.months, MONTHS)),
            _day(term.since),
            _day(term.until),
            term.basis,
            term.status,
        )
        for kind, terms in law.terms.items()
        for term in reversed(terms)
    ]
    return _table(("property", "at most", "from", "until", "article", "status"), rows)


def period_table(law: Law) -> str:
    """The excluded periods."""
    rows = [(one.key, one.zh, one.basis, one.status) for one in law.periods.values()]
    return _table(("period", "in the law", "article", "status"), rows)


def check_table(law: Law) -> str:
    """What must be fulfilled before enforcement is ended for now."""
    rows = [
        (check.key, check.text, ", ".join(check.proved_by) or "the case itself", check.basis, check.status)
        for check in law.checks
    ]
    return _table(("check", "what", "proved by", "article", "status"), rows)


TABLES: Final = {
    "nodes": node_table,
    "profiles": profile_table,
    "terms": term_table,
    "periods": period_table,
    "checks": check_table,
}


def laid_into(text: str, law: Law) -> str:
    """A document with its tables made anew: each stands between `<!-- NAME -->` and `<!-- /NAME -->`."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        head, is_begun, rest = text.partition(begin)
        _, is_ended, tail = rest.partition(end)
        if is_begun and not is_ended:
            raise ValueError(f"{begin}: {end} is missing after it")
        if is_begun:
            text = f"{head}{begin}\n{table(law)}\n{end}{tail}"
    return text


def limits(rule: NodeRule) -> str:
    """The limits of a rule in words; "-": none."""
    parts = []
    if rule.limit is not None:
        bound = "at most " if rule.kind == TERM else ""
        parts.append(f"{bound}{_limit(rule.limit)}")
    others = (
        ("urgent", rule.urgent),
        ("no court's title", rule.non_litigation),
        ("when ending for now", rule.ending),
        (f"extension by the {rule.extension_by}", rule.extension),
        ("not before", rule.not_before),
        ("fresh within", rule.fresh_within),
    )
    parts += [f"{name} {_limit(limit)}" for name, limit in others if limit is not None]
    if rule.stops:
        parts.append("stopped by excluded periods")
    return "; ".join(parts) or "-"


def _in_force(law: Law, profile: str) -> Iterator[NodeRule]:
    """The newest version of each node on each route."""
    for (of, _, _), rules in sorted(law.versions.items(), key=lambda place: place[0][1:]):
        if of == profile and rules:
            yield rules[-1]


def _limit(limit: Limit) -> str:
    word = UNIT_WORDS.get(limit.unit, "working day")
    return f"{limit.amount} {word}{'' if limit.amount == 1 else 's'}"


def _day(date: int) -> str:
    return "-" if date >= 99990000 else f"{date // 10_000}-{date // 100 % 100:02}-{date % 100:02}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
