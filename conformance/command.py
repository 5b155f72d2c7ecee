"""Command: `chakong conform`.

It reads the options and the fixture, runs the checks, prints and writes what came of them. Exit codes: 0 all
that were run passed, 1 some failed, 2 called wrong.
"""

from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from conformance import registry, report, runner
from conformance.fixture import Fixture, FixtureError, load
from conformance.line import Line, channel_to
from conformance.trial import Trial
from conformance.verdict import State, Verdict
from runtime.clock import now_ns
from runtime.options import FLAG
from runtime.settings import split_address

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2


def conform(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="host:port of the endpoint.", show_default=False)
    ] = "",
    fixture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What its test system has (TOML).")
    ] = None,
    report_path: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the verdicts as JSON.")
    ] = None,
    only: Annotated[
        list[int] | None, typer.Option(metavar="N", help="Run this check alone; repeatable.")
    ] = None,
    list_checks: Annotated[
        bool, typer.Option("--list", metavar=FLAG, help="Print the checks, and end.")
    ] = False,
) -> None:
    """Check an endpoint of institutions against the contract, in its test system.

    It holds, releases and deducts a few fen of the accounts that the fixture names. Never against real
    accounts.
    """
    try:
        checks = registry.chosen(set(only or ()))
    except LookupError as error:
        _fail(f"--only: {error.args[0]}")
    if list_checks:
        table = Table("number", "check", "basis")
        for check in checks:
            table.add_row(str(check.number), check.name, check.basis)
        Console().print(table)
        return
    known = _fixture(address, fixture)
    if report_path is not None and not report_path.parent.is_dir():
        _fail(f"--report: {report_path.parent} given; must be a folder that exists")
    verdicts: list[Verdict] = []
    printed = report.Printed(Console())
    try:
        channel = channel_to(address, known)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}")
    with channel:
        trial = Trial(known, Line(channel, known), now_ns, known.control_id_first or now_ns())
        for check, verdict in zip(checks, runner.run(checks, trial, now_ns), strict=True):
            verdicts.append(verdict)
            printed.add(check, verdict)
    printed.end(verdicts)
    if report_path is not None:
        pairs = zip(checks, verdicts, strict=True)
        report.write(report_path, report.document(address, known.endpoint, now_ns(), pairs))
    if any(verdict.state is State.FAILED for verdict in verdicts):
        raise typer.Exit(EXIT_FAILED)


def _fixture(address: str, path: Path | None) -> Fixture:
    if not address or path is None:
        _fail("ADDRESS and --fixture are required")
    try:
        split_address(address)
    except ValueError as error:
        _fail(f"ADDRESS: {error}")
    try:
        return load(path)
    except FixtureError as error:
        _fail("\n".join(error.faults))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(EXIT_USAGE)
