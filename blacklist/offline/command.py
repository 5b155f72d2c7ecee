"""Command: `chakong blacklist check`: verifies an offline set, and asks it about people.

It reads files and prints; nothing is sent anywhere. Subjects come as lines of CSV (type, number, name) from a
file or standard input, never as arguments: those stay in a shell's history. Output has line numbers, no
names. Exit codes: 0 done, 1 a file was refused or a line could not be screened, 2 called wrong.
"""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from blacklist.offline.client import OfflineAnswer, OfflineOutcome, OfflineSet
from blacklist.offline.errors import OfflineError
from blacklist.offline.keys import KeyFileError, SetKey, read_public_key
from runtime import clock

EXIT_REFUSED = 1
EXIT_USAGE = 2
STDIN = "-"
ID_TYPES = {"resident_id": 1, "credit_code": 2, "passport": 3}
COLUMN_COUNT = 3

SnapshotFile = Annotated[Path, typer.Argument(metavar="SNAPSHOT", help="The file of the set.")]
DeltaFiles = Annotated[
    list[Path] | None,
    typer.Option("--delta", metavar="FILE", help="Laid over it in this order; repeatable."),
]
KeyFile = Annotated[Path, typer.Option("--key", metavar="FILE", help="The set's key, 32 bytes.")]
PublicKeyFile = Annotated[
    Path, typer.Option("--public-key", metavar="FILE", help="The service's Ed25519 key, PEM.")
]
UnitKey = Annotated[str, typer.Option("--unit", metavar="KEY", help="The unit that the set must be for.")]
Subjects = Annotated[
    str,
    typer.Option(
        "--subjects",
        metavar="FILE",
        help=f"CSV without heading: type ({', '.join(ID_TYPES)}), number, name; {STDIN}: standard input.",
    ),
]


def check(
    snapshot: SnapshotFile,
    key: KeyFile,
    public_key: PublicKeyFile,
    unit: UnitKey,
    delta: DeltaFiles = None,
    subjects: Subjects = "",
) -> None:
    """Verify signature, version and age of an offline set; with --subjects, screen them.

    What it finds binds nobody until the service confirms it.
    """
    now_ns = clock.now_ns()
    offline = _opened(snapshot, delta or [], key, public_key, unit)
    typer.echo(
        f"unit {unit}, version {offline.freshness.version}, {offline.age_s(now_ns):.0f} s old, "
        f"{offline.head.entry_count + offline.head.odd_count} entries, signature good"
    )
    if offline.is_stale(now_ns):
        _refuse(f"stale: {offline.why_stale(now_ns)}")
    if subjects:
        raise typer.Exit(_screen(offline, subjects, now_ns))


def _opened(snapshot: Path, deltas: list[Path], key: Path, public_key: Path, unit: str) -> OfflineSet:
    try:
        offline = OfflineSet.open(
            snapshot.read_bytes(),
            SetKey.of_bytes(key.read_bytes()),
            read_public_key(public_key),
            unit=unit,
            now_ns=None,
        )
        for delta in deltas:
            offline = offline.with_delta(delta.read_bytes(), None)
    except OSError as error:
        _misuse(f"{error.filename}: {error.strerror}")
    except KeyFileError as error:
        _misuse(str(error))
    except OfflineError as error:
        _refuse(str(error))
    return offline


def _screen(offline: OfflineSet, subjects: str, now_ns: int) -> int:
    """The exit code."""
    try:
        if subjects == STDIN:
            return _screen_lines(offline, sys.stdin, now_ns)
        with Path(subjects).open(encoding="utf-8", newline="") as lines:
            return _screen_lines(offline, lines, now_ns)
    except OSError as error:
        _misuse(f"{error.filename}: {error.strerror}")
    except (csv.Error, UnicodeDecodeError):
        _misuse("--subjects: must be CSV in UTF-8")


def _screen_lines(offline: OfflineSet, lines: Iterable[str], now_ns: int) -> int:
    code = 0
    for number, answer in enumerate(_answers(offline, csv.reader(lines), now_ns), 1):
        if answer is None or answer.outcome is OfflineOutcome.NOT_SCREENED:
            code = EXIT_REFUSED
        typer.echo(f"{number} {_told(answer)}")
    return code


def _answers(offline: OfflineSet, rows: Iterable[list[str]], now_ns: int) -> Iterable[OfflineAnswer | None]:
    """None for a line that has not three columns, or another type."""
    for row in rows:
        if len(row) != COLUMN_COUNT or row[0].strip() not in ID_TYPES:
            yield None
        else:
            yield offline.check(ID_TYPES[row[0].strip()], row[1].strip(), row[2], now_ns)


def _told(answer: OfflineAnswer | None) -> str:
    if answer is None:
        return f"NOT_SCREENED: must be {COLUMN_COUNT} columns, the first of {', '.join(ID_TYPES)}"
    measures = " measures " + ",".join(str(one) for one in answer.measures) if answer.measures else ""
    return answer.outcome.name + measures


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(EXIT_REFUSED)


def _misuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(EXIT_USAGE)
