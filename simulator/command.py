"""Command: `chakong simulate`.

It reads options, starts the server and stops it on SIGTERM or SIGINT. One line on stdout says when it
listens.
"""

import asyncio
import gc
import json
import resource
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import grpc
import typer
import uvloop

from runtime.certificates import file_faults
from runtime.clock import now_ns
from runtime.options import FLAG
from simulator.address import PORT_DEFAULT, addresses
from simulator.books.fixture import openings
from simulator.books.misbehaviour import LATE_S_DEFAULT, NAMES, NONE, RATE_DEFAULT, misbehaviour
from simulator.books.staff import open_all
from simulator.layout import Layout
from simulator.scenarios import MIXTURES, Mixture, Scenario
from simulator.server import AddressError, Binding, BooksOptions, InstitutionServer

SHARED_HOST_DEFAULT = "127.0.0.1"
# 372 listeners and a few connections each; the usual soft limit of 1,024 is too low.
OPEN_FILES_WANTED = 16_384
# Accounts and holds are kept for ever and freed by reference count: nearly nothing is in cycles.
GARBAGE_THRESHOLDS = (200_000, 50, 1_000)
# What certificates.file_faults calls them.
TLS_OPTIONS = {"cert": "--certificate", "key": "--key", "ca": "--client-authority"}


@dataclass(frozen=True, slots=True)
class TlsFiles:
    certificate: Path
    key: Path
    client_authority: Path | None = None


BooksName = Annotated[str, typer.Option(metavar="NAME", help=f"How the books misbehave: {', '.join(NAMES)}.")]
BooksRate = Annotated[
    float, typer.Option(metavar="SHARE", min=0, max=1, help="How many controls or events it strikes.")
]
BooksLate = Annotated[
    float, typer.Option(metavar="S", min=0, max=3_600, help="How late at most what is late is booked.")
]
AccountsFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="JSON: accounts to open beside those of the population (docs/scenarios.md).",
    ),
]
WithTestBench = Annotated[
    bool,
    typer.Option("--test-bench", metavar=FLAG, help="Serve TestBench too: time and money over the wire."),
]
PrintEndpoints = Annotated[
    bool,
    typer.Option(
        "--print-endpoints", metavar=FLAG, help="Print endpoint keys and addresses as JSON, and end."
    ),
]
SharedHost = Annotated[
    str, typer.Option(metavar="HOST", help=f"That address, else {SHARED_HOST_DEFAULT}; needs --one-address.")
]


def simulate(  # noqa: PLR0913, PLR0917 - each is an option of the command
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help=f"What kind of day: {', '.join(MIXTURES)}.")
    ] = "calm",
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of the population and of the day.")] = 1,
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65_535)] = PORT_DEFAULT,
    one_address: Annotated[
        bool, typer.Option("--one-address", metavar=FLAG, help="All endpoints on one address.")
    ] = False,
    bind: SharedHost = "",
    away_s: Annotated[
        float, typer.Option(metavar="S", min=0, help="How long the union is away in `outage`.")
    ] = 20.0,
    books: BooksName = NONE,
    books_rate: BooksRate = RATE_DEFAULT,
    books_late_s: BooksLate = LATE_S_DEFAULT,
    accounts: AccountsFile = None,
    test_bench: WithTestBench = False,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, help="PEM; with --key: TLS.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", exists=True, help="PEM.")] = None,
    client_authority: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, help="PEM; then mutual TLS.")
    ] = None,
    print_endpoints: PrintEndpoints = False,
) -> None:
    """Simulate all institutions behind their endpoints."""
    if scenario not in MIXTURES:
        raise typer.BadParameter(f"{scenario} given, {', '.join(MIXTURES)} allowed", param_hint="--scenario")
    if books not in NAMES:
        raise typer.BadParameter(f"{books} given, {', '.join(NAMES)} allowed", param_hint="--books")
    if (certificate is None) != (key is None):
        raise typer.BadParameter("both or neither", param_hint="--certificate, --key")
    if client_authority is not None and certificate is None:
        raise typer.BadParameter("needs --certificate and --key", param_hint="--client-authority")
    if bind and not one_address:
        raise typer.BadParameter("needs --one-address", param_hint="--bind")
    layout = Layout.load()
    shared_host = (bind or SHARED_HOST_DEFAULT) if one_address else ""
    if print_endpoints:
        keys = [endpoint.key for endpoint in layout.endpoints]
        typer.echo(json.dumps(addresses(keys, port, shared_host), indent=0))
        return
    tls = TlsFiles(certificate, key, client_authority) if certificate and key else None
    _check_tls(tls)
    options = BooksOptions(misbehaviour(books, seed, books_rate, books_late_s), has_test_bench=test_bench)
    day = Scenario(_mixture(scenario, away_s), seed, layout)
    server = InstitutionServer(layout, day, now_ns, seed, options)
    if accounts is not None:
        _open_accounts(layout, server, accounts)
    try:
        uvloop.run(
            run(server, Binding(port, shared_host, _credentials(tls)), f"scenario={scenario} seed={seed}")
        )
    except AddressError as error:
        typer.echo(f"simulate: {error}", err=True)
        raise typer.Exit(1) from error


async def run(server: InstitutionServer, binding: Binding, greeting: str) -> None:
    """Until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    _allow_open_files()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        await server.start(binding)
        first = next(iter(server.addresses.values()))
        typer.echo(f"ready {greeting} endpoints={len(server.addresses)} first={first}")
        await stopped.wait()
    finally:
        await server.stop()


def _mixture(scenario: str, away_s: float) -> Mixture:
    mixture = MIXTURES[scenario]
    if not mixture.gone_until_s:
        return mixture
    return replace(mixture, gone_until_s=mixture.gone_from_s + away_s)


def _open_accounts(layout: Layout, server: InstitutionServer, accounts: Path) -> None:
    try:
        open_all(layout, server.clerks, openings(accounts.read_text(encoding="utf-8")), now_ns())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--accounts") from error


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES_WANTED if hard == resource.RLIM_INFINITY else min(OPEN_FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _check_tls(tls: TlsFiles | None) -> None:
    """BadParameter names the first file that holds no certificate or no key, and its option."""
    if tls is None:
        return
    files = {"cert": tls.certificate, "key": tls.key}
    if tls.client_authority is not None:
        files["ca"] = tls.client_authority
    for fault in file_faults(files):
        name, _, said = fault.partition(": ")
        raise typer.BadParameter(said, param_hint=TLS_OPTIONS[name])


def _credentials(tls: TlsFiles | None) -> grpc.ServerCredentials | None:
    if tls is None:
        return None
    authority = tls.client_authority.read_bytes() if tls.client_authority else None
    return grpc.ssl_server_credentials(
        [(tls.key.read_bytes(), tls.certificate.read_bytes())],
        root_certificates=authority,
        require_client_auth=authority is not None,
    )
