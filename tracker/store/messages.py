"""Messages: cases and events of the contract, as the rules know them.

Pure; what is wrong was refused before.
"""

from typing import Final

from chakong.tracker.v1 import case_pb2
from tracker.model import NO_DETAIL, Authority, Case, Correction, Count, Detail, Event
from tracker.store.judge import SOURCES, Told

# Fields of Detail that are the same on both sides.
_ALIKE: Final = (
    "property",
    "until",
    "origin",
    "route",
    "is_urgent",
    "period",
    "node",
    "months",
    "days",
    "approved_by",
    "amount_fen",
    "subject",
    "inquiry",
    "is_full",
    "manner",
    "court",
    "reason",
    "is_wished",
)


def case_of(message: case_pb2.Case, court: str) -> Case:
    """A case of this court. Who its subjects are stays behind."""
    authority = None
    if message.HasField("authority"):
        given = message.authority
        authority = Authority(
            given.officer_id, given.instrument_number, given.inquire_at_registration, given.patrol
        )
    return Case(
        case_id=message.case_number,
        court=court,
        number=message.case_number,
        level=message.level or case_pb2.COURT_LEVEL_BASIC,
        handler=message.handler,
        profile=message.profile,
        is_litigation=not message.non_litigation,
        is_conduct_only=message.conduct_only,
        is_ending_wished=message.ending_wished,
        claim_fen=message.claim_fen,
        subject_count=len(message.subjects),
        authority=authority,
    )


def event_of(told: Told, case_id: str) -> Event:
    """An event of this case."""
    message = told.event
    return Event(
        event_id=message.event_id,
        case_id=case_id,
        kind=message.kind,
        effective=message.effective,
        recorded_ns=told.recorded_ns,
        source=SOURCES[told.source],
        thing=message.thing,
        officer=message.officer,
        instrument=message.instrument,
        basis=message.basis,
        detail=_detail(message.detail) if message.HasField("detail") else NO_DETAIL,
        correction=_correction(message.correction) if message.HasField("correction") else None,
    )


def shown(told: Told, case_number: str) -> case_pb2.Event:
    """An event as it is shown, with what the tracker added."""
    event = case_pb2.Event()
    event.CopyFrom(told.event)
    event.case_number = case_number
    event.recorded_ns = told.recorded_ns
    event.source = SOURCES[told.source]
    return event


def _detail(message: case_pb2.Detail) -> Detail:
    ended = tuple(Count(one.state, one.count) for one in message.ended)
    alike = {name: getattr(message, name) for name in _ALIKE}
    made = Detail(items=tuple(message.items), ended=ended, **alike)
    return NO_DETAIL if made == NO_DETAIL else made


def _correction(message: case_pb2.Correction) -> Correction:
    return Correction(
        message.event_id, message.is_void, message.effective, message.thing, _detail(message.detail)
    )
