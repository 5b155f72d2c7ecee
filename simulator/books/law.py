"""Law: what an institution has to know of the law of holds, read from the project's data files.

Frozen. It knows how long a hold may last, what may be done to which kind of account and which account of a
court is registered; it decides nothing.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from simulator.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Term:
    """The most that a hold of this class may last when it is registered or renewed on one of these days."""

    term_class: str
    months: int
    from_day: int
    until_day: int


@dataclass(frozen=True, slots=True)
class Law:
    kinds: Kinds
    terms: tuple[Term, ...]
    payees: dict[str, str]  # court code -> its registered account

    @classmethod
    def load(cls) -> "Law":
        courts = _read("courts.toml")["court"]
        return cls(
            kinds=Kinds.load(),
            terms=tuple(_term(row) for row in _read("terms.toml")["term"]),
            payees={row["code"]: row["account"] for row in courts},
        )

    def months_max(self, day: int) -> dict[int, int]:
        """By item, the longest term that begins on this day; items of which nothing can be held are not in
        it."""
        longest = {
            term.term_class: term.months for term in self.terms if term.from_day <= day <= term.until_day
        }
        return {
            item: longest[term_class]
            for item, term_class in self.kinds.term_classes.items()
            if term_class in longest
        }


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("runtime.data") / name).read_text(encoding="utf-8"))


def _term(row: dict[str, Any]) -> Term:
    until = row.get("effective_until", date.max)
    return Term(row["property"], row["max"]["months"], row["effective_from"].toordinal(), until.toordinal())
