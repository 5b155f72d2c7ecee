"""Cases and events of the contract as the rules know them: no field is lost on the way."""

from dataclasses import fields

from chakong.tracker.v1 import case_pb2
from tests.tracker.world import registration
from tracker.model import NO_DETAIL, Detail
from tracker.store.judge import FOLLOWER, Told
from tracker.store.messages import case_of, event_of, shown

TEXTS = {field.name for field in case_pb2.Detail.DESCRIPTOR.fields if field.type == field.TYPE_STRING}
# The store's own; the rules know nothing of handlers.
OURS = {"handler"}


def full_detail() -> case_pb2.Detail:
    detail = case_pb2.Detail(
        until=20261231, is_urgent=True, node=31, months=2, days=3, amount_fen=4, is_full=True, is_wished=True
    )
    detail.subject = 2
    for name in TEXTS:
        setattr(detail, name, name)
    detail.items.extend([1, 2])
    detail.ended.add(state="NONE", count=7)
    return detail


def test_every_field_of_a_detail_arrives() -> None:
    told = Told(case_pb2.Event(event_id="e", kind="k", detail=full_detail()), 5, FOLLOWER)
    event = event_of(told, "c")
    for field in fields(Detail):
        assert getattr(event.detail, field.name) != getattr(NO_DETAIL, field.name), field.name
    names = {field.name for field in case_pb2.Detail.DESCRIPTOR.fields}
    assert names - OURS == {field.name for field in fields(Detail)}
    assert (event.source, event.recorded_ns, event.case_id) == ("follower", 5, "c")


def test_an_event_without_detail_has_the_one_detail_of_all() -> None:
    told = Told(case_pb2.Event(event_id="e", detail=case_pb2.Detail()), 5, FOLLOWER)
    assert event_of(told, "c").detail is NO_DETAIL


def test_a_correction_arrives() -> None:
    correction = case_pb2.Correction(event_id="x", effective=20260101, thing="t", detail=full_detail())
    made = event_of(Told(case_pb2.Event(correction=correction), 5, 0), "c").correction
    assert made is not None
    assert (made.event_id, made.effective, made.thing, made.is_void) == ("x", 20260101, "t", False)
    assert made.detail.reason == "reason"


def test_who_the_subjects_are_stays_behind() -> None:
    case = registration(1).case
    case.subjects.add(id_type=1, id_number="1", name="甲")
    case.authority.officer_id = "o"
    assert case_of(case, "court").subject_count == 1
    assert "甲" not in repr(case_of(case, "court"))
    authority = case_of(case, "court").authority
    assert authority is not None
    assert authority.officer == "o"


def test_an_event_is_shown_with_what_the_tracker_knows() -> None:
    made = shown(Told(case_pb2.Event(event_id="e"), 9, FOLLOWER), "number")
    assert (made.case_number, made.recorded_ns, made.source) == ("number", 9, "follower")
