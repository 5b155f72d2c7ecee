"""Answers: what follows from them for a case, and what must never follow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    REACH_BANKS,
    STAGE_FINAL,
    STAGE_LATE,
    STAGE_PARTIAL,
    InquiryView,
    Scope,
)
from chakong.gateway.v1.gateway_pb2 import Asked as View
from chakong.type.v1.type_pb2 import ID_TYPE_RESIDENT_ID, Subject
from tests.tracker.follow.told import DEBTOR, TERMS, TODAY, answer, finding, record, said
from tracker.follow.answers import (
    ITEMS,
    OWN_QUESTION,
    PROPERTIES_MAX,
    STATES,
    UNKNOWN_QUESTION,
    Known,
    Question,
    Read,
    question_of,
    read_answer,
    without_persons,
)
from tracker.follow.asked import Asked
from tracker.follow.names import first_order, patrol_order, property_thing, subject_key

ONE = Known(subject_count=1)
THING = property_thing(7, 1, "6222", "")


def kinds(
    *found: object, question: Question = OWN_QUESTION, known: Known = ONE, **given_: object
) -> list[str]:
    read = read_answer(answer(*found, **given_), question, known, TERMS, TODAY)  # type: ignore[arg-type]
    return [event.kind for event in read.events]


def test_a_first_word_says_that_an_inquiry_was_started_on_the_day_of_its_admission() -> None:
    read = read_answer(answer(stage=STAGE_PARTIAL, open=3), UNKNOWN_QUESTION, ONE, TERMS, TODAY)
    assert said(read.events) == [("online_inquiry", "", 20261120)]
    assert read.events[0].basis == "order-5"


def test_an_answer_that_is_complete_says_what_was_asked_and_how_it_ended() -> None:
    read = read_answer(answer(late=2), OWN_QUESTION, ONE, TERMS, TODAY)
    detail = read.events[1].detail
    assert (detail.is_full, frozenset(detail.items), detail.inquiry) == (True, ITEMS, "5")
    assert {one.state: one.count for one in detail.ended} == {"NONE": 10, "LATE": 2}


def test_of_its_own_inquiries_the_tracker_says_whom_they_were_about() -> None:
    def about(order_id: str) -> int:
        read = read_answer(answer(order_id=order_id), OWN_QUESTION, ONE, TERMS, TODAY)
        return read.events[1].detail.subject

    assert about(first_order("京0105", "1", 0)) == 1
    assert about(patrol_order("京0105", "1", TODAY, 2)) == 3
    assert about("order-5") == 0


def test_property_starts_the_branch_and_has_the_name_that_holds_have() -> None:
    read = read_answer(answer(finding(record())), OWN_QUESTION, ONE, TERMS, TODAY)
    assert said(read.events)[2:] == [("property_found", THING, TODAY), ("with_property", "", TODAY)]
    detail = read.events[2].detail
    assert (detail.property, detail.amount_fen, detail.inquiry) == ("deposit", 500_000, "5")


@pytest.mark.parametrize("empty", [record(amount_fen=0), record(item=23)])
def test_what_cannot_be_controlled_is_no_property_and_no_proof_of_none(empty: object) -> None:
    assert kinds(finding(empty)) == ["online_inquiry", "online_inquiry"]  # type: ignore[arg-type]


def test_only_yuan_are_an_amount() -> None:
    read = read_answer(answer(finding(record(currency="USD"))), OWN_QUESTION, ONE, TERMS, TODAY)
    assert read.events[2].detail.amount_fen == 0


@given(st.fixed_dictionaries({state: st.integers(0, 2) for state in (*STATES, "open") if state != "found"}))
def test_nothing_is_there_only_if_every_query_ended_none_or_incapable(counts: dict[str, int]) -> None:
    proven = {"none", "incapable"}
    is_proof = any(counts.values()) and not any(
        count for state, count in counts.items() if state not in proven
    )
    for stage in (STAGE_PARTIAL, STAGE_FINAL, STAGE_LATE):
        told = kinds(stage=stage, **counts)  # type: ignore[arg-type]
        assert ("without_property" in told) == ("no_property_found" in told)
        assert ("without_property" in told) == (is_proof and stage != STAGE_PARTIAL)


@pytest.mark.parametrize(
    ("question", "is_full"),
    [
        (OWN_QUESTION, True),
        (Question(is_everybody=True, items=tuple(range(1, 26))), True),
        (Question(is_everybody=True, items=(1, 2)), False),
        (Question(is_everybody=True, items=None), False),
        (Question(is_everybody=False, items=()), False),
    ],
)
def test_an_inquiry_that_was_not_full_proves_nothing(question: Question, is_full: bool) -> None:
    assert ("without_property" in kinds(question=question)) is is_full
    assert read_answer(answer(), question, ONE, TERMS, TODAY).events[1].detail.is_full is is_full


def test_in_a_case_whose_debtors_are_unknown_it_is_left_to_an_officer() -> None:
    assert kinds(known=Known(subject_count=0)) == ["online_inquiry", "online_inquiry"]
    assert "with_property" in kinds(finding(record()), known=Known(subject_count=0))


def several(*inquiries: Asked, count: int = 2) -> Known:
    subjects = [Subject(id_type=ID_TYPE_RESIDENT_ID, id_number=f"11010519900307003{n}") for n in range(count)]
    known = Known(subject_count=count, subjects=tuple(map(subject_key, subjects)))
    for one in inquiries:
        known.rounds.add(one)
    return known


def about(known: Known, index: int) -> Question:
    return OWN_QUESTION._replace(about=known.subjects[index])


def test_with_several_debtors_an_inquiry_of_which_nobody_knows_whom_it_was_about_is_left_to_an_officer() -> (
    None
):
    known = several(Asked(0, "1", 20261120, True))
    assert "without_property" not in kinds(known=known)
    ended = read_answer(answer(), OWN_QUESTION, known, TERMS, TODAY).events[1]
    assert (ended.detail.subject, ended.detail.is_full) == (0, True)


def test_with_several_debtors_a_courts_own_inquiries_count_for_those_whom_they_were_about() -> None:
    known = several()
    first = read_answer(answer(inquiry_id=3), about(known, 1), known, TERMS, TODAY)
    assert first.asked == Asked(1, "3", 20261120, True)
    assert first.events[1].detail.subject == 2
    assert "without_property" not in [event.kind for event in first.events]
    known.rounds.add(first.asked)
    last = read_answer(answer(inquiry_id=4), about(known, 0), known, TERMS, TODAY)
    ids = [event.event_id for event in last.events if event.kind == "without_property"]
    assert ids == ["without-4"]


def test_an_inquiry_about_somebody_else_proves_nothing_of_a_debtor() -> None:
    for known in (several(count=1), several(Asked(0, "1", 20261120, True))):
        read = read_answer(answer(), OWN_QUESTION._replace(about=b"else"), known, TERMS, TODAY)
        assert read.asked is None
        assert [event.kind for event in read.events] == ["online_inquiry", "online_inquiry"]
        assert (read.events[1].detail.subject, read.events[1].detail.is_full) == (0, False)


def test_with_several_debtors_nothing_is_there_once_each_was_asked_about_and_nothing_found() -> None:
    def read(index: int, known: Known, **counts: int) -> Read:
        told = answer(**counts)  # type: ignore[arg-type]
        told.order_id = first_order("京0105", told.case_number, index)
        return read_answer(told, OWN_QUESTION, known, TERMS, TODAY)

    three = several(Asked(1, "2", 20261120, True), count=3)
    first = read(0, three, inquiry_id=3)
    assert first.asked == Asked(0, "3", 20261120, True)
    assert "without_property" not in [event.kind for event in first.events]
    three.rounds.add(first.asked)
    late = read(2, three, late=1, inquiry_id=4)
    assert late.asked == Asked(2, "4", 20261120, False)
    assert "without_property" not in [event.kind for event in late.events]
    last = read(2, three, inquiry_id=5)
    assert "without-5" in [event.event_id for event in last.events]


def test_an_inquiry_at_some_institutions_says_of_a_debtor_only_what_was_found() -> None:
    known = several()
    some = Question(is_everybody=False, items=(), about=known.subjects[0])
    assert read_answer(answer(), some, known, TERMS, TODAY).asked is None
    found = read_answer(answer(finding(record())), some, known, TERMS, TODAY)
    assert found.asked == Asked(0, "5", 20261120, False)


def test_what_was_asked_is_read_off_scope_and_items() -> None:
    everybody = Scope(reach=REACH_ALL)
    assert question_of(InquiryView(scope=everybody, asked=View())) == OWN_QUESTION
    assert question_of(InquiryView(scope=everybody)).items is None
    assert not question_of(InquiryView(scope=Scope(reach=REACH_BANKS), asked=View())).is_full
    assert question_of(InquiryView(scope=everybody, asked=View(items=[3, 1]))).codes == (1, 3)
    told = question_of(InquiryView(scope=everybody, asked=View(), subject=DEBTOR))
    assert told == OWN_QUESTION._replace(about=subject_key(DEBTOR))


def test_property_found_after_the_ending_is_told_as_such_unless_it_was_left_then() -> None:
    after = "property_found_after_suspension"
    found = finding(record(amount_fen=500))
    assert after in kinds(found, known=Known(1, 20261101))
    assert after not in kinds(found, known=ONE)
    assert after not in kinds(found, known=Known(1, 20261101, {THING: 500}))
    assert after in kinds(found, known=Known(1, 20261101, {THING: 499}))
    # The answer is of a day before the ending.
    assert after not in kinds(found, known=Known(1, TODAY), day=20261122)


def test_property_that_is_known_is_not_found_again() -> None:
    found = finding(record())
    assert "property_found" in kinds(found)
    assert "property_found" not in kinds(found, known=Known(1, 0, {THING: 1}))
    assert "with_property" in kinds(found, known=Known(1, 0, {THING: 1}))
    # Of two streams the one of holds may be ahead: what was held later was found first.
    assert "property_found" in kinds(found, known=Known(1, 0, {}, {THING: TODAY}))
    assert "property_found" not in kinds(found, known=Known(1, 0, {}, {THING: 20261122}))


def test_of_too_many_properties_those_worth_most_are_recorded() -> None:
    records = [record(locator=str(number), amount_fen=number + 1) for number in range(PROPERTIES_MAX + 5)]
    read = read_answer(answer(finding(*records)), OWN_QUESTION, ONE, TERMS, TODAY)
    amounts = [event.detail.amount_fen for event in read.events if event.kind == "property_found"]
    assert (len(amounts), min(amounts), read.left_out_count) == (PROPERTIES_MAX, 6, 5)


def test_a_gateway_whose_clock_is_ahead_tells_nothing_of_tomorrow() -> None:
    read = read_answer(answer(finding(record()), day=20261124), OWN_QUESTION, ONE, TERMS, TODAY)
    assert max(event.effective for event in read.events) == TODAY


def test_the_same_answer_makes_the_same_events_and_a_later_revision_no_others() -> None:
    def ids(stage: object) -> list[str]:
        told = answer(finding(record()), stage=stage)  # type: ignore[arg-type]
        return [event.event_id for event in read_answer(told, OWN_QUESTION, ONE, TERMS, TODAY).events]

    assert ids(STAGE_FINAL) == ids(STAGE_FINAL) == ids(STAGE_LATE)
    assert len(set(ids(STAGE_FINAL))) == len(ids(STAGE_FINAL))


def test_nobody_is_named_in_what_is_kept_or_recorded() -> None:
    told = answer(finding(record()))
    read = read_answer(told, OWN_QUESTION, ONE, TERMS, TODAY)
    for message in (without_persons(told), *read.events):
        content = message.SerializeToString()
        assert "王伟".encode() not in content
        assert b"110105199003070038" not in content
    again = read_answer(without_persons(told), OWN_QUESTION, ONE, TERMS, TODAY)
    assert again == read
