"""Importing: reads listings from lines of CSV or JSON, each line by itself.

A line that cannot be read is told by its number and field, and harms no other. Pure: lines in, drafts and
faults out; nothing of a name or a number is in a fault. Whether a listing is allowed the rules say, later.
"""

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from blacklist.model import Circumstance, Draft, Kind, Mandate
from blacklist.rpc.intake import (
    CASE_BYTES_MAX,
    DATE_MAX,
    DATE_MIN,
    INSTRUMENT_BYTES_MAX,
    KEY_BYTES_MAX,
    OFFICER_BYTES_MAX,
    UNPERFORMED_BYTES_MAX,
    Intake,
)
from runtime import cases
from runtime.calendar import is_date
from runtime.errors import FieldFault

LINE_BYTES_MAX: Final = 65_536
ID_TYPES: Final = {"resident_id": 1, "credit_code": 2, "passport": 3}
KINDS: Final = {"listed": Kind.LISTED, "restricted": Kind.RESTRICTED}
COURT_BYTES_MAX: Final = 32
DATE_DIGITS: Final = 8
CIRCUMSTANCES: Final = {one.name.lower(): one for one in Circumstance}
TEXTS: Final = {
    "court": COURT_BYTES_MAX,
    "case_number": CASE_BYTES_MAX,
    "instrument": INSTRUMENT_BYTES_MAX,
    "officer": OFFICER_BYTES_MAX,
    "ground": KEY_BYTES_MAX,
    "approved_by": OFFICER_BYTES_MAX,
    "unperformed": UNPERFORMED_BYTES_MAX,
}
COLUMNS: Final = (
    "kind",
    "id_type",
    "id_number",
    "name",
    "court",
    "case_number",
    "instrument",
    "officer",
    "ground",
    "since",
)
OPTIONAL: Final = ("birth_date", "circumstances", "approved_by", "unperformed")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not imported: the field or the rule, and why."""

    line: int
    reason: str
    text: str


class HeadingError(ValueError):
    """The first line of a CSV file is not its heading."""


class Lines:
    """Reads the lines of one file. `is_csv`: else each is a JSON object. `courts`: those that there are."""

    def __init__(self, courts: Collection[str], *, is_csv: bool) -> None:
        self._courts = courts
        self._is_csv = is_csv
        self._intake = Intake()
        self._heading: list[str] = []

    def read(self, lines: Iterable[bytes]) -> Iterator[tuple[int, Draft | Refused]]:
        """With their numbers, from 1; empty lines are left out. HeadingError."""
        for number, line in enumerate(lines, 1):
            if self._is_csv and not self._heading:
                self._heading = _heading(line)
            elif line.strip():
                yield number, self._one(number, line)

    def _one(self, number: int, line: bytes) -> Draft | Refused:
        if len(line) > LINE_BYTES_MAX:
            return Refused(number, "line", f"{len(line)} bytes given, must be at most {LINE_BYTES_MAX}")
        try:
            values = self._values(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, csv.Error, RecursionError):
            return Refused(
                number, "line", "must be CSV or a JSON object in UTF-8, with the columns it should"
            )
        faults: list[FieldFault] = []
        draft = self._draft(values, faults)
        if faults:
            return Refused(number, faults[0].field, faults[0].description)
        return draft

    def _values(self, line: str) -> dict[str, str]:
        if self._is_csv:
            (row,) = csv.reader([line.rstrip("\r\n")], strict=True)
            return dict(zip(self._heading, row, strict=True))
        given = json.loads(line)
        if not isinstance(given, dict) or not set(given) <= {*COLUMNS, *OPTIONAL}:
            raise ValueError
        # Nothing stands for a field that is left out. What is neither text nor number is a mistake: its
        # spelling would go for a name.
        if not all(value is None or type(value) in (str, int) for value in given.values()):
            raise ValueError
        values = {key: str(value) for key, value in given.items() if value is not None}
        # Half of a pair of surrogates is a character in JSON, and none in UTF-8.
        "".join(values.values()).encode()
        return values

    def _draft(self, values: Mapping[str, str], faults: list[FieldFault]) -> Draft:
        get = values.get
        kind = KINDS.get(get("kind", "listed") or "listed")
        if kind is None:
            faults.append(FieldFault("kind", "MALFORMED", f"must be one of {', '.join(KINDS)}"))
        id_type = ID_TYPES.get(get("id_type", ""), 0)
        whom = self._intake.person((id_type, get("id_number", ""), get("name", "")), "", faults)
        for name, limit in TEXTS.items():
            given = get(name, "")
            if len(given.encode()) > limit or not given.isprintable():
                faults.append(FieldFault(name, "MALFORMED", f"must be at most {limit} bytes, printable"))
        if (court := get("court", "")) and court not in self._courts:
            faults.append(FieldFault("court", "MALFORMED", "must be the code of a court that is known"))
        circumstances = get("circumstances", "").split()
        if not set(circumstances) <= set(CIRCUMSTANCES):
            allowed = f"must be some of {', '.join(CIRCUMSTANCES)}"
            faults.append(FieldFault("circumstances", "MALFORMED", allowed))
        spelled, instrument = get("case_number", ""), get("instrument", "")
        case_number = cases.normal(spelled)
        mandate = Mandate(court, case_number, instrument, True, get("officer", ""), True)
        return Draft(
            kind or Kind.LISTED,
            whom,
            mandate,
            get("ground", ""),
            _date("since", get("since", ""), DATE_MIN, faults, is_required=True),
            circumstances=frozenset(CIRCUMSTANCES[one] for one in circumstances if one in CIRCUMSTANCES),
            birth_date=_date("birth_date", get("birth_date", ""), 19000101, faults),
            approved_by=get("approved_by", ""),
            unperformed=get("unperformed", ""),
            spelled_case=spelled if spelled != case_number else "",
        )


def _heading(line: bytes) -> list[str]:
    try:
        (heading,) = csv.reader([line.decode("utf-8-sig").rstrip("\r\n")], strict=True)
    except (ValueError, csv.Error):
        heading = []
    missing = [name for name in COLUMNS if name not in heading]
    unknown = sorted(set(heading) - {*COLUMNS, *OPTIONAL})
    if missing or unknown or len(set(heading)) < len(heading):
        allowed = f"{', '.join(COLUMNS)}; besides at most {', '.join(OPTIONAL)}"
        raise HeadingError(f"line 1: must be a heading with {allowed}")
    return heading


def _date(field: str, given: str, low: int, faults: list[FieldFault], *, is_required: bool = False) -> int:
    digits = given.replace("-", "")
    if not digits and not is_required:
        return 0
    date = int(digits) if len(digits) == DATE_DIGITS and digits.isascii() and digits.isdecimal() else 0
    if not (low <= date <= DATE_MAX and is_date(date)):
        faults.append(FieldFault(field, "MALFORMED", f"must be a date from {low} to {DATE_MAX}"))
    return date
