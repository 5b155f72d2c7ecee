"""Exporting: writes who is on the list to a file, as importing.py reads it.

The list is read in one transaction, so that the file is the list at one version. The file holds names and
numbers of persons: it is its owner's alone, and stands in its place only when it is whole.
"""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Engine, and_

from blacklist.importing import COLUMNS, ID_TYPES, KINDS
from blacklist.model import Kind, Listing, Status
from blacklist.store.entries import ROWS_PER_PIECE
from blacklist.store.rows import listing_of, listing_query
from blacklist.store.tables import LISTINGS

OWNER_ALONE: Final = 0o600
WRITTEN: Final = (*COLUMNS, "unperformed", "circumstances", "approved_by")
ID_TYPE_NAMES: Final = {number: name for name, number in ID_TYPES.items()}
KIND_NAMES: Final = {kind: name for name, kind in KINDS.items()}


def write_listings(engine: Engine, file: Path, *, is_csv: bool) -> int:
    """How many there were. Derived restrictions are left out: they follow from another listing."""
    part = file.with_name(f"{file.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ALONE)
    with open(descriptor, "w", encoding="utf-8", newline="") as out:
        # One that was there already has the rights that it had.
        os.fchmod(descriptor, OWNER_ALONE)
        count = _write(engine, _csv_writer(out) if is_csv else _json_writer(out))
        out.flush()
        os.fsync(descriptor)
    part.replace(file)
    return count


def row_of(listing: Listing) -> list[str]:
    """What is written of a listing, in the order of WRITTEN."""
    whom, mandate = listing.subject, listing.mandate
    return [
        KIND_NAMES[listing.kind],
        ID_TYPE_NAMES[whom.id_type],
        whom.id_number,
        whom.name,
        mandate.court,
        mandate.case_number,
        mandate.instrument,
        mandate.officer,
        listing.ground,
        str(listing.since),
        listing.unperformed,
        " ".join(one.name.lower() for one in sorted(listing.circumstances)),
        listing.approved_by,
    ]


def _write(engine: Engine, write: Callable[[list[str]], None]) -> int:
    is_on = and_(LISTINGS.c.status <= int(Status.REMOVAL_DUE), LISTINGS.c.kind != int(Kind.DERIVED))
    query = listing_query().where(is_on).order_by(LISTINGS.c.listing_id)
    count = 0
    with engine.connect() as connection:
        result = connection.execution_options(yield_per=ROWS_PER_PIECE).execute(query)
        for piece in result.partitions():
            for row in piece:
                write(row_of(listing_of(row)))
            count += len(piece)
    return count


def _csv_writer(out: IO[str]) -> Callable[[list[str]], None]:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(WRITTEN)
    return writer.writerow


def _json_writer(out: IO[str]) -> Callable[[list[str]], None]:
    def write(row: list[str]) -> None:
        out.write(json.dumps(dict(zip(WRITTEN, row, strict=True)), ensure_ascii=False) + "\n")

    return write
