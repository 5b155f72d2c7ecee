"""The command line: `chakong serve`, `simulate`, `certs`, `config check`, `audit verify`, `holds`, `case`,
`tracker`, `blacklist`, `reconcile`, `conform`, `simulate-world`, `bench day`, `--version`.

Each command imports its service when it is called, so that `chakong --help` is quick and a certificate
can be made on a machine that runs no gateway. Nothing is decided here. Exit codes: 0 done, 1 found wrong,
2 called or configured wrong.
"""

import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from runtime import config as configuration
from runtime import data as installed
from runtime.options import FLAG, Command, Group

if TYPE_CHECKING:
    from runtime.beside import MakeBeside
    from runtime.identity import Identity

EXIT_USAGE = 2
# A command with options of its own, which are read only when it is called.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

app = typer.Typer(
    name="chakong",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(cls=Group, help="Look at the configuration.", no_args_is_help=True)
audit_app = typer.Typer(cls=Group, help="Check what was recorded.", no_args_is_help=True)
bench_app = typer.Typer(cls=Group, help="Measure this machine.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(audit_app, name="audit")
app.add_typer(bench_app, name="bench")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="TOML file; else CHAKONG_CONFIG, else chakong.toml. CHAKONG_<SECTION>__<KEY> goes before it.",
    ),
]


def main() -> None:
    """Entry point of the `chakong` command."""
    app()


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"chakong {metadata.version('chakong')}")
        raise typer.Exit


@app.callback()
def whole(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar=FLAG,
            is_eager=True,
            callback=_print_version,
            help="Print the version, and end.",
        ),
    ] = False,
) -> None:
    """The gateway between courts and the institutions that know where a judgment debtor's property is."""


@app.command(cls=Command)
def serve(
    config: ConfigOption = None,
    only: Annotated[
        str, typer.Option(metavar="SERVICE", help="Run this service alone: gateway, tracker or blacklist.")
    ] = "",
) -> None:
    """Run the gateway, with the tracker and the blacklist in its process, until SIGTERM or Ctrl-C.

    Open calls are finished first.
    """
    if only not in ("", "gateway", "tracker", "blacklist"):
        _fail(f"--only: {only!r} given; must be gateway, tracker or blacklist")
    settings = _load(config)
    configuration.quiet_grpc()
    from runtime import holidays, lifecycle, logs  # noqa: PLC0415

    logs.configure(settings.log.level, settings.log.format)
    holidays.learn(settings.calendar.holidays)
    if only == "tracker":
        from tracker.serve import serve as serve_tracker  # noqa: PLC0415

        lifecycle.run(serve_tracker(settings))
        return
    if only == "blacklist":
        from blacklist.serve import serve as serve_blacklist  # noqa: PLC0415

        lifecycle.run(serve_blacklist(settings))
        return
    from gateway.edge.serve import serve as serve_gateway  # noqa: PLC0415

    beside: list[MakeBeside] = []
    if settings.tracker.enabled and not only:
        from tracker.serve import Tracker  # noqa: PLC0415

        beside.append(Tracker)
    if settings.blacklist.enabled and not only:
        from blacklist.serve import Blacklist  # noqa: PLC0415

        beside.append(Blacklist)
    lifecycle.run(serve_gateway(settings, beside=beside))


@app.command(cls=Command, context_settings=PASSED_ON, add_help_option=False)
def simulate(context: typer.Context) -> None:
    """Run the simulated institutions; `chakong simulate --help` has the options."""
    configuration.quiet_grpc()
    from simulator.command import simulate as simulate_institutions  # noqa: PLC0415

    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command(cls=Command)(simulate_institutions)
    command(args=context.args, prog_name="chakong simulate")


@app.command(cls=Command)
def certs(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write; made if missing.")],
    court: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="A court to make a client certificate for; repeatable."),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="A unit to make a client certificate for; repeatable."),
    ] = None,
    officer: Annotated[
        list[str] | None,
        typer.Option(metavar="COURT/ID", help="An officer to make a client certificate for; repeatable."),
    ] = None,
    add: Annotated[
        bool,
        typer.Option("--add", metavar=FLAG, help="Keep what is there, and sign those named with its CA."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", metavar=FLAG, help="Overwrite what is there; without --add the CA too."),
    ] = False,
) -> None:
    """Make a development CA, and certificates for gateway, services, operator, courts, units and officers.

    Without --court, for the eight courts of the sample inquiries. Not for production.
    """
    from runtime import certificates, clock  # noqa: PLC0415
    from runtime.identity import IdentityError  # noqa: PLC0415

    now_ns = clock.now_ns()
    try:
        clients = _clients(court or (), unit or (), officer or ()) if add else _clients((), (), officer or ())
        if add and not clients:
            _fail("--add: nobody is named; must be with --court, --unit or --officer")
        courts = court or [row["code"] for row in installed.courts()]
        made = [] if add else certificates.write_set(out, courts, now_ns, units=unit or (), force=force)
        added = certificates.add_clients(out, clients, now_ns, force=force or not add)
    except FileExistsError as error:
        # Its own words say what is there; the system's only that a folder cannot be made.
        _fail(f"--out: '{out}' is a file, must be a folder" if error.errno else str(error))
    except OSError as error:
        _fail(f"--out: '{error.filename}': {error.strerror}")
    except IdentityError as error:
        _fail(f"--court, --unit, --officer: {error}")
    for path in (*made, *added):
        typer.echo(path)


def _clients(courts: Sequence[str], units: Sequence[str], officers: Sequence[str]) -> "dict[str, Identity]":
    """By the names of their files. IdentityError where a certificate cannot name one of them."""
    from runtime.identity import Identity, Role  # noqa: PLC0415

    clients = {f"court-{court}": Identity(Role.COURT, court, court) for court in courts}
    clients |= {f"unit-{unit}": Identity(Role.UNIT, "", unit) for unit in units}
    for officer in officers:
        court, _, number = officer.partition("/")
        if not court or not number:
            _fail(f"--officer: {officer!r} given; must be COURT/ID")
        clients[f"officer-{court}-{number}"] = Identity(Role.OFFICER, court, number)
    return clients


@config_app.command("check", cls=Command)
def config_check(config: ConfigOption = None) -> None:
    """Print the effective configuration without secrets, or every mistake in it."""
    typer.echo(configuration.describe(_load(config)), nl=False)


@audit_app.command("verify", cls=Command)
def audit_verify(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="JOURNAL", help="The journal's folder; without it, that of the configuration."
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Check every frame of a journal: its number and its CRC."""
    from gateway.edge.audit import verify  # noqa: PLC0415

    raise typer.Exit(verify(path or _load(config).journal.path))


@app.command(cls=Command, context_settings=PASSED_ON, add_help_option=False)
def holds(context: typer.Context) -> None:
    """Show claims and holds of a court; `chakong holds --help` has the commands."""
    configuration.quiet_grpc()
    from gateway.client.holds import app as holds_app  # noqa: PLC0415

    holds_app(args=context.args, prog_name="chakong holds")


@app.command(cls=Command, context_settings=PASSED_ON, add_help_option=False)
def reconcile(context: typer.Context) -> None:
    """Compare institutions' books with the gateway's ledger; `chakong reconcile --help` has the options."""
    configuration.quiet_grpc()
    from gateway.client.holds import reconcile as reconcile_holds  # noqa: PLC0415

    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command(cls=Command)(reconcile_holds)
    command(args=context.args, prog_name="chakong reconcile")


@app.command(cls=Command, context_settings=PASSED_ON, add_help_option=False)
def case(context: typer.Context) -> None:
    """Register cases, record events, show what is due; `chakong case --help` has the commands."""
    configuration.quiet_grpc()
    from tracker.command import app as case_app  # noqa: PLC0415

    case_app(args=context.args, prog_name="chakong case")


@app.command(cls=Command, context_settings=PASSED_ON, add_help_option=False)
def tracker(context: typer.Context) -> None:
    """Look after the tracker's database; `chakong tracker --help` has the commands."""
    from tracker.command_recompute import app as tracker_app  # noqa: PLC0415

    tracker_app(args=context.args, prog_name="chakong tracker")


@app.command(cls=Command, context_settings=PASSED_ON, add_help_option=False)
def blacklist(context: typer.Context) -> None:
    """Import, export, count, check and follow the list; `chakong blacklist --help` has the commands."""
    configuration.quiet_grpc()
    from blacklist.command import app as blacklist_app  # noqa: PLC0415

    blacklist_app(args=context.args, prog_name="chakong blacklist")


@app.command(cls=Command, context_settings=PASSED_ON, add_help_option=False)
def conform(context: typer.Context) -> None:
    """Check an endpoint of institutions against the contract; `chakong conform --help` has the options."""
    configuration.quiet_grpc()
    from conformance.command import conform as conform_endpoint  # noqa: PLC0415

    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command(cls=Command)(conform_endpoint)
    command(args=context.args, prog_name="chakong conform")


@app.command("simulate-world", cls=Command, context_settings=PASSED_ON, add_help_option=False)
def simulate_world(context: typer.Context) -> None:
    """Run the gateway in simulated worlds, one a seed; `chakong simulate-world --help` has the options."""
    # The tests are no part of what is installed: they lie beside it in a checkout.
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        sys.path.insert(0, root)
    try:
        from tests.simulation.command import simulate_world as simulate_worlds  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "tests":
            raise
        _fail("tests.simulation: not here; it is in a checkout of the project")
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command(cls=Command)(simulate_worlds)
    command(args=context.args, prog_name="chakong simulate-world")


@bench_app.command("day", cls=Command)
def bench_day() -> None:
    """Run a nation's day on a gateway of its own: 54,600 inquiries, 214 million queries.

    Simulated institutions answer, and every answer is checked. The journal lies below ./out while it runs.
    """
    configuration.quiet_grpc()
    try:
        from benchmarks.bench.day import run_day  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "benchmarks":
            raise
        _fail("benchmarks: not installed here; `make build` in a checkout of the project installs them")
    from rich.console import Console  # noqa: PLC0415

    raise typer.Exit(run_day(Console()))


def _load(path: Path | None) -> configuration.Config:
    try:
        return configuration.load_config(path)
    except configuration.ConfigError as error:
        _fail("\n".join(error.faults))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(EXIT_USAGE)
