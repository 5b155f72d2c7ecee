"""Nodes: the call that lists what is due, amber, red or overdue in a court."""

import asyncio
import json
from typing import TYPE_CHECKING, Final

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime import requests
from runtime.calendar import date_of, is_date
from runtime.clock import now_ns
from runtime.identity import Identity
from runtime.requests import POSITION_MAX
from tracker.rpc.intake import NODE_MAX, OFFICER_BYTES_MAX
from tracker.store.listing import DAY_MAX, DAY_MIN, Level, Listed, Position, Question

if TYPE_CHECKING:
    from tracker.rpc.lawyer import Lawyer
    from tracker.rules.law import Law
    from tracker.store.listing import Listing

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1_000


class Nodes:
    """Handler of ListNodes."""

    def __init__(self, listing: "Listing", lawyer: "Lawyer") -> None:
        self._listing = listing
        self._lawyer = lawyer

    async def list_nodes(self, caller: Identity, message: bytes) -> bytes:
        """A page of the caller's court."""
        request = requests.read(tracker_pb2.ListNodesRequest, message)
        return (await asyncio.to_thread(self._page, caller.court, request)).SerializeToString()

    def _page(self, court: str, request: tracker_pb2.ListNodesRequest) -> tracker_pb2.ListNodesResponse:
        law = self._lawyer.latest().law
        size = requests.page_size(request.page_size, PAGE_DEFAULT, PAGE_MAX)
        day = request.as_of or date_of(now_ns())
        asked = _asked(court, request, day)
        after = requests.page_text(request.page_token, asked)
        question = Question(
            court=court,
            level=Level(request.urgency),
            day=day,
            kinds={number: rule.kind for number, rule in law.nodes.items()},
            handler=request.handler,
            node=request.node,
            due_from=request.due_from or DAY_MIN,
            due_until=request.due_until or DAY_MAX,
            after=_position(after) if after else None,
            # One more tells whether there is another page.
            limit=size + 1,
        )
        rows = self._listing.page(question)
        response = tracker_pb2.ListNodesResponse(nodes=[_view(law, row, day) for row in rows[:size]])
        if len(rows) > size:
            last = rows[size - 1].position
            response.next_page_token = requests.text_token(asked, json.dumps(last, separators=(",", ":")))
        return response


def _asked(court: str, request: tracker_pb2.ListNodesRequest, day: int) -> bytes:
    """The question without its page, which a page token belongs to; InvalidError for one that is none."""
    if request.urgency not in case_pb2.Urgency.values():
        raise requests.wrong("urgency", f"is no urgency, {request.urgency} given")
    if not 0 <= request.node <= NODE_MAX:
        raise requests.wrong("node", f"must be 0 to {NODE_MAX}, {request.node} given")
    if len(request.handler.encode()) > OFFICER_BYTES_MAX:
        raise requests.wrong("handler", f"must be at most {OFFICER_BYTES_MAX} bytes")
    if not request.handler.isprintable():
        raise requests.wrong("handler", "must be printable")
    for field in ("due_from", "due_until", "as_of"):
        given = getattr(request, field)
        if given and not is_date(given):
            raise requests.wrong(field, f"must be a date such as 20261122, {given} given")
    asked = tracker_pb2.ListNodesRequest()
    asked.CopyFrom(request)
    asked.ClearField("page_size")
    asked.ClearField("page_token")
    asked.as_of = day
    return court.encode() + asked.SerializeToString(deterministic=True)


def _position(after: str) -> Position:
    """The last row of the page before; InvalidError for a token that nobody was given."""
    try:
        due, node, case_no, thing = json.loads(after)
        found = Position(int(due), int(node), int(case_no), str(thing))
    except (TypeError, ValueError, OverflowError, RecursionError):
        found = None
    if found is None or not all(0 <= one <= POSITION_MAX for one in found[:3]) or "\0" in found.thing:
        raise requests.wrong("page_token", "must be next_page_token of the page before")
    return found


def _view(law: "Law", row: Listed, day: int) -> case_pb2.NodeView:
    position = row.position
    return case_pb2.NodeView(
        case_number=row.case_number,
        number=position.node,
        key=law.nodes[position.node].key,
        thing=position.thing,
        state=case_pb2.NODE_STATE_OPEN,
        urgency=_urgency(law, row, day),
        start=row.start,
        due=position.due,
        amber=row.amber,
        red=row.red,
        handler=row.handler,
        rule=row.origin.rule,
        article=row.origin.article,
        rule_version=row.origin.version,
        is_provisional=row.is_provisional,
    )


def _urgency(law: "Law", row: Listed, day: int) -> case_pb2.Urgency.ValueType:
    kind = law.nodes[row.position.node].kind
    if kind == "duty" and 0 < row.position.due < day:
        return case_pb2.URGENCY_OVERDUE
    if kind in ("duty", "term"):
        if 0 < row.red <= day:
            return case_pb2.URGENCY_RED
        if 0 < row.amber <= day:
            return case_pb2.URGENCY_AMBER
    return case_pb2.URGENCY_NORMAL
