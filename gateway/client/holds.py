"""Holds: the commands that show a court's claims and holds, and whether institutions' books say the same.

Cases, accounts and amounts are shown, no names and no numbers of persons. Nothing is decided or changed here.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final

import typer
from google.protobuf.json_format import MessageToJson
from rich.console import Console
from rich.table import Table

from chakong.gateway.v1 import controls_pb2, controls_pb2_grpc
from chakong.type.v1 import hold_pb2
from runtime.connect import (
    ADDRESS,
    EXIT_FAILED,
    TIMEOUT_S,
    AddressOption,
    Caller,
    CaOption,
    CertOption,
    IdentityOption,
    KeyOption,
    connected,
)
from runtime.options import FLAG, Command, Group

PAGE: Final = 1_000
# What the gateway takes; indexes end below it, and it says which there are.
DAYS_MAX: Final = 3_660
INDEX_MAX: Final = 9_999
HOLD_ID_MAX: Final = 2**63 - 1
YUAN_FEN: Final = 100
# How wide a table is that goes into a file or a pipe.
FILE_COLUMNS: Final = 160

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

JsonOption = Annotated[bool, typer.Option("--json", metavar=FLAG, help="A JSON object a line instead.")]


@app.callback()
def who(
    context: typer.Context,
    address: AddressOption = ADDRESS,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CaOption = None,
    identity: IdentityOption = "",
) -> None:
    """Show claims and holds of a court. Who calls, and where, goes before the command."""
    context.obj = Caller(address, cert, key, ca, identity)


@app.command("list", cls=Command)
def list_holds(
    context: typer.Context,
    case: Annotated[str, typer.Option(metavar="NUMBER", help="Only of this case.")] = "",
    institution: Annotated[
        int | None, typer.Option(metavar="INDEX", min=0, max=INDEX_MAX, help="Only there.")
    ] = None,
    expiring: Annotated[
        int,
        typer.Option(
            metavar="DAYS",
            min=0,
            max=DAYS_MAX,
            help="Only those that end within so many days, not renewed.",
        ),
    ] = 0,
    idle: Annotated[
        int,
        typer.Option(
            metavar="DAYS",
            min=0,
            max=DAYS_MAX,
            help="Only those about which nothing was done for so many days.",
        ),
    ] = 0,
    ended: Annotated[bool, typer.Option("--ended", metavar=FLAG, help="Also those that have ended.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Holds of the caller's court."""
    caller: Caller = context.obj
    request = controls_pb2.ListHoldsRequest(
        case_number=case, expiring_within_days=expiring, idle_for_days=idle, ended=ended, page_size=PAGE
    )
    if institution is not None:
        request.institution = institution
    table = _table("hold", "case", "institution", "item", "life", "cover", "controlled", "ceiling", "until")
    with connected(caller) as channel:
        stub = controls_pb2_grpc.ControlsStub(channel)
        for page in _pages(stub.ListHolds, request, caller):
            for hold in page.holds:
                if as_json:
                    _print_json(hold)
                else:
                    table.add_row(*_hold_row(hold))
    if not as_json:
        _print(table)


@app.command("show", cls=Command)
def show(
    context: typer.Context,
    hold_id: Annotated[int, typer.Argument(metavar="HOLD", min=1, max=HOLD_ID_MAX, help="Its id.")],
) -> None:
    """One hold with every control on it, as JSON."""
    caller: Caller = context.obj
    with connected(caller) as channel:
        stub = controls_pb2_grpc.ControlsStub(channel)
        request = controls_pb2.GetHoldRequest(hold_id=hold_id)
        _print_json(stub.GetHold(request, timeout=TIMEOUT_S, metadata=caller.metadata), indent=2)


@app.command("claims", cls=Command)
def claims(
    context: typer.Context,
    state: Annotated[str, typer.Option(metavar="STATE", help="met, short or over.")] = "",
    exposed: Annotated[
        bool, typer.Option("--exposed", metavar=FLAG, help="Only those whose holds may still fill up.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Claims of the caller's court: what is due, and what covers it."""
    caller: Caller = context.obj
    request = controls_pb2.ListClaimsRequest(exposed=exposed, page_size=PAGE)
    if state:
        name = f"CLAIM_STATE_{state.upper()}"
        if name not in controls_pb2.ClaimState.keys():  # noqa: SIM118 - a wrapper, not a dict
            raise typer.BadParameter("must be met, short or over", param_hint="--state")
        request.state = controls_pb2.ClaimState.Value(name)
    table = _table("claim", "case", "state", "due", "cover", "gap", "in flight", "exposed", "holds")
    with connected(caller) as channel:
        stub = controls_pb2_grpc.ControlsStub(channel)
        for page in _pages(stub.ListClaims, request, caller):
            for claim in page.claims:
                if as_json:
                    _print_json(claim)
                else:
                    table.add_row(*_claim_row(claim))
    if not as_json:
        _print(table)


def reconcile(
    institutions: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="INDEX", min=0, max=INDEX_MAX, help="Institutions; without one, all with holds."
        ),
    ] = None,
    address: AddressOption = ADDRESS,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CaOption = None,
    identity: IdentityOption = "",
) -> None:
    """Ask institutions for their holds, and list every difference with the gateway's ledger.

    Needs an operator's certificate. Ends with 1 when there are differences or somebody could not be asked.
    """
    caller = Caller(address, cert, key, ca, identity)
    asked: set[int] = set()
    holds = faults = 0
    table = _table("institution", "hold", "field", "here", "there")
    with connected(caller) as channel:
        stub = controls_pb2_grpc.ControlsStub(channel)
        request = controls_pb2.ReconcileRequest(institutions=institutions or ())
        for one in stub.Reconcile(request, metadata=caller.metadata):
            asked.add(one.institution)
            holds += one.hold_count
            faults += len(one.differences) + bool(one.failure)
            if one.failure:
                table.add_row(str(one.institution), "", "not asked", "", one.failure)
            for difference in one.differences:
                named = (difference.field, difference.ours, difference.theirs)
                table.add_row(str(one.institution), str(difference.hold_id), *named)
    if faults:
        _print(table)
    parts = (_counted(len(asked), "institution"), _counted(holds, "hold"), _counted(faults, "difference"))
    typer.echo(", ".join(parts))
    if faults:
        raise typer.Exit(EXIT_FAILED)


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'s' if count > 1 else ''}"


def _table(*columns: str) -> Table:
    """Where it is narrow, what stands in it goes on in the next line; nothing is cut off."""
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print(table: Table) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = FILE_COLUMNS
    console.print(table)


def _pages(call: Any, request: Any, caller: Caller) -> Iterator[Any]:
    """Pages until the last."""
    has_more = True
    while has_more:
        page = call(request, timeout=TIMEOUT_S, metadata=caller.metadata)
        yield page
        request.page_token = page.next_page_token
        has_more = bool(page.next_page_token)


def _print_json(message: controls_pb2.HoldView | controls_pb2.ClaimView, indent: int | None = None) -> None:
    """But for the persons in it."""
    if isinstance(message, controls_pb2.HoldView):
        message.ClearField("subject")
    else:
        for debtor in message.claim.debtors:
            debtor.ClearField("subject")
    text = MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False, indent=indent)
    typer.echo(text)


def _hold_row(hold: controls_pb2.HoldView) -> tuple[str, ...]:
    place = hold.property
    return (
        str(hold.hold_id),
        hold.case_number,
        str(place.institution),
        str(place.item),
        hold_pb2.HoldLife.Name(hold.life).removeprefix("HOLD_LIFE_").lower(),
        controls_pb2.Cover.Name(hold.cover).removeprefix("COVER_").lower(),
        _yuan(hold.controlled_fen),
        "whole" if hold.whole else _yuan(hold.ceiling_fen),
        str(hold.effective_until or ""),
    )


def _claim_row(view: controls_pb2.ClaimView) -> tuple[str, ...]:
    amounts = (view.due_fen, view.cover_fen, view.gap_fen, view.flight_fen, view.exposed_fen)
    return (
        view.claim.claim_id,
        view.claim.case_number,
        controls_pb2.ClaimState.Name(view.state).removeprefix("CLAIM_STATE_").lower(),
        *map(_yuan, amounts),
        str(view.hold_count),
    )


def _yuan(amount_fen: int) -> str:
    return f"{amount_fen // YUAN_FEN:,}.{amount_fen % YUAN_FEN:02}"
