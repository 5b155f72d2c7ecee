"""The files that are installed with chakong, and how to read them.

Rows come as they stand in the files, in their order; who uses them checks them (gateway/directory for
institutions and endpoints). Read through importlib.resources: no path of the source tree is assumed.
"""

import json
import tomllib
from datetime import date
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NotRequired, TypedDict, cast

LAW_FILES: Final = ("nodes.toml", "nodes-local.toml", "events.toml", "suspension.toml", "terms.toml")

InstitutionRow = TypedDict(
    "InstitutionRow",
    {
        "index": int,
        "key": str,
        "zh": str,
        "class": str,
        "province": str,
        "endpoint": str,
        "items": list[int],
        "can": list[str],
    },
)


class EndpointRow(TypedDict):
    """A line of endpoints.jsonl; its position is the endpoint's index."""

    key: str
    line: str
    zh: str
    protocol: str
    max_batch_queries: int
    max_batch_bytes: int
    max_in_flight: int
    hours: str


class ItemRow(TypedDict):
    """A property item of items.toml."""

    code: int
    category: int
    category_key: str
    category_zh: str
    key: str
    zh: str
    unit: str
    term: str


class CourtRow(TypedDict):
    """A court of courts.toml."""

    code: str
    superior: str
    account: str


class TermLength(TypedDict):
    """How long a hold may last at most."""

    months: int


class TermRow(TypedDict):
    """A term of terms.toml: the most that a hold on such property may last, on the days it is in force."""

    property: str
    max: TermLength
    basis: str
    effective_from: date
    effective_until: NotRequired[date]
    status: str


class RuleRow(TypedDict):
    """A rule of terms.toml, with the numbers that some of them have."""

    text: str
    basis: str
    effective_from: date
    status: str
    clearly_percent: NotRequired[int]
    objection_days: NotRequired[int]


class AccountKindRow(TypedDict):
    """A kind of account of accounts.toml, and what may be done to it."""

    key: str
    freeze: bool
    deduct: bool
    protected: NotRequired[str]
    order: NotRequired[int]
    basis: NotRequired[str]


def institutions() -> list[InstitutionRow]:
    """The 3,916 institutions by index."""
    return cast("list[InstitutionRow]", _lines("institutions.jsonl"))


def endpoints() -> list[EndpointRow]:
    """The 372 endpoints; the position is the index."""
    return cast("list[EndpointRow]", _lines("endpoints.jsonl"))


def items() -> list[ItemRow]:
    """The 25 property items by code."""
    return cast("list[ItemRow]", _tables("items.toml", "item"))


def courts() -> list[CourtRow]:
    """The eight courts of inquiries.jsonl."""
    return cast("list[CourtRow]", _tables("courts.toml", "court"))


def terms() -> list[TermRow]:
    """How long holds last at most, by kind of property and the days of the law."""
    return cast("list[TermRow]", _tables("terms.toml", "term"))


def rules() -> dict[str, RuleRow]:
    """The rules of holds by their names."""
    return cast("dict[str, RuleRow]", _document("terms.toml")["rule"])


def account_kinds() -> list[AccountKindRow]:
    """The kinds of account."""
    return cast("list[AccountKindRow]", _tables("accounts.toml", "kind"))


def living_costs() -> dict[str, int]:
    """Living costs left free, fen a month, by province; `default` for the others."""
    return cast("dict[str, int]", _document("accounts.toml")["living_costs"])


def law_texts() -> dict[str, str]:
    """The files of the tracker's law, by name."""
    return {name: _file(name).read_text(encoding="utf-8") for name in LAW_FILES}


def listing_text() -> str:
    """The rules of the list of persons refusing to perform."""
    return _file("listing.toml").read_text(encoding="utf-8")


def measure_texts() -> tuple[str, str]:
    """The measures, and the units that act by them."""
    return _file("measures.toml").read_text(encoding="utf-8"), _file("units.toml").read_text(encoding="utf-8")


def inquiries_path() -> Path:
    """Where inquiries.jsonl lies; each line is an inquiry with the verdict it must get."""
    with as_file(_file("inquiries.jsonl")) as path:
        # The package is installed as files (never zipped: it has compiled modules), so the path outlives
        # the context.
        return path


def _file(name: str) -> Traversable:
    return files(__package__) / name


def _lines(name: str) -> list[object]:
    with _file(name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _tables(name: str, table: str) -> list[object]:
    return cast("list[object]", _document(name)[table])


def _document(name: str) -> dict[str, object]:
    return tomllib.loads(_file(name).read_text(encoding="utf-8"))
