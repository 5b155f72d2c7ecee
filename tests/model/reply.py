"""Reply: an endpoint's word on one batch, believed whole or not at all.

Judges a Reply against the batch it names and says what came of each question. It changes nothing.
"""

from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.model import face
from tests.model.line import Flight, Line
from tests.model.state import AMBIGUOUS, FOUND, NONE, REFUSED, Ask, State
from tests.model.wire import Directory, has_nul, upper_x

_RECORDS_MAX = 256
_REASON_BYTES_MAX = 256
_RECORD_BYTES_MAX = (
    ("locator", 128),
    ("kind", 64),
    ("holder_number", 32),
    ("holder_name", 256),
    ("description", 512),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    ask: Ask
    state: State
    records: list[types.Record] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    batch_id: int
    fault: int
    outcomes: list[Outcome] = field(default_factory=list)


class _FaultError(Exception):
    def __init__(self, fault: int) -> None:
        super().__init__(fault)
        self.fault = fault


def judge(message: bytes, line: Line, directory: Directory) -> Judged:
    """What the reply says; with a fault, no outcomes."""
    reply = institution.Reply()
    try:
        reply.ParseFromString(message)
    except DecodeError:
        return Judged(0, face.FAULT_GARBAGE)
    reply.DiscardUnknownFields()
    flight = line.in_flight.get(reply.batch_id)
    if flight is None:
        return Judged(reply.batch_id, face.FAULT_UNKNOWN_BATCH)
    if reply.refusal:
        return Judged(reply.batch_id, face.FAULT_REFUSAL)
    try:
        return Judged(reply.batch_id, face.FAULT_NONE, _outcomes(reply, flight, line, directory))
    except _FaultError as error:
        return Judged(reply.batch_id, error.fault)


def _outcomes(reply: institution.Reply, flight: Flight, line: Line, directory: Directory) -> list[Outcome]:
    answered = _answered(reply, flight, line, directory)
    said: dict[tuple[int, int], Outcome | None] = {}
    for finding in reply.findings:
        place = (finding.entry, finding.institution)
        ask = _ask_of(finding, flight, line, directory)
        if answered.get(finding.institution, 0) <= finding.entry:
            raise _FaultError(face.FAULT_WRONG_INSTITUTION)
        if place in said:
            raise _FaultError(face.FAULT_GARBAGE)
        said[place] = _outcome(finding, ask)
    outcomes: list[Outcome] = []
    for index, entry in enumerate(flight.entries):
        for asked, ask in entry.asks.items():
            if answered.get(asked, 0) > index:
                outcome = said.get((index, asked), Outcome(ask, NONE))
                outcomes += [] if outcome is None else [outcome]
    return outcomes


def _answered(reply: institution.Reply, flight: Flight, line: Line, directory: Directory) -> dict[int, int]:
    """Institution -> how many of the batch's entries it answered."""
    answered: dict[int, int] = {}
    for row in reply.answered:
        if row.entry_count > len(flight.entries):
            raise _FaultError(face.FAULT_UNKNOWN_INDEX)
        for index in row.institutions:
            _require_behind(index, line, directory)
            if index in answered:
                raise _FaultError(face.FAULT_GARBAGE)
            answered[index] = row.entry_count
    return answered


def _require_behind(index: int, line: Line, directory: Directory) -> None:
    if index >= len(directory.institutions) or directory.institutions[index].endpoint != line.endpoint:
        raise _FaultError(face.FAULT_WRONG_INSTITUTION)


def _ask_of(finding: institution.Finding, flight: Flight, line: Line, directory: Directory) -> Ask:
    if finding.entry >= len(flight.entries) or not flight.entries[finding.entry].asks:
        raise _FaultError(face.FAULT_UNKNOWN_INDEX)
    _require_behind(finding.institution, line, directory)
    ask = flight.entries[finding.entry].asks.get(finding.institution)
    if ask is None:
        raise _FaultError(face.FAULT_WRONG_INSTITUTION)
    return ask


def _outcome(finding: institution.Finding, ask: Ask) -> Outcome | None:
    """None: it could not look now."""
    is_long = len(finding.records) > _RECORDS_MAX or len(finding.reason.encode()) > _REASON_BYTES_MAX
    if is_long or "\0" in finding.reason:
        raise _FaultError(face.FAULT_GARBAGE)
    fits = [_fit(record, ask) for record in finding.records]
    match finding.outcome:
        case institution.OUTCOME_FOUND:
            if not fits:
                raise _FaultError(face.FAULT_GARBAGE)
            if all(fits):
                return Outcome(ask, FOUND, records=list(finding.records))
            return Outcome(ask, AMBIGUOUS)
        case institution.OUTCOME_AMBIGUOUS:
            return Outcome(ask, AMBIGUOUS)
        case institution.OUTCOME_REFUSED:
            return Outcome(ask, REFUSED, reason=finding.reason)
        case institution.OUTCOME_UNAVAILABLE:
            return None
        case _:
            raise _FaultError(face.FAULT_GARBAGE)


def _fit(record: types.Record, ask: Ask) -> bool:
    """Whether it names the number and the name asked about; one that names neither makes the reply void."""
    too_long = any(len(getattr(record, name).encode()) > limit for name, limit in _RECORD_BYTES_MAX)
    if too_long or has_nul(record) or not 1 <= record.item <= 25:
        raise _FaultError(face.FAULT_GARBAGE)
    fits_number = upper_x(record.holder_number) == upper_x(ask.question.id_number)
    fits_name = record.holder_name == ask.question.name
    if not (fits_number or fits_name):
        raise _FaultError(face.FAULT_FOREIGN_RECORD)
    return fits_number and fits_name
