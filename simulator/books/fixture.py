"""Fixture: accounts and things to be opened by hand, as they stand in a file.

A JSON list of objects: institution, item, locator, id_type (its number in the contract), id_number, name, and
optionally kind, balance_fen, currency, protected_max_fen. Pure: text in, openings out.
"""

import json
from typing import Any

from simulator.books.books import Opening
from simulator.books.shelf import holder_of

WANTED = {"institution": int, "item": int, "locator": str, "id_type": int, "id_number": str, "name": str}
OPTIONAL = {"kind": str, "balance_fen": int, "currency": str, "protected_max_fen": int}


class FixtureError(ValueError):
    """The file does not say what is to be opened; names no person."""


def openings(text: str) -> list[Opening]:
    """FixtureError names place and field and quotes no person; ValueError for what is no JSON."""
    rows = json.loads(text)
    if not isinstance(rows, list):
        raise FixtureError("accounts: a list is wanted")
    return [_opening(place, row) for place, row in enumerate(rows)]


def _opening(place: int, row: Any) -> Opening:
    if not isinstance(row, dict):
        raise FixtureError(f"accounts[{place}]: an object is wanted")
    unknown = row.keys() - WANTED.keys() - OPTIONAL.keys()
    if unknown:
        raise FixtureError(f"accounts[{place}]: {sorted(unknown)} not known")
    given = WANTED | {name: wanted for name, wanted in OPTIONAL.items() if name in row}
    for name, wanted in given.items():
        if not isinstance(row.get(name), wanted) or isinstance(row.get(name), bool):
            raise FixtureError(f"accounts[{place}].{name}: {wanted.__name__} wanted")
    if row.get("balance_fen", 0) < 0 or row.get("protected_max_fen", 0) < 0:
        raise FixtureError(f"accounts[{place}]: amounts are at least 0")
    return Opening(
        institution=row["institution"],
        item=row["item"],
        locator=row["locator"],
        holder=holder_of(row["id_type"], row["id_number"], row["name"]),
        **{name: row[name] for name in OPTIONAL if name in row},
    )
