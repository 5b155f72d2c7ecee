"""Law: what the data say about property, accounts, terms and courts.

Read from runtime/data once and frozen. Each rule is judged by the law of its day. It decides nothing; guard
does.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Self

from runtime import calendar
from runtime import data as installed

DEPOSIT = "deposit"
YUAN = "CNY"


@dataclass(frozen=True, slots=True)
class Term:
    """The most months that a hold may last, on the days from `since` to `until`."""

    months: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class AccountKind:
    """What may be done to such accounts; `order`: lower ones are held first."""

    freeze: bool
    deduct: bool
    order: int
    is_pledged: bool


@dataclass(frozen=True, slots=True)
class Court:
    """A court, its superior, and the account that deductions go to."""

    code: str
    superior: str
    account: str


# A kind that accounts.toml does not name: nothing is known against it, and it comes after general accounts.
OTHER_KIND = AccountKind(freeze=True, deduct=True, order=1, is_pledged=False)


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """The rules of holds, as data."""

    terms: dict[str, tuple[Term, ...]]
    # Item code -> kind of property in `terms`; "" where nothing can be held.
    item_terms: dict[int, str]
    account_kinds: dict[str, AccountKind]
    courts: dict[str, Court]
    clearly_percent: int
    objection_days: int

    @classmethod
    def load(cls) -> Self:
        """The law that is installed with chakong."""
        terms: dict[str, tuple[Term, ...]] = {}
        for row in installed.terms():
            term = Term(
                row["max"]["months"],
                calendar.number(row["effective_from"]),
                calendar.number(row.get("effective_until", date(9999, 12, 31))),
            )
            terms[row["property"]] = (*terms.get(row["property"], ()), term)
        rules = installed.rules()
        return cls(
            terms=terms,
            item_terms={row["code"]: row["term"] for row in installed.items()},
            account_kinds={
                row["key"]: AccountKind(
                    row["freeze"], row["deduct"], row.get("order", 1), row["freeze"] and not row["deduct"]
                )
                for row in installed.account_kinds()
            },
            courts={
                row["code"]: Court(row["code"], row["superior"], row["account"]) for row in installed.courts()
            },
            clearly_percent=rules["excess"]["clearly_percent"],
            objection_days=rules["objection"]["objection_days"],
        )

    def months_max(self, item: int, today: int) -> int:
        """How many months a hold on such an item may last at most; 0: nothing can be held under it."""
        for term in self.terms.get(self.item_terms.get(item, ""), ()):
            if term.since <= today <= term.until:
                return term.months
        return 0

    def is_money(self, item: int) -> bool:
        """Whether such an item is money in an account, to be held up to an amount; else it is a thing."""
        return self.item_terms.get(item) == DEPOSIT

    def kind(self, key: str) -> AccountKind:
        """What may be done to accounts of this kind."""
        return self.account_kinds.get(key, OTHER_KIND)

    def is_superior(self, court: str, of: str) -> bool:
        """Whether `court` is the superior of the other."""
        known = self.courts.get(of)
        return known is not None and known.superior == court

    def payee(self, court: str) -> str:
        """The court's registered account; "" if it has none."""
        known = self.courts.get(court)
        return known.account if known else ""

    def objection_answer_due(self, objected_ns: int) -> int:
        """The day on which the court's answer to an objection is due."""
        return calendar.procedural_limit(calendar.date_of(objected_ns), self.objection_days).date


@cache
def installed_law() -> Law:
    """The same, read once in a process."""
    return Law.load()
