"""Kinds: what may be done to each kind of account, what of it is protected, and which items are money.

Read from the project's data files; frozen. It knows no account and no balance.
"""

import tomllib
from dataclasses import dataclass
from enum import IntEnum
from importlib.resources import files
from typing import Any

from chakong.type.v1 import type_pb2

# Provinces by their code (GB/T 2260); 0: not known.
PROVINCES = 100
# The kind of hold that an account takes (items.toml).
TERM_OF_ACCOUNTS = "deposit"
RESERVE = "statutory_reserve"
CLOSED = "closed"


class Protection(IntEnum):
    """What of an account in yuan stays free."""

    NONE = 0
    LIVING_COSTS = 1
    WHOLE = 2  # nothing of it may be held


@dataclass(frozen=True, slots=True)
class Kind:
    can_freeze: bool
    can_deduct: bool
    protection: Protection


# A kind that the list does not know, and every thing.
PLAIN = Kind(can_freeze=True, can_deduct=True, protection=Protection.NONE)


@dataclass(frozen=True, slots=True)
class Kinds:
    by_key: dict[str, Kind]
    living_costs_fen: tuple[int, ...]  # by province, PROVINCES of them
    term_classes: dict[int, str]  # item -> its class in terms.toml; "": nothing can be held
    account_items: frozenset[int]  # items that are money

    @classmethod
    def load(cls) -> "Kinds":
        table = _read("accounts.toml")
        costs: dict[str, int] = dict(table["living_costs"])
        default_fen = costs.pop("default")
        living_costs = tuple(costs.get(f"{code:02}", default_fen) for code in range(PROVINCES))
        term_classes = {row["code"]: row["term"] for row in _read("items.toml")["item"]}
        return cls(
            by_key={row["key"]: _kind(row) for row in table["kind"]},
            living_costs_fen=living_costs,
            term_classes=term_classes,
            account_items=frozenset(code for code, term in term_classes.items() if term == TERM_OF_ACCOUNTS),
        )

    def of(self, item: int, key: str) -> Kind:
        """The same word may name a kind of account and a kind of thing; only accounts are in the list."""
        return self.by_key.get(key, PLAIN) if item in self.account_items else PLAIN

    def protected_max_fen(self, item: int, key: str, currency: str, province: int) -> int | None:
        """How much of such an account is protected at most; None: all of it."""
        protection = self.of(item, key).protection
        if protection is Protection.WHOLE:
            return None
        if protection is Protection.LIVING_COSTS and not currency:
            return self.living_costs_fen[province]
        return 0


def province_of(id_type: int, id_number: str) -> int:
    """Where the number was given; 0: not known."""
    code = ""
    if id_type == type_pb2.ID_TYPE_RESIDENT_ID:
        code = id_number[:2]
    elif id_type == type_pb2.ID_TYPE_CREDIT_CODE:
        code = id_number[2:4]
    return int(code) if len(code) == 2 and code.isascii() and code.isdecimal() else 0


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("runtime.data") / name).read_text(encoding="utf-8"))


def _kind(row: dict[str, Any]) -> Kind:
    if not row["freeze"]:
        return Kind(can_freeze=False, can_deduct=False, protection=Protection.WHOLE)
    protection = Protection.LIVING_COSTS if row.get("protected") == "living_costs" else Protection.NONE
    return Kind(can_freeze=True, can_deduct=row["deduct"], protection=protection)
