"""Files: rows of institutions.jsonl and endpoints.jsonl, checked and made into the directory's parts.

All faults of all rows are found before any is reported, as one DirectoryError. It opens no file;
runtime.data does.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gateway.directory.model import CAPABILITY_BITS, Endpoint, Institution
from runtime.data import EndpointRow, InstitutionRow

# What a snapshot and the Engine's bitmaps hold; see gateway/_core.pyi.
INSTITUTIONS_MAX = 4096
ENDPOINTS_MAX = 4096
INSTITUTIONS_PER_ENDPOINT_MAX = 128
ITEM_CODE_MAX = 25
# An entry is about 110 bytes; an endpoint that takes fewer than one, or more than 16 MiB at once, is a
# mistyped row.
BATCH_BYTES_MIN = 4096
BATCH_BYTES_MAX = 16 << 20
BATCH_ENTRIES_MAX = 65_536
IN_FLIGHT_MAX = 256
# The first faults tell what is wrong with a file; the thousandth adds nothing.
FAULTS_SHOWN_MAX = 20

LINES = frozenset({"direct", "hub"})
PROTOCOLS = frozenset({"native"})
CLASS_OF_HUB = {"union": "provincial_union", "sponsor": "sponsor"}
HOURS = re.compile(r"always|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
PROVINCE = re.compile(r"[1-9][0-9]")


class DirectoryError(ValueError):
    """The directory's files contradict themselves or the limits. `faults` has one line for each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        shown = [*self.faults[:FAULTS_SHOWN_MAX]]
        if len(self.faults) > FAULTS_SHOWN_MAX:
            shown.append(f"and {len(self.faults) - FAULTS_SHOWN_MAX} more")
        super().__init__("directory: " + "; ".join(shown))


@dataclass(frozen=True, slots=True)
class Parts:
    """Institutions and endpoints that fit each other, in the order of their indexes."""

    institutions: tuple[Institution, ...]
    endpoints: tuple[Endpoint, ...]


def build(institution_rows: Sequence[InstitutionRow], endpoint_rows: Sequence[EndpointRow]) -> Parts:
    """Institutions and endpoints of these rows. DirectoryError names every fault."""
    faults = [*_size_faults("institutions", len(institution_rows), INSTITUTIONS_MAX)]
    faults += _size_faults("endpoints", len(endpoint_rows), ENDPOINTS_MAX)
    faults += _repeated("institutions: key", [row["key"] for row in institution_rows])
    faults += _repeated("endpoints: key", [row["key"] for row in endpoint_rows])
    index_of_endpoint = {row["key"]: index for index, row in enumerate(endpoint_rows)}
    behind: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(institution_rows):
        faults += _institution_faults(position, row, index_of_endpoint)
        behind[row["endpoint"]].append(position)
    for line in endpoint_rows:
        faults += _endpoint_faults(line, len(behind[line["key"]]))
    if faults:
        raise DirectoryError(faults)
    return Parts(
        institutions=tuple(_institution(row, index_of_endpoint) for row in institution_rows),
        endpoints=tuple(
            _endpoint(index, row, behind[row["key"]], institution_rows)
            for index, row in enumerate(endpoint_rows)
        ),
    )


def _size_faults(what: str, count: int, limit: int) -> Iterable[str]:
    if not 1 <= count <= limit:
        yield f"{what}: {count} given, 1 to {limit}"


def _repeated(what: str, keys: Sequence[str]) -> Iterable[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            yield f"{what}: {key!r} given twice"
        seen.add(key)


def _institution_faults(
    position: int, row: InstitutionRow, index_of_endpoint: Collection[str]
) -> Iterable[str]:
    at = f"institutions[{position}]"
    if row["index"] != position:
        yield f"{at}.index: {row['index']} given, {position} expected"
    if not row["key"]:
        yield f"{at}.key: empty"
    if row["endpoint"] not in index_of_endpoint:
        yield f"{at}.endpoint: {row['endpoint']!r} is no key in endpoints"
    is_unit = row["class"] == "unit"
    if is_unit and row["province"]:
        yield f"{at}.province: {row['province']!r} given, a unit has none"
    if not is_unit and not PROVINCE.fullmatch(row["province"]):
        yield f"{at}.province: {row['province']!r} given, two digits of GB/T 2260"
    items = row["items"]
    if not items or any(not 1 <= code <= ITEM_CODE_MAX for code in items) or len(set(items)) != len(items):
        yield f"{at}.items: {items} given, different codes of 1 to {ITEM_CODE_MAX}, at least one"
    unknown = sorted(set(row["can"]) - CAPABILITY_BITS.keys())
    if unknown:
        yield f"{at}.can: {unknown} given, any of {sorted(CAPABILITY_BITS)}"


def _endpoint_faults(row: EndpointRow, institution_count: int) -> Iterable[str]:
    at = f"endpoints[{row['key']}]"
    if row["line"] not in LINES:
        yield f"{at}.line: {row['line']!r} given, one of {sorted(LINES)}"
    if row["protocol"] not in PROTOCOLS:
        yield f"{at}.protocol: {row['protocol']!r} given, one of {sorted(PROTOCOLS)}"
    if not 1 <= row["max_batch_queries"] <= BATCH_ENTRIES_MAX:
        yield f"{at}.max_batch_queries: {row['max_batch_queries']} given, 1 to {BATCH_ENTRIES_MAX}"
    if not BATCH_BYTES_MIN <= row["max_batch_bytes"] <= BATCH_BYTES_MAX:
        yield f"{at}.max_batch_bytes: {row['max_batch_bytes']} given, {BATCH_BYTES_MIN} to {BATCH_BYTES_MAX}"
    if not 1 <= row["max_in_flight"] <= IN_FLIGHT_MAX:
        yield f"{at}.max_in_flight: {row['max_in_flight']} given, 1 to {IN_FLIGHT_MAX}"
    if not HOURS.fullmatch(row["hours"]):
        yield f"{at}.hours: {row['hours']!r} given, 'always' or 'HH:MM-HH:MM'"
    allowed_max = 1 if row["line"] == "direct" else INSTITUTIONS_PER_ENDPOINT_MAX
    if not 1 <= institution_count <= allowed_max:
        yield f"{at}: {institution_count} institutions behind it, 1 to {allowed_max} on a {row['line']} line"


def _institution(row: InstitutionRow, index_of_endpoint: dict[str, int]) -> Institution:
    return Institution(
        index=row["index"],
        key=row["key"],
        zh=row["zh"],
        institution_class=row["class"],
        province=row["province"],
        endpoint=index_of_endpoint[row["endpoint"]],
        items=tuple(sorted(row["items"])),
        can=frozenset(row["can"]),
    )


def _endpoint(
    index: int, row: EndpointRow, behind: Sequence[int], institution_rows: Sequence[InstitutionRow]
) -> Endpoint:
    class_of_first = institution_rows[behind[0]]["class"]
    return Endpoint(
        index=index,
        key=row["key"],
        line=row["line"],
        zh=row["zh"],
        protocol=row["protocol"],
        max_batch_entries=row["max_batch_queries"],
        max_batch_bytes=row["max_batch_bytes"],
        in_flight_max=row["max_in_flight"],
        hours=row["hours"],
        institutions=tuple(behind),
        endpoint_class=CLASS_OF_HUB.get(row["key"].split("-")[0], class_of_first),
    )
