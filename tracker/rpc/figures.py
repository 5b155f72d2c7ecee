"""Figures: the calls that give a court's statistics, and their series.

Courts and officers see their own figures in full, operators those of all courts; anybody who may ask sees any
court's in the public form, which leaves out small counts.
"""

import asyncio
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import Engine

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime import requests
from runtime.calendar import date_of, is_date
from runtime.clock import now_ns
from runtime.errors import ForbiddenError
from runtime.identity import Identity, Role
from tracker.rpc.intake import NODE_MAX, OFFICER_BYTES_MAX
from tracker.rpc.sets import Sets
from tracker.rules import statistics as arithmetic
from tracker.store.series import NOWHERE, Place, Point, points
from tracker.store.statistics import Key, Statistics

if TYPE_CHECKING:
    from tracker.rpc.lawyer import Lawyer

POINTS_DEFAULT: Final = 288
POINTS_MAX: Final = 1_000
FIGURES_DEFAULT: Final = 10_000
# Callers' libraries take 4 MiB unless told otherwise; one has 150 bytes at most.
FIGURES_MAX: Final = 20_000
NS_MAX: Final = 2**63 - 1


class Figures:
    """Handlers of GetStatistics and ListSeries."""

    def __init__(self, engine: Engine, lawyer: "Lawyer") -> None:
        self._engine = engine
        self._statistics = Statistics(engine)
        self._lawyer = lawyer
        self._sets = Sets()

    async def get(self, caller: Identity, message: bytes) -> bytes:
        """GetStatistics."""
        request = requests.read(tracker_pb2.GetStatisticsRequest, message)
        court = _court(caller, request.court_code, is_public=request.public)
        if request.as_of and not is_date(request.as_of):
            raise requests.wrong("as_of", f"must be a date such as 20261122, {request.as_of} given")
        if request.as_of and request.public:
            # From one day to the next the difference is small.
            raise requests.wrong("as_of", f"must be 0 in the public form, {request.as_of} given")
        size = requests.page_size(request.page_size, FIGURES_DEFAULT, FIGURES_MAX)
        asked = f"{caller.role}\n{court}\n{request.public}\n{request.as_of}".encode()
        place = _two_numbers(request.page_token, asked)
        if place is None:
            number, first = 0, 0
            whole = await asyncio.to_thread(self._count, request, court)
            if len(whole.figures) > size:
                number = self._sets.keep(asked, whole)
        else:
            number, first = place
            found = self._sets.find(number, asked)
            if found is None or first >= len(found.figures):
                raise requests.wrong("page_token", "is not kept any more: begin with the first page")
            whole = found
        response = tracker_pb2.GetStatisticsResponse(
            figures=whole.figures[first : first + size], as_of=whole.as_of, law_version=whole.law_version
        )
        if len(whole.figures) > first + size:
            response.next_page_token = requests.text_token(asked, f"{number} {first + size}")
        return response.SerializeToString()

    def _count(
        self, request: tracker_pb2.GetStatisticsRequest, court: str
    ) -> tracker_pb2.GetStatisticsResponse:
        """All of them, as they stand now."""
        day = request.as_of or date_of(now_ns())
        law = self._lawyer.latest().law
        duties = [number for number, rule in law.nodes.items() if rule.kind == "duty"]
        whole = tracker_pb2.GetStatisticsResponse(as_of=day, law_version=law.version)
        for code, key, found in self._statistics.of_court(court, day, duties):
            whole.figures.append(_view(code, key, found, is_public=request.public))
        return whole

    async def series(self, caller: Identity, message: bytes) -> bytes:
        """ListSeries."""
        request = requests.read(tracker_pb2.ListSeriesRequest, message)
        court = _court(caller, request.court_code, is_public=False)
        if not court:
            raise requests.wrong("court_code", "is required of operators")
        if not 1 <= request.node <= NODE_MAX:
            raise requests.wrong("node", f"must be 1 to {NODE_MAX}, {request.node} given")
        size = requests.page_size(request.page_size, POINTS_DEFAULT, POINTS_MAX)
        until_ns = request.until_ns or NS_MAX
        asked = f"{court}\n{request.node}\n{request.from_ns}\n{until_ns}".encode()
        after = _place(request.page_token, asked)
        between_ns = (request.from_ns, until_ns)
        found = await asyncio.to_thread(
            points, self._engine, court, request.node, between_ns, size + 1, after
        )
        response = tracker_pb2.ListSeriesResponse()
        for point in found[:size]:
            response.points.append(_point(court, point))
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = requests.text_token(asked, f"{last.at_ns} {last.key.level}")
        return response.SerializeToString()


def _place(token: str, asked: bytes) -> Place:
    """The last point of the page before."""
    found = _two_numbers(token, asked)
    return NOWHERE if found is None else Place(*found)


def _two_numbers(token: str, asked: bytes) -> tuple[int, int] | None:
    """What a token says; None: there is none. InvalidError for a token that was not given out."""
    given = requests.page_text(token, asked)
    if not given:
        return None
    try:
        first, second = map(int, given.split())
    except ValueError:
        first = second = -1
    if not (0 <= first <= NS_MAX and 0 <= second <= NS_MAX):
        raise requests.wrong("page_token", "must be next_page_token of the page before")
    return first, second


def _court(caller: Identity, given: str, *, is_public: bool) -> str:
    """Whose figures; empty: those of all courts."""
    if len(given.encode()) > OFFICER_BYTES_MAX:
        raise requests.wrong("court_code", f"must be at most {OFFICER_BYTES_MAX} bytes")
    if not given.isprintable():
        raise requests.wrong("court_code", "must be printable")
    if caller.role is Role.OPERATOR or is_public:
        return given or caller.court
    if given not in ("", caller.court):
        raise ForbiddenError("court_code: another court than the certificate's")
    return caller.court


def _point(court: str, point: Point) -> tracker_pb2.SeriesPoint:
    return tracker_pb2.SeriesPoint(
        at_ns=point.at_ns, figures=_view(court, point.key, point.figures, is_public=False)
    )


def _view(court: str, key: Key, found: arithmetic.Figures, *, is_public: bool) -> tracker_pb2.NodeFigures:
    level = cast("case_pb2.CourtLevel.ValueType", key.level)
    view = tracker_pb2.NodeFigures(court_code=court, level=level, node=key.node)
    for name, value in _shown(found, is_public=is_public).items():
        setattr(view, name, value)
    return view


def _shown(found: arithmetic.Figures, *, is_public: bool) -> dict[str, float]:
    """The fields that are shown, by their names in the contract."""
    counts = arithmetic.public(found) if is_public else found._asdict()
    shown: dict[str, float] = {name: counts[ours] for name, ours in _FIELDS.items() if ours in counts}
    if counts.get("done") and "days_sum" in counts:
        shown["days_mean"] = counts["days_sum"] / counts["done"]
    return shown


_FIELDS: Final = {
    "open": "open",
    "done": "done",
    "in_time": "in_time",
    "late": "late",
    "overdue": "overdue",
    "overdue_1_month": "overdue_1",
    "overdue_2_months": "overdue_2",
    "overdue_3_months": "overdue_3",
    "overdue_6_months": "overdue_6",
}
