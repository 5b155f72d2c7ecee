"""Known, in both databases: what the follower reads of cases, and where a pass over them goes on."""

from typing import Any

from chakong.tracker.v1.case_pb2 import Correction, Detail, EndCount, Event
from chakong.type.v1.type_pb2 import ID_TYPE_RESIDENT_ID, Subject
from tests.tracker.world import OTHERS, OURS, Store, case_number, event, recorded, registration
from tracker.follow.asked import Asked
from tracker.follow.known import Cases, Place
from tracker.follow.names import subject_key
from tracker.store.judge import FOLLOWER
from tracker.store.work import Record, Register

ONE = case_number(1)


def tell(store: Store, number: int, kind: str, day: int, thing: str = "", **fields: Any) -> None:
    made = Event(
        event_id=fields.pop("event_id", f"{kind}-{thing}-{day}"), kind=kind, effective=day, thing=thing
    )
    made.detail.CopyFrom(Detail(**fields))
    (outcome,) = store.do(recorded(number, made, source=FOLLOWER))
    assert outcome.error is None, outcome.error


def end(store: Store, number: int, day: int) -> None:
    detail = Detail(manner="ended_for_now", reason="nothing else")
    (outcome,) = store.do(recorded(number, event("closing", day, basis="裁定1", detail=detail)))
    assert outcome.error is None, outcome.error


def test_only_registered_cases_are_known(store: Store) -> None:
    store.register(1)
    known = Cases(store.engine).known(OURS, {ONE, case_number(2)})
    assert list(known) == [ONE]
    assert (known[ONE].ended_on, known[ONE].found_fen) == (0, {})


def test_a_case_of_this_number_at_another_court_is_known_only_if_it_was_this_court_s(store: Store) -> None:
    subjects = [Subject(id_type=ID_TYPE_RESIDENT_ID, id_number=str(n), name="x") for n in range(2)]
    store.register(2)
    store.do(Register(OTHERS, registration(1, subjects=subjects)))
    cases = Cases(store.engine)
    assert cases.known(OURS, {ONE}) == {}
    gone = event("case_transferred", 20261110, basis="b", detail=Detail(court=OURS))
    (outcome,) = store.do(Record(OTHERS, recorded(1, gone).event))
    assert outcome.error is None
    for court in (OURS, OTHERS):
        assert cases.known(court, {ONE})[ONE].subject_count == 2
    assert cases.known("nobody", {ONE}) == {}


def test_of_each_subject_it_is_known_how_the_inquiries_about_it_ended(store: Store) -> None:
    subjects = [Subject(id_type=ID_TYPE_RESIDENT_ID, id_number=str(n), name="x") for n in range(3)]
    assert store.do(Register(OURS, registration(1, subjects=subjects)))[0].error is None
    # Whom it was about, whether it was full, and how its queries ended.
    told = (
        (1, True, ("NONE", "INCAPABLE")),
        (2, True, ("NONE", "LATE")),
        (0, True, ("NONE",)),
        (3, False, ("NONE",)),
        (3, False, ("NONE", "FOUND")),
    )
    for number, (subject, is_full, states) in enumerate(told):
        made = Event(event_id=f"inquiry-{number}-ended", kind="online_inquiry", effective=20261112)
        ended = [EndCount(state=state, count=1) for state in states]
        detail = Detail(inquiry=str(number), is_full=is_full, ended=ended, subject=subject)
        made.detail.CopyFrom(detail)
        (outcome,) = store.do(recorded(1, made, source=FOLLOWER))
        assert outcome.error is None, outcome.error
    known = Cases(store.engine).known(OURS, {ONE})[ONE]
    assert known.subjects == tuple(map(subject_key, subjects))
    expected = [
        Asked(0, "0", 20261112, True),
        Asked(1, "1", 20261112, False),
        Asked(2, "4", 20261112, False),
    ]
    assert list(known.rounds.asked) == expected


def test_property_is_known_until_it_is_let_go_of(store: Store) -> None:
    store.register(1)
    cases = Cases(store.engine)
    tell(store, 1, "property_found", 20261110, "a", property="deposit", amount_fen=5)
    tell(store, 1, "property_found", 20261112, "a", property="deposit", amount_fen=3)
    tell(store, 1, "property_found", 20261112, "b", property="deposit")
    for name in ("a", "a-h7"):
        tell(
            store,
            1,
            "measure_effective",
            20261113,
            name,
            property="deposit",
            origin="a",
            event_id=f"hold-{len(name)}-effective",
        )
    known = cases.known(OURS, {ONE})[ONE]
    assert (known.found_fen, known.measured) == ({"a": 5, "b": 0}, {"a": 20261113})
    assert cases.taken(OURS, {ONE}) == {(ONE, "a"): 1, (ONE, "a-h7"): 4}
    tell(store, 1, "measure_ended", 20261114, "a-h7")
    known = cases.known(OURS, {ONE})[ONE]
    assert (known.found_fen, known.measured) == ({"b": 0}, {})


def test_property_whose_finding_was_corrected_is_known_as_it_was_put_right(store: Store) -> None:
    store.register(1)
    cases = Cases(store.engine)
    for thing in "ab":
        tell(store, 1, "property_found", 20261110, thing, property="deposit", amount_fen=5)
    right = event("corrected", 20261111, basis="b", event_id="c1")
    right.correction.CopyFrom(Correction(event_id="property_found-a-20261110", is_void=True))
    wrong = event("corrected", 20261111, basis="b", event_id="c2")
    detail = Detail(property="deposit", amount_fen=3)
    wrong.correction.CopyFrom(
        Correction(event_id="property_found-b-20261110", effective=20261109, thing="b", detail=detail)
    )
    for outcome in store.do(recorded(1, right), recorded(1, wrong)):
        assert outcome.error is None, outcome.error
    assert cases.known(OURS, {ONE})[ONE].found_fen == {"b": 3}


def test_cases_come_in_the_order_of_registration(store: Store) -> None:
    store.register(1, 2, 3)
    cases = Cases(store.engine)
    first, second = cases.registered_after(0, 2)
    assert (first.owned.court, first.owned.case.case_number, first.is_open) == (OURS, ONE, True)
    (third,) = cases.registered_after(second.case_no, 2)
    assert third.owned.case.case_number == case_number(3)
    assert cases.courts_after(0, 5) == [(1, OURS)]
    assert cases.courts_after(1, 5) == []


def test_cases_ended_for_now_come_by_their_days_page_by_page(store: Store) -> None:
    store.register(1, 2, 3, 4)
    for number, day in ((3, 20261110), (1, 20261112), (2, 20261110)):
        end(store, number, day)
    cases = Cases(store.engine)
    assert cases.known(OURS, {ONE})[ONE].ended_on == 20261112
    found = []
    place = Place()
    while page := cases.ended_after(place, 1):
        found.append((page[0].owned.case.case_number, page[0].place.status_day))
        place = page[0].place
    assert found == [
        (case_number(2), 20261110),
        (case_number(3), 20261110),
        (ONE, 20261112),
    ]
