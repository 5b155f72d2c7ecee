"""What callers send: each limit is told with its field, all faults at once; officers speak for themselves."""

import pytest

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.errors import ForbiddenError, InvalidError
from runtime.identity import Identity, Role
from tests.tracker.world import OURS, event, registration
from tracker.rpc import intake
from tracker.store.work import Record, Register

COURT = Identity(Role.COURT, OURS, OURS)
OFFICER = Identity(Role.OFFICER, OURS, "officer-7")


def faults(found: object) -> list[str]:
    assert isinstance(found, InvalidError), found
    return [fault.field for fault in found.faults]


def test_a_registration_becomes_work_of_the_callers_court() -> None:
    request = registration(1)
    request.case.court_code = ""
    work = intake.registration(COURT, request)
    assert isinstance(work, Register)
    assert (work.court, work.case.court_code) == (OURS, OURS)


def test_another_courts_case_is_forbidden() -> None:
    found = intake.registration(COURT, registration(1, court="沪0101"))
    assert isinstance(found, ForbiddenError)


def test_all_faults_of_a_registration_are_told() -> None:
    request = registration(1, claim_fen=-1, profile="p" * 65)
    request.case.case_number = ""
    request.case.subjects.add(id_number="9" * 21, name="")
    request.case.authority.officer_id = "o\n"
    request.events[0].event_id = "x" * 65
    request.events[1].officer = ""
    assert faults(intake.registration(COURT, request)) == [
        "case.case_number",
        "case.profile",
        "case.claim_fen",
        "case.subjects[0].id_type",
        "case.subjects[0].id_number",
        "case.subjects[0].name",
        "case.authority.officer_id",
        "case.authority.instrument_number",
        "events[0].event_id",
        "events[1].officer",
    ]


def test_a_message_never_repeats_a_person() -> None:
    request = registration(1)
    request.case.subjects.add(id_type=1, id_number="11010519900101001X9999", name="\u0007张三")
    found = intake.registration(COURT, request)
    assert isinstance(found, InvalidError)
    for text in (found.message, *(fault.description for fault in found.faults)):
        assert "1101" not in text
        assert "张三" not in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": ""}, "event.kind"),
        ({"thing": "a\nb"}, "event.thing"),
        ({"basis": "号" * 86}, "event.basis"),
        ({"instrument": "x" * 129}, "event.instrument"),
        ({"case_number": ""}, "event.case_number"),
        ({"detail": case_pb2.Detail(reason="x" * 257)}, "event.detail.reason"),
        ({"detail": case_pb2.Detail(amount_fen=-1)}, "event.detail.amount_fen"),
        ({"detail": case_pb2.Detail(items=range(65))}, "event.detail.items"),
        ({"detail": case_pb2.Detail(ended=[case_pb2.EndCount()] * 17)}, "event.detail.ended"),
        ({"correction": case_pb2.Correction()}, "event.correction.event_id"),
    ],
)
def test_a_wrong_field_of_an_event_is_named(change: dict[str, object], field: str) -> None:
    made = event("filing", 20261103)
    made.case_number = "n"
    for name, value in change.items():
        if isinstance(value, str):
            setattr(made, name, value)
        else:
            getattr(made, name).CopyFrom(value)
    assert faults(intake.event(COURT, made)) == [field]


def test_a_text_of_the_full_length_is_taken() -> None:
    made = event("filing", 20261103, basis="号" * 85)
    made.case_number = "n" * 128
    assert isinstance(intake.event(COURT, made), Record)


def test_an_officer_records_in_its_own_name() -> None:
    made = event("filing", 20261103)
    made.case_number = "n"
    assert faults(intake.event(OFFICER, made)) == ["event.officer"]
    made.officer = ""
    made.recorded_ns, made.source = 5, "follower"
    work = intake.event(OFFICER, made)
    assert isinstance(work, Record)
    assert (work.event.officer, work.event.recorded_ns, work.event.source) == ("officer-7", 0, "")


def test_too_many_events_or_subjects_are_refused() -> None:
    many = registration(1, *(event("filing", 20261103, str(number)) for number in range(65)))
    assert faults(intake.registration(COURT, many)) == ["events"]
    twice = registration(1, event("filing", 20261103), event("filing", 20261103))
    assert faults(intake.registration(COURT, twice)) == ["events"]
    other = registration(1)
    other.events[0].case_number = "another"
    assert faults(intake.registration(COURT, other)) == ["events[0].case_number"]
    crowded = tracker_pb2.RegisterCaseRequest(case=registration(1).case)
    for _ in range(17):
        crowded.case.subjects.add(id_type=1, id_number="1", name="x")
    assert faults(intake.registration(COURT, crowded)) == ["case.subjects"]


def test_inquiries_need_somebody_to_ask_about() -> None:
    request = registration(1)
    request.case.authority.officer_id = request.case.authority.instrument_number = "x"
    request.case.authority.patrol = True
    assert faults(intake.registration(COURT, request)) == ["case.subjects"]
