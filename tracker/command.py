"""Command: `chakong case ...`: a court's cases at the command line.

Cases, events and days are shown, no names and no numbers of persons. What is registered or recorded is
written as JSON, in the words of the contract. Nothing is decided here.
"""

import re
import sys
from collections.abc import Iterator
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

from chakong.tracker.v1 import case_pb2, tracker_pb2, tracker_pb2_grpc
from runtime.calendar import DAY_NS, midnight_ns
from runtime.connect import (
    ADDRESS,
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
from runtime.options import FLAG, Command, Group, day

PAGE: Final = 1_000
# How wide a table is that goes into a file or a pipe.
FILE_COLUMNS: Final = 160
STANDARD_INPUT: Final = "-"
WORKS_PER_MESSAGE: Final = 1_000
NODE_MAX: Final = 37
# Of what is said of JSON that is no such message, the part that quotes no value.
_FIELD: Final = re.compile(r'no field named "[^"]*"|Failed to parse \w+ field')
_FIGURES: Final = ("open", "done", "in_time", "late", "overdue", "overdue_1_month", "overdue_6_months")

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

NumberArgument = Annotated[str, typer.Argument(metavar="CASE", help="Its number.")]
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
    """Track cases of a court. Who calls, and where, goes before the command."""
    context.obj = Caller(address, cert, key, ca, identity)


@app.command("register", cls=Command)
def register(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A RegisterCaseRequest as JSON a line; - is standard input.")
    ] = STANDARD_INPUT,
) -> None:
    """Register cases with what is known to have happened in them. Ends with 1 when one was refused."""
    requests = _read(file, tracker_pb2.RegisterCaseRequest)
    pieces = _pieces(list(requests.values()))
    messages = [tracker_pb2.RegisterCasesRequest(registrations=some) for some in pieces]
    _send(context.obj, "RegisterCases", "registered", messages, list(requests))


@app.command("record", cls=Command)
def record(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An Event as JSON a line; - is standard input.")
    ] = STANDARD_INPUT,
) -> None:
    """Record events, in their order. Ends with 1 when one was refused; the others were recorded."""
    events = _read(file, case_pb2.Event)
    messages = [tracker_pb2.RecordEventsRequest(events=some) for some in _pieces(list(events.values()))]
    _send(context.obj, "RecordEvents", "recorded", messages, list(events))


@app.command("show", cls=Command)
def show(
    context: typer.Context,
    number: NumberArgument,
    as_of: Annotated[
        int,
        typer.Option(
            metavar="YYYYMMDD", parser=day, help="The case as it stood on this day.", show_default="today"
        ),
    ] = 0,
    known_on: Annotated[
        int,
        typer.Option(
            metavar="YYYYMMDD",
            parser=day,
            help="By what had been recorded at the end of this day.",
            show_default="today",
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """One case with its nodes, due days and warnings."""
    caller: Caller = context.obj
    known_ns = midnight_ns(known_on) + DAY_NS - 1 if known_on else 0
    with connected(caller) as channel:
        stub: Any = tracker_pb2_grpc.TrackerStub(channel)
        request = tracker_pb2.GetCaseRequest(case_number=number, as_of=as_of, known_ns=known_ns)
        view = case_pb2.CaseView()
        for page in _pages(stub.GetCase, request, caller):
            view.MergeFrom(page)
        view.ClearField("next_page_token")
    if as_json:
        _print_json(view)
        return
    status = case_pb2.CaseStatus.Name(view.status).removeprefix("CASE_STATUS_").lower()
    typer.echo(f"{view.case_number}: {status}, as of {view.as_of}, law {view.law_version}")
    if view.known_ns < view.registered_ns:
        typer.echo("it was registered later, and nothing was known of it")
    _print_nodes(view.nodes)
    for warning in view.warnings:
        typer.echo(f"warning {warning.kind}: {warning.text}")
    for pending in view.pending:
        typer.echo(f"pending {pending.event_id}: {pending.why}")


@app.command("due", cls=Command)
def due(
    context: typer.Context,
    urgency: Annotated[str, typer.Option(metavar="WORD", help="Only normal, amber, red or overdue.")] = "",
    handler: Annotated[str, typer.Option(metavar="OFFICER", help="Only this handler's.")] = "",
    node: Annotated[
        int,
        typer.Option(metavar="NUMBER", min=0, max=NODE_MAX, help="Only this node.", show_default=False),
    ] = 0,
    until: Annotated[
        int,
        typer.Option(
            metavar="YYYYMMDD", parser=day, help="Only what is due by this day.", show_default=False
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Open nodes of the caller's court by due day."""
    name = f"URGENCY_{urgency.upper()}" if urgency else "URGENCY_UNSPECIFIED"
    if name not in case_pb2.Urgency.keys():  # noqa: SIM118 - a wrapper, not a dict
        raise typer.BadParameter("must be normal, amber, red or overdue", param_hint="--urgency")
    request = tracker_pb2.ListNodesRequest(
        urgency=case_pb2.Urgency.Value(name), handler=handler, node=node, due_until=until, page_size=PAGE
    )
    caller: Caller = context.obj
    with connected(caller) as channel:
        stub: Any = tracker_pb2_grpc.TrackerStub(channel)
        nodes = [one for page in _pages(stub.ListNodes, request, caller) for one in page.nodes]
    if as_json:
        for one in nodes:
            _print_json(one)
    else:
        _print_nodes(nodes, with_case=True)


@app.command("check", cls=Command)
def check(context: typer.Context, number: NumberArgument) -> None:
    """What must be fulfilled before enforcement is ended for now. Ends with 1 while something is missing."""
    caller: Caller = context.obj
    with connected(caller) as channel:
        stub: Any = tracker_pb2_grpc.TrackerStub(channel)
        request = tracker_pb2.CheckEndingRequest(case_number=number)
        response = stub.CheckEnding(request, timeout=TIMEOUT_S, metadata=caller.metadata)
    table = _table("check", "state", "proved by", "article")
    for one in response.checks:
        state = tracker_pb2.CheckState.Name(one.state).removeprefix("CHECK_STATE_").lower()
        table.add_row(one.key, state.replace("_", " "), one.event_id, one.article)
    _print(table)
    if not response.may_end:
        raise typer.Exit(1)


@app.command("watch", cls=Command)
def watch(
    context: typer.Context,
    cursor: Annotated[
        int, typer.Option(metavar="CURSOR", help="The last cursor seen.", show_default="from the first event")
    ] = 0,
    case: Annotated[str, typer.Option(metavar="NUMBER", help="Only of this case.")] = "",
) -> None:
    """Events of the caller's court as they are recorded, a JSON object a line, until interrupted."""
    caller: Caller = context.obj
    with connected(caller) as channel:
        stub: Any = tracker_pb2_grpc.TrackerStub(channel)
        request = tracker_pb2.WatchEventsRequest(cursor=cursor, case_number=case)
        for response in stub.WatchEvents(request, metadata=caller.metadata):
            _print_json(response)


@app.command("statistics", cls=Command)
def statistics(
    context: typer.Context,
    public: Annotated[bool, typer.Option("--public", metavar=FLAG, help="Without small counts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Figures of the caller's court by level and node; of an operator, those of all courts."""
    caller: Caller = context.obj
    with connected(caller) as channel:
        stub: Any = tracker_pb2_grpc.TrackerStub(channel)
        request = tracker_pb2.GetStatisticsRequest(public=public)
        figures = [row for page in _pages(stub.GetStatistics, request, caller) for row in page.figures]
    if as_json:
        for row in figures:
            _print_json(row)
        return
    table = _table("court", "level", "node", *(name.replace("_", " ") for name in _FIGURES), "mean days")
    for row in figures:
        shown = [str(getattr(row, name)) if row.HasField(name) else "few" for name in _FIGURES]
        mean = f"{row.days_mean:.1f}" if row.HasField("days_mean") else ""
        level = case_pb2.CourtLevel.Name(row.level).removeprefix("COURT_LEVEL_").lower()
        table.add_row(row.court_code, level, str(row.node), *shown, mean)
    _print(table)


def _read(file: str, kind: type[Any]) -> dict[int, Any]:
    """Messages, one a line of JSON, by the numbers of their lines; blank lines are none."""
    try:
        # Some editors put a mark before the first line.
        given = sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{file}: {error.strerror}", EXIT_USAGE)
    except UnicodeDecodeError:
        fail(f"{file}: is no text in UTF-8", EXIT_USAGE)
    found = {}
    # Not by what else Python takes for the end of a line: it may stand within a text.
    for number, line in enumerate(given.split("\n"), 1):
        if line.strip():
            try:
                found[number] = Parse(line, kind())
            except ParseError as error:
                name = kind.DESCRIPTOR.full_name
                fail(f"{file}: line {number} cannot be read as {name}{_reason(error)}", EXIT_USAGE)
    return found


def _reason(error: ParseError) -> str:
    """Where and why, as far as it can be said without a value that was given."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, JSONDecodeError):
        return f": no JSON at character {cause.colno}, {cause.msg}"
    field = _FIELD.search(str(error))
    return f": {field[0]}" if field else ""


def _pieces(works: list[Any]) -> Iterator[list[Any]]:
    """As many as go into a message."""
    for start in range(0, len(works), WORKS_PER_MESSAGE):
        yield works[start : start + WORKS_PER_MESSAGE]


def _send(caller: Caller, method: str, done: str, messages: list[Any], lines: list[int]) -> None:
    """Tell what became of the works of a bulk call's messages; each has a line of the file. Ends with 1 when
    one was refused."""
    done_count = repeated = refused = 0
    with connected(caller) as channel:
        stub: Any = tracker_pb2_grpc.TrackerStub(channel)
        responses = getattr(stub, method)(iter(messages), metadata=caller.metadata)
        for number, response in enumerate(responses):
            first = number * WORKS_PER_MESSAGE
            _tell_refused(response, lines[first : first + WORKS_PER_MESSAGE])
            done_count += getattr(response, done)
            repeated += response.repeated
            refused += response.refused
    typer.echo(f"{done_count} {done}, {repeated} there already, {refused} refused")
    if refused:
        raise typer.Exit(1)


def _tell_refused(response: Any, lines: list[int]) -> None:
    if response.HasField("error"):
        # What is there already is told so when it comes again.
        again = "give the file again once that is mended"
        fail(f"lines {lines[0]} to {lines[-1]}: {response.error.message}; {again}")
    for verdict in response.verdicts:
        if verdict.code:
            why = f"{verdict.rule} {verdict.message}".strip()
            typer.echo(f"line {lines[verdict.index]}: {why}", err=True)


def _pages(call: Any, request: Any, caller: Caller) -> Iterator[Any]:
    """Pages until the last."""
    has_more = True
    while has_more:
        page = call(request, timeout=TIMEOUT_S, metadata=caller.metadata)
        yield page
        request.page_token = page.next_page_token
        has_more = bool(page.next_page_token)


def _print_nodes(nodes: Any, *, with_case: bool = False) -> None:
    columns = ("node", "thing", "state", "urgency", "start", "due", "done", "handler", "article")
    table = _table(*(("case", *columns) if with_case else columns))
    for one in nodes:
        row = (
            f"{one.number} {one.key}",
            one.thing,
            _state(one),
            case_pb2.Urgency.Name(one.urgency).removeprefix("URGENCY_").lower() if one.urgency else "",
            str(one.start or ""),
            _due(one),
            str(one.done or ""),
            one.handler,
            one.article,
        )
        table.add_row(*((one.case_number, *row) if with_case else row))
    _print(table)


def _state(node: case_pb2.NodeView) -> str:
    """With how often, of what is counted."""
    state = case_pb2.NodeState.Name(node.state).removeprefix("NODE_STATE_").lower()
    return f"{state}, {node.count} made" if node.count else state


def _due(node: case_pb2.NodeView) -> str:
    """The last day, or what else there is to know of days."""
    if node.due:
        return f"{node.due} provisional" if node.is_provisional else str(node.due)
    if node.is_stopped:
        return "the clock stands still"
    if node.fresh_until:
        return f"fresh until {node.fresh_until}"
    return f"not before {node.not_before}" if node.not_before else ""


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


def _print_json(message: Message) -> None:
    text = MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False, indent=None)
    typer.echo(text)
