"""The files that are installed with chakong, and how to read them.

Rows come as they stand in the files, in their order; who uses them checks them (gateway/directory for
institutions and endpoints). Read through importlib.resources: no path of the source tree is assumed.
"""

import json
import tomllib
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypedDict, cast

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
    return cast("list[object]", tomllib.loads(_file(name).read_text(encoding="utf-8"))[table])
