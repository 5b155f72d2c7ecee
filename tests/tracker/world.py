"""World: a tracker's database in a folder, and cases to register in it, for the tests of store and calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.database import make_engine
from tracker.serve import open_database
from tracker.store.judge import COURT
from tracker.store.laws import judge_of
from tracker.store.work import Batch, Outcome, Record, Register, Work
from tracker.store.writer import Writer

OURS = "京0105"
OTHERS = "沪0101"
SECOND_NS = 1_000_000_000
# 2026-11-23, a Monday, 10:00 in Beijing.
NOW_NS = 1_795_399_200 * SECOND_NS
TODAY = 20261123


def event(kind: str, effective: int, event_id: str = "", **fields: Any) -> case_pb2.Event:
    """An event of the case that it is registered with."""
    return case_pb2.Event(
        event_id=event_id or kind,
        kind=kind,
        effective=effective,
        officer="officer-1",
        **fields,
    )


def registration(
    number: int, *events: case_pb2.Event, court: str = OURS, **fields: Any
) -> tracker_pb2.RegisterCaseRequest:
    """A case of a court; without events it was received and filed this month."""
    given = events or (event("application_received", 20261102), event("filing", 20261103))
    case = case_pb2.Case(
        case_number=case_number(number, court), court_code=court, handler="judge-1", **fields
    )
    return tracker_pb2.RegisterCaseRequest(case=case, events=given)


def theirs(number: int, court: str = OTHERS) -> Register:
    """A case of another court, with a number as our court writes them."""
    request = registration(number)
    request.case.court_code = court
    return Register(court, request)


def case_number(number: int, court: str = OURS) -> str:
    """As courts write them."""
    return f"(2026){court}执{number}号"


def recorded(number: int, made: case_pb2.Event, court: str = OURS, source: int = COURT) -> Record:
    """An event of a case that is there."""
    named = case_pb2.Event()
    named.CopyFrom(made)
    named.case_number = case_number(number, court)
    return Record(court, named, source)


class Store:
    """An open database and its writer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.version = open_database(engine)
        self.writer = Writer(engine, judge_of)

    def do(self, *works: Work, now_ns: int = NOW_NS) -> list[Outcome]:
        """All in one transaction."""
        return self.writer.write([Batch(works)], now_ns).outcomes[0]

    def register(self, *numbers: int, court: str = OURS) -> list[Outcome]:
        """Cases with these numbers."""
        return self.do(*(Register(court, registration(number, court=court)) for number in numbers))


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """A store at this URL."""
    engine = make_engine(url, "tracker.url", is_source=True)
    try:
        yield Store(engine)
    finally:
        engine.dispose()


def sqlite_url(folder: Path) -> str:
    """Of a database in this folder."""
    return f"sqlite:///{folder}/tracker.db"
