"""Command recompute: `chakong tracker recompute`: what a new law changes, and putting it in force.

It works on the tracker's database itself, beside a tracker that serves, which takes the new law up with its
next transaction. What it is told is a file of rules; what it decides is nothing.
"""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from runtime import config as configuration
from runtime import holidays
from runtime.clock import now_ns
from runtime.connect import EXIT_FAILED, EXIT_USAGE, fail
from runtime.database import make_engine
from runtime.errors import CallError
from runtime.options import FLAG, Command, Group
from tracker.rules import law as laws
from tracker.rules.law import Law, LawError
from tracker.serve import open_database
from tracker.store.calendars import unknown_here
from tracker.store.difference import Differ, Difference, LawOf
from tracker.store.head import read_head
from tracker.store.laws import texts_of
from tracker.store.reader import reading
from tracker.store.recomputing import Recomputing

FILE_COLUMNS: Final = 120

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def whole() -> None:
    """Look after the tracker's database."""


@app.command("recompute", cls=Command)
def recompute(
    rules: Annotated[
        Path | None,
        typer.Option(
            "--rules",
            metavar="FILE",
            help="The new rules; without it, the law in force, for a calendar that has come.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar=FLAG, help="Only say what would change.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="As of `chakong serve`.")
    ] = None,
) -> None:
    """Bring every case under new rules, or with --dry-run say how many would move and which way.

    What was interrupted is gone on with when the same command is given again.
    """
    try:
        settings = configuration.load_config(config)
        holidays.learn(settings.calendar.holidays)
        engine = make_engine(settings.tracker.url, "tracker.url", is_source=True)
    except configuration.ConfigError as error:
        fail("\n".join(error.faults), EXIT_USAGE)
    except ValueError as error:
        fail(str(error), EXIT_USAGE)
    try:
        _recompute(engine, _read(rules), dry_run=dry_run)
    except LawError as error:
        fail("\n".join(error.faults), EXIT_USAGE)
    except CallError as error:
        fail(error.message, EXIT_FAILED)
    except ValueError as error:
        fail(str(error), EXIT_USAGE)
    except (SQLAlchemyError, OSError) as error:
        # Not its text, which may name the database's host and user.
        fail(f"the tracker's database: {type(error).__name__}", EXIT_FAILED)
    finally:
        engine.dispose()


def law_of(engine: Engine) -> LawOf:
    """Laws by their numbers, as this database has them."""
    known: dict[int, Law] = {}

    def read(law_id: int) -> Law:
        if law_id not in known:
            with reading(engine) as connection:
                known[law_id] = laws.load(texts_of(connection, law_id))
        return known[law_id]

    return read


def left_out(old: Law, new: Law) -> list[str]:
    """What cases may have by the law in force and the new one lacks: profiles and nodes."""
    profiles = [name for name in old.profiles if name not in new.profiles]
    nodes = [number for number in old.nodes if number not in new.nodes]
    return [
        *(f"profile {name}: missing, cases may have it" for name in profiles),
        *(f"node {number}: missing, cases may have it" for number in nodes),
    ]


def _read(rules: Path | None) -> tuple[str, str] | None:
    """Name and text of the file."""
    if rules is None:
        return None
    try:
        return rules.name, rules.read_text(encoding="utf-8")
    except OSError as error:
        fail(f"--rules: {rules}: {error.strerror}", EXIT_USAGE)
    except UnicodeDecodeError:
        fail(f"--rules: {rules}: is no text in UTF-8", EXIT_USAGE)


def _recompute(engine: Engine, rules: tuple[str, str] | None, *, dry_run: bool) -> None:
    open_database(engine)
    with reading(engine) as connection:
        law_id = read_head(connection).law_id
        texts = texts_of(connection, law_id)
        years = unknown_here(connection)
    if years:
        named = ", ".join(map(str, years))
        text = f"calendar.holidays: the cases are counted with the holidays of {named}, not known here"
        raise ValueError(text)
    if rules is not None:
        texts = laws.amended(texts, *rules)
    new = laws.load(texts)
    if lacking := left_out(law_of(engine)(law_id), new):
        raise LawError(lacking)
    console = Console()
    if not console.is_terminal:
        console.width = FILE_COLUMNS
    if dry_run:
        _print(console, new, Differ(engine, law_of(engine), new).whole())
        return
    one = Recomputing(engine, law_of(engine), new)
    is_new = one.adopt(texts, now_ns())
    console.print(f"law {new.version} {'is in force' if is_new else 'was in force already'}", highlight=False)
    with console.status("") as status:
        one.run(lambda case_no: status.update(f"cases up to {case_no}"))
    if one.is_superseded:
        fail("another law was put in force meanwhile; cases go on to that one", EXIT_FAILED)
    console.print("every case stands by it", highlight=False)


def _print(console: Console, new: Law, found: Difference) -> None:
    table = Table("node", "later", "earlier", "gained", "lost", "unmoved")
    for node, moves in sorted(found.moves.items()):
        if moves.later or moves.earlier or moves.gained or moves.lost:
            table.add_row(f"{node} {new.nodes[node].key}", *(str(count) for count in moves))
    console.print(
        f"{found.case_count} cases looked at, {found.changed_case_count} would move, "
        f"{found.folded} of them judged from their events",
        highlight=False,
    )
    if table.row_count:
        console.print(table)
    for sample in found.samples:
        before, after = sample.before or "none", sample.after or "none"
        console.print(f"{sample.case_number} node {sample.node}: {before} -> {after}", highlight=False)
