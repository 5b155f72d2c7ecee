"""Intake: reads registrations and events as callers send them, and checks their form.

Pure. Every field has a limit; what is wrong is told for all fields at once. Whether an event is allowed the
rules say, later.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.errors import CallError, FieldFault, ForbiddenError, InvalidError
from runtime.identity import Identity, Role
from tracker.store.work import Record, Register

WORKS_MAX: Final = 8_192
EVENTS_PER_CASE_MAX: Final = 64
SUBJECTS_MAX: Final = 16
ITEMS_MAX: Final = 64
COUNTS_MAX: Final = 16
FEN_MAX: Final = 1 << 50
U32_MAX: Final = 2**32 - 1
# Bytes of UTF-8.
NODE_MAX: Final = 37
NUMBER_BYTES_MAX: Final = 128
OFFICER_BYTES_MAX: Final = 32
ID_BYTES_MAX: Final = 64
INSTRUMENT_BYTES_MAX: Final = 128
REASON_BYTES_MAX: Final = 256
NAME_BYTES_MAX: Final = 256
ID_NUMBER_BYTES_MAX: Final = 20

_DETAIL_TEXTS: Final = (
    ("property", ID_BYTES_MAX),
    ("origin", ID_BYTES_MAX),
    ("route", ID_BYTES_MAX),
    ("period", ID_BYTES_MAX),
    ("approved_by", OFFICER_BYTES_MAX),
    ("inquiry", ID_BYTES_MAX),
    ("manner", ID_BYTES_MAX),
    ("court", OFFICER_BYTES_MAX),
    ("reason", REASON_BYTES_MAX),
    ("handler", OFFICER_BYTES_MAX),
)

# Of an event that is in no list.
ALONE: Final = -1
LEVELS: Final = frozenset(case_pb2.CourtLevel.values())

Faults = list[FieldFault]


def registration(caller: Identity, request: tracker_pb2.RegisterCaseRequest) -> Register | CallError:
    """A case of the caller's court, or what is wrong with it."""
    case = request.case
    if case.court_code not in ("", caller.court):
        return ForbiddenError("case.court_code: another court than the certificate's")
    faults: Faults = []
    _check_case(case, faults)
    # A slice: the end of a list of messages is an exception inside.
    events = request.events[:]
    if len(events) > EVENTS_PER_CASE_MAX:
        faults.append(_fault("events", f"must be at most {EVENTS_PER_CASE_MAX}, {len(events)} given"))
    else:
        for index, event in enumerate(events):
            if event.case_number:
                if event.case_number != case.case_number:
                    faults.append(_fault(f"events[{index}].case_number", "must be the case's"))
                event.ClearField("case_number")
            _check_event(caller, event, index, faults)
        if len({event.event_id for event in events}) < len(events):
            faults.append(_fault("events", "must have an event_id of its own each"))
    if faults:
        return _refused(faults)
    case.court_code = caller.court
    return Register(caller.court, request)


def event(caller: Identity, message: case_pb2.Event) -> Record | CallError:
    """An event of the caller's court, or what is wrong with it."""
    faults: Faults = []
    _check_text("event", "case_number", message.case_number, NUMBER_BYTES_MAX, faults, is_required=True)
    _check_event(caller, message, ALONE, faults)
    return _refused(faults) if faults else Record(caller.court, message)


def _check_case(case: case_pb2.Case, faults: Faults) -> None:
    number, handler, profile = case.case_number, case.handler, case.profile
    if not _is_plain_case(number, handler, profile):
        _check_text("case", "case_number", number, NUMBER_BYTES_MAX, faults, is_required=True)
        _check_text("case", "handler", handler, OFFICER_BYTES_MAX, faults)
        _check_text("case", "profile", profile, ID_BYTES_MAX, faults)
    if case.level not in LEVELS:
        faults.append(_fault("case.level", f"is no level, {case.level} given"))
    _check_amount("case.claim_fen", case.claim_fen, faults)
    subjects = case.subjects[:]
    if len(subjects) > SUBJECTS_MAX:
        faults.append(_fault("case.subjects", f"must be at most {SUBJECTS_MAX}, {len(subjects)} given"))
        return
    for index, one in enumerate(subjects):
        path = f"case.subjects[{index}]"
        if not one.id_type:
            faults.append(_fault(f"{path}.id_type", "is required"))
        _check_text(path, "id_number", one.id_number, ID_NUMBER_BYTES_MAX, faults, is_required=True)
        _check_text(path, "name", one.name, NAME_BYTES_MAX, faults, is_required=True)
    if case.HasField("authority"):
        given = case.authority
        named = (
            ("officer_id", given.officer_id, OFFICER_BYTES_MAX),
            ("instrument_number", given.instrument_number, INSTRUMENT_BYTES_MAX),
        )
        for name, text, bytes_max in named:
            _check_text("case.authority", name, text, bytes_max, faults, is_required=True)
        if (given.inquire_at_registration or given.patrol) and not subjects:
            faults.append(_fault("case.subjects", "must be given where inquiries are to be made"))


def _is_plain_case(number: str, handler: str, profile: str) -> bool:
    """Whether all texts are right at first sight, as nearly always: no character has more than 4 bytes."""
    return (
        0 < 4 * len(number) <= NUMBER_BYTES_MAX
        and 4 * len(handler) <= OFFICER_BYTES_MAX
        and 4 * len(profile) <= ID_BYTES_MAX
        and f"{number}{handler}{profile}".isprintable()
    )


def _check_event(caller: Identity, message: case_pb2.Event, index: int, faults: Faults) -> None:
    """Also put in it what only the tracker says, and the officer of the certificate."""
    if message.recorded_ns:
        message.ClearField("recorded_ns")
    if message.source:
        message.ClearField("source")
    is_officer = caller.role is Role.OFFICER
    if is_officer and message.officer not in ("", caller.name):
        path = _path(index)
        faults.append(_fault(f"{path}.officer", "must be the officer of the certificate"))
    if is_officer:
        message.officer = caller.name
    if not _is_plain_event(message):
        _check_texts(message, _path(index), faults)
    if message.HasField("detail"):
        _check_detail(message.detail, f"{_path(index)}.detail", faults)
    if message.HasField("correction"):
        right, path = message.correction, _path(index)
        _check_text(path, "correction.event_id", right.event_id, ID_BYTES_MAX, faults, is_required=True)
        _check_text(path, "correction.thing", right.thing, ID_BYTES_MAX, faults)
        _check_detail(right.detail, f"{path}.correction.detail", faults)


def _path(index: int) -> str:
    return "event" if index == ALONE else f"events[{index}]"


def _is_plain_event(message: case_pb2.Event) -> bool:
    """Whether all texts are right at first sight: nearly always, and thousands come in a message."""
    event_id, kind, thing, officer = message.event_id, message.kind, message.thing, message.officer
    instrument, basis = message.instrument, message.basis
    together = f"{event_id}{kind}{thing}{officer}{instrument}{basis}"
    return (
        together.isascii()
        and together.isprintable()
        and 0 < len(event_id) <= ID_BYTES_MAX
        and 0 < len(kind) <= ID_BYTES_MAX
        and len(thing) <= ID_BYTES_MAX
        and 0 < len(officer) <= OFFICER_BYTES_MAX
        and len(instrument) <= INSTRUMENT_BYTES_MAX
        and len(basis) <= REASON_BYTES_MAX
    )


def _check_texts(message: case_pb2.Event, path: str, faults: Faults) -> None:
    _check_text(path, "event_id", message.event_id, ID_BYTES_MAX, faults, is_required=True)
    _check_text(path, "kind", message.kind, ID_BYTES_MAX, faults, is_required=True)
    _check_text(path, "thing", message.thing, ID_BYTES_MAX, faults)
    _check_text(path, "officer", message.officer, OFFICER_BYTES_MAX, faults, is_required=True)
    _check_text(path, "instrument", message.instrument, INSTRUMENT_BYTES_MAX, faults)
    _check_text(path, "basis", message.basis, REASON_BYTES_MAX, faults)


def _check_detail(detail: case_pb2.Detail, path: str, faults: Faults) -> None:
    for name, bytes_max in _DETAIL_TEXTS:
        if text := getattr(detail, name):
            _check_text(path, name, text, bytes_max, faults)
    _check_amount(f"{path}.amount_fen", detail.amount_fen, faults)
    if len(detail.items) > ITEMS_MAX:
        faults.append(_fault(f"{path}.items", f"must be at most {ITEMS_MAX}, {len(detail.items)} given"))
    if len(detail.ended) > COUNTS_MAX:
        faults.append(_fault(f"{path}.ended", f"must be at most {COUNTS_MAX}, {len(detail.ended)} given"))
        return
    for one in detail.ended:
        _check_text(path, "ended.state", one.state, ID_BYTES_MAX, faults, is_required=True)


def _check_text(
    path: str, name: str, given: str, bytes_max: int, faults: Faults, *, is_required: bool = False
) -> None:
    # Nearly all of them; thousands come in a message.
    if 0 < len(given) <= bytes_max and given.isascii() and given.isprintable():
        return
    size = len(given.encode())
    if size > bytes_max or (is_required and not size):
        least = 1 if is_required else 0
        faults.append(_fault(f"{path}.{name}", f"must be {least} to {bytes_max} bytes, {size} given"))
    elif not given.isprintable():
        faults.append(_fault(f"{path}.{name}", "must be printable"))


def _check_amount(path: str, given: int, faults: Faults) -> None:
    if not 0 <= given <= FEN_MAX:
        faults.append(_fault(path, f"must be 0 to {FEN_MAX}, {given} given"))


def _fault(path: str, allowed: str) -> FieldFault:
    return FieldFault(path, "MALFORMED", allowed)


def _refused(faults: Sequence[FieldFault]) -> InvalidError:
    first = faults[0]
    return InvalidError(f"{first.field}: {first.description}", faults=faults)


def first_error(found: Iterable[Register | Record | CallError]) -> CallError | None:
    """The first of what is wrong; None: nothing is."""
    return next((one for one in found if isinstance(one, CallError)), None)
