"""Command: `chakong blacklist follow` for a unit, `chakong blacklist late` for whoever looks after them, and
`chakong blacklist proof` for the court of a listing.

Over gRPC, with a certificate. What follow writes has names and numbers of persons; the others have units,
counts and days alone. Exit codes: 0 done, 1 the call failed or somebody is late, 2 called wrong.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from blacklist.push.client import Follower
from blacklist.push.file import ChangesFile, FileError, line, opened
from chakong.blacklist.v1 import changes_pb2, changes_pb2_grpc, listings_pb2
from runtime.connect import (
    ADDRESS,
    EXIT_FAILED,
    EXIT_USAGE,
    TIMEOUT_S,
    AddressOption,
    Caller,
    CaOption,
    CertOption,
    IdentityOption,
    KeyOption,
    connected,
    fail,
)
from runtime.options import FLAG

# How wide a table is that goes into a file or a pipe.
FILE_COLUMNS: Final = 160
LISTING_ID_MAX: Final = 2**63 - 1
DEED_PREFIX: Final = "DEED_"
FAILURE_PREFIX: Final = "FAILURE_"


def follow(
    address: AddressOption = ADDRESS,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CaOption = None,
    identity: IdentityOption = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the changes there, each once, as JSON a line."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", metavar=FLAG, help="End when there is nothing new.")
    ] = False,
    look: Annotated[bool, typer.Option("--look", metavar=FLAG, help="Acknowledge nothing.")] = False,
) -> None:
    """Take the changes of the list for a unit, and acknowledge them once they are written.

    With --out it goes on after the last change in the file; a new file gets them all. Without --out they are
    printed, from where the unit is. It ends when the service does, with 0: start it again.
    """
    caller = Caller(address, cert, key, ca, identity)
    with _taking(out) as file, connected(caller) as channel:
        take = _echo if file is None else file.take
        follower = Follower(channel, caller.metadata, take, file, is_acknowledging=not look)
        try:
            follower.follow(is_once=once)
        except KeyboardInterrupt:
            pass
        except OSError as error:
            fail(f"{error.filename or out or 'standard output'}: {error.strerror}; not acknowledged")
        except FileError as error:
            fail(f"{error}; not acknowledged", EXIT_USAGE)
        told = f"{follower.taken_count} changes, cursor {follower.cursor}"
        told += "" if look else ", acknowledged"
        left = f" but for {follower.left_count} not in the file" if follower.left_count else ""
        typer.echo(told + left, err=True)


def late(
    address: AddressOption = ADDRESS,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CaOption = None,
    identity: IdentityOption = "",
    everyone: Annotated[
        bool, typer.Option("--all", metavar=FLAG, help="Also units that are in time.")
    ] = False,
) -> None:
    """Show units that have not acknowledged removals by their deadline. Ends with 1 when there are some.

    An operator sees all units, a unit itself.
    """
    caller = Caller(address, cert, key, ca, identity)
    with connected(caller) as channel:
        stub: Any = changes_pb2_grpc.ChangesStub(channel)
        request = changes_pb2.ListAcknowledgementsRequest(overdue=not everyone)
        response = stub.ListAcknowledgements(request, timeout=TIMEOUT_S, metadata=caller.metadata)
    late_count = sum(1 for one in response.acknowledgements if one.overdue_removals)
    if response.acknowledgements:
        _print(response.acknowledgements)
    typer.echo(f"units late {late_count}, last change {response.cursor}")
    raise typer.Exit(EXIT_FAILED if late_count else 0)


def proof(
    listing_id: Annotated[
        int, typer.Argument(metavar="LISTING", min=1, max=LISTING_ID_MAX, help="The listing's id.")
    ],
    address: AddressOption = ADDRESS,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CaOption = None,
    identity: IdentityOption = "",
) -> None:
    """Show which units were told that a listing was removed or corrected, who has confirmed it, and who is
    late.

    It names no subject, and may be shown to him. Ends with 1 when a unit is late.
    """
    caller = Caller(address, cert, key, ca, identity)
    with connected(caller) as channel:
        stub: Any = changes_pb2_grpc.ChangesStub(channel)
        request = changes_pb2.GetRemovalProofRequest(listing_id=listing_id)
        found = stub.GetRemovalProof(request, timeout=TIMEOUT_S, metadata=caller.metadata)
    for removal in found.removals:
        deed = listings_pb2.Deed.Name(removal.deed).removeprefix(DEED_PREFIX).lower()
        typer.echo(f"{deed} on {removal.removed}, change {removal.cursor}")
        _show(_proof_table(removal.units))
    units = [unit for removal in found.removals for unit in removal.units]
    late_count = sum(1 for unit in units if unit.late)
    confirmed_count = sum(1 for unit in units if unit.confirmed)
    counts = f"confirmed {confirmed_count} of {len(units)}, late {late_count}"
    typer.echo(f"listing {listing_id} on {found.day}: taken back {len(found.removals)}, {counts}")
    raise typer.Exit(EXIT_FAILED if late_count else 0)


@contextmanager
def _taking(out: Path | None) -> Iterator[ChangesFile | None]:
    if out is None:
        yield None
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(opened(out))
        except FileError as error:
            fail(str(error), EXIT_USAGE)
        except OSError as error:
            fail(f"{error.filename}: {error.strerror}", EXIT_USAGE)
        yield file


def _echo(changes: Sequence[changes_pb2.Change]) -> None:
    for one in changes:
        typer.echo(line(one))
    sys.stdout.flush()


def _print(standings: Sequence[changes_pb2.Acknowledgement]) -> None:
    table = Table("unit", "told", "acknowledged", "left out", "open", "overdue", "due", "working days late")
    for one in standings:
        counts = (one.told_cursor, one.cursor, len(one.exceptions), one.open_removals, one.overdue_removals)
        table.add_row(one.unit, *map(str, counts), str(one.due or ""), str(one.late_working_days or ""))
    _show(table)


def _proof_table(units: Sequence[changes_pb2.UnitProof]) -> Table:
    table = Table("unit", "told", "confirmed", "due", "late", "says")
    for one in units:
        why = (
            changes_pb2.Failure.Name(one.failure).removeprefix(FAILURE_PREFIX).lower() if one.failure else ""
        )
        days = [str(day or "") for day in (one.told, one.confirmed, one.due)]
        table.add_row(one.unit, *days, "late" if one.late else "", why)
    return table


def _show(table: Table) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = FILE_COLUMNS
    console.print(table)
