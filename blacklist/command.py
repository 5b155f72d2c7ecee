"""Command: `chakong blacklist import`, `export`, `stats`, `check`, `follow`, `late`, `proof`.

The first three open the blacklist's database themselves, beside a service that runs or without one;
the others are in offline/ and push/. What they print has line numbers, counts and keys, no
name and no number of a person; the files that they write may have, and are their owner's alone. Exit
codes: 0 done, 1 some lines were refused or something was found wrong, 2 called or configured wrong.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Final, NoReturn

import typer
from alembic.util import CommandError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from blacklist.exporting import write_listings
from blacklist.importing import LINE_BYTES_MAX, HeadingError, Lines, Refused
from blacklist.model import Draft, Kind, Status
from blacklist.offline.command import check
from blacklist.push.command import follow, late, proof
from blacklist.rules import law, units
from blacklist.serve import open_database
from blacklist.store.entries import Entries
from blacklist.store.imports import LINES_PER_BATCH, Imports, batches
from blacklist.store.ledger import Ledger
from blacklist.store.reader import Reader
from runtime import config as configuration
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.data import courts, listing_text, measure_texts
from runtime.database import make_engine
from runtime.errors import CallError
from runtime.options import Command, Group
from runtime.settings import Blacklist

EXIT_REFUSED: Final = 1
EXIT_USAGE: Final = 2
# Refused lines that are printed when there is no report.
SHOWN_MAX: Final = 20
FORMATS: Final = ("csv", "jsonl")

app = typer.Typer(
    cls=Group,
    help="The list of persons refusing to perform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("check", cls=Command)(check)
app.command("follow", cls=Command)(follow)
app.command("late", cls=Command)(late)
app.command("proof", cls=Command)(proof)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="TOML file; else CHAKONG_CONFIG, else chakong.toml."),
]
FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="csv or jsonl; else by the file's name.")
]


@app.command("import", cls=Command)
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Listings, one a line.")],
    config: ConfigOption = None,
    form: FormatOption = "",
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the refused lines there, as JSON, one a line."),
    ] = None,
    batch_lines: Annotated[
        int, typer.Option(min=1, max=LINES_PER_BATCH, metavar="N", help="Lines of one transaction.")
    ] = LINES_PER_BATCH,
) -> None:
    """List those of a file who are not listed yet.

    A line that is refused goes into the report, the others are listed. The same file again lists nobody
    twice.
    """
    lines = Lines(_courts(), is_csv=_format(file, form) == "csv")
    engine = _opened(_settings(config))
    imports = Imports(engine, law.load(listing_text()))
    try:
        with file.open("rb") as source, _report(report) as out:
            pieces = batches(lines.read(_lines(source)), batch_lines)
            refused_count, listed_count, repeated_count = _import(source, pieces, imports, out)
    except HeadingError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}")
    except SQLAlchemyError as error:
        _fail(f"blacklist.url: {type(error).__name__}; what was written before stays")
    finally:
        engine.dispose()
    typer.echo(f"listed {listed_count}, known before {repeated_count}, refused {refused_count}")
    raise typer.Exit(EXIT_REFUSED if refused_count else 0)


@app.command(cls=Command)
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; replaced if there.")],
    config: ConfigOption = None,
    form: FormatOption = "",
) -> None:
    """Write all who are on the list now, as `import` reads them; derived restrictions are left out."""
    chosen = _format(file, form)
    engine = _opened(_settings(config))
    try:
        count = write_listings(engine, file, is_csv=chosen == "csv")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}")
    except SQLAlchemyError as error:
        _fail(f"blacklist.url: {type(error).__name__}")
    finally:
        engine.dispose()
    typer.echo(f"written {count}")


@app.command(cls=Command)
def stats(
    config: ConfigOption = None,
    working_days: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="In which units acknowledge removals; else as it is configured."
        ),
    ] = 0,
) -> None:
    """Print how many are on the list, what is due, and which units are late.

    The exit code is 1 when something is overdue.
    """
    settings = _settings(config)
    engine = _opened(settings)
    today = date_of(now_ns())
    table = units.load(*measure_texts())
    ledger = Ledger(engine, table, working_days or settings.acknowledge_working_days)
    console = Console()
    try:
        version = Entries(engine).version()
        figures = Reader(engine).figures(today)
        standings = ledger.standings(now_ns())
    except (CallError, SQLAlchemyError) as error:
        _fail(f"blacklist.url: {type(error).__name__}")
    finally:
        engine.dispose()
    console.print(f"version {version}")
    counts = Table("kind", "state", "listings")
    for (kind, status), count in sorted(figures.listings.items()):
        counts.add_row(Kind(kind).name.lower(), Status(status).name.lower(), str(count))
    console.print(counts)
    console.print(f"removals due {figures.removals_due}, overdue {figures.removals_overdue}")
    console.print(f"objections overdue {figures.objections_overdue}")
    shown = Table("unit", "cursor", "open removals", "overdue", "due")
    for one in standings:
        if one.overdue_removals:
            overdue = (str(one.open_removals), str(one.overdue_removals), str(one.due))
            shown.add_row(one.unit, str(one.mark.cursor), *overdue)
    late_count = sum(1 for one in standings if one.overdue_removals)
    if late_count:
        console.print(shown)
    console.print(f"units late {late_count} of {len(standings)}")
    is_overdue = figures.removals_overdue or figures.objections_overdue or late_count
    raise typer.Exit(EXIT_REFUSED if is_overdue else 0)


def _import(
    source: IO[bytes],
    pieces: Iterator[list[tuple[int, Draft | Refused]]],
    imports: Imports,
    report: IO[str] | None,
) -> tuple[int, int, int]:
    """Refused, listed and known before."""
    refused_count = listed_count = repeated_count = 0
    total = os.fstat(source.fileno()).st_size
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("import", total=total)
        for batch in pieces:
            drafts = [(number, one) for number, one in batch if isinstance(one, Draft)]
            refused = [one for _, one in batch if isinstance(one, Refused)]
            done = imports.write([draft for _, draft in drafts], now_ns())
            refused += [Refused(drafts[index][0], why.rule.value, why.text) for index, why in done.refused]
            _tell(refused, report, refused_count)
            refused_count += len(refused)
            listed_count += done.listed_count
            repeated_count += done.repeated_count
            bar.update(task, completed=source.tell())
    return refused_count, listed_count, repeated_count


def _courts() -> frozenset[str]:
    """Those that are installed, and their superiors."""
    return frozenset(code for row in courts() for code in (row["code"], row["superior"]))


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """A line that is too long comes as two bytes too many, and its rest is passed over."""
    while line := source.readline(LINE_BYTES_MAX + 1):
        rest = line
        while rest and not rest.endswith(b"\n") and len(rest) > LINE_BYTES_MAX:
            rest = source.readline(LINE_BYTES_MAX + 1)
        yield line


def _tell(refused: list[Refused], report: IO[str] | None, before_count: int) -> None:
    for place, one in enumerate(refused, before_count):
        if report is not None:
            report.write(json.dumps({"line": one.line, "reason": one.reason, "text": one.text}) + "\n")
        elif place < SHOWN_MAX:
            typer.echo(f"line {one.line}: {one.reason}: {one.text}", err=True)


@contextmanager
def _report(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as out:
        yield out


def _format(file: Path, given: str) -> str:
    found = given or file.suffix.removeprefix(".").lower()
    if found not in FORMATS:
        _fail(f"--format: {found!r} given, must be one of {', '.join(FORMATS)}")
    return found


def _settings(path: Path | None) -> Blacklist:
    try:
        return configuration.load_config(path).blacklist
    except configuration.ConfigError as error:
        _fail("\n".join(error.faults))


def _opened(settings: Blacklist) -> Engine:
    try:
        engine = make_engine(settings.url, "blacklist.url", is_source=True)
    except ValueError as error:
        _fail(str(error))
    try:
        open_database(engine)
    except (SQLAlchemyError, OSError, CommandError) as error:
        _fail(f"blacklist.url: cannot be opened: {type(error).__name__}")
    return engine


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(EXIT_USAGE)
