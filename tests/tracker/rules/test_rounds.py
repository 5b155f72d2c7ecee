"""Rounds: started, done, started again; and the runs of a measure."""

from tests.tracker.rules.build import ENDED, ENDING, event, node, state
from tracker.model import NodeState
from tracker.rules.places import DONE, END, START, Entry
from tracker.rules.rounds import walk


def entries(*pairs: tuple[int, int]) -> list[Entry]:
    return [Entry(day, act, event("refusal_established", 20260101)) for day, act in pairs]


def spans(*pairs: tuple[int, int]) -> list[tuple[int, NodeState, int]]:
    return [(one.start.day, one.state, one.day) for one in walk(entries(*pairs)).rounds]


def test_second_start_while_open_changes_nothing() -> None:
    assert spans((1, START), (2, START), (3, DONE)) == [(1, NodeState.DONE, 3)]


def test_start_after_it_was_done_is_another_round() -> None:
    assert spans((1, START), (3, DONE), (4, START)) == [(1, NodeState.DONE, 3), (4, NodeState.OPEN, 0)]


def test_end_ends_what_is_open_and_nothing_else() -> None:
    assert spans((1, START), (2, END), (3, START)) == [(1, NodeState.ENDED, 2), (3, NodeState.OPEN, 0)]
    assert spans((1, START), (2, DONE), (3, END)) == [(1, NodeState.DONE, 2)]


def test_doing_what_was_done_changes_nothing() -> None:
    found = walk(entries((1, START), (2, DONE), (3, DONE)))
    assert (len(found.rounds), found.pending) == (1, [])


def test_doing_what_was_never_started_waits() -> None:
    assert [one.why for one in walk(entries((2, DONE))).pending] == ["start_unknown"]
    assert [one.why for one in walk(entries((2, DONE), (3, START))).pending] == ["before_start"]


def test_what_is_only_told_again_starts_nothing_again() -> None:
    found, controlled = (
        event("property_found", 20260301, "a", thing="p1"),
        event("other_control", 20260302, thing="p1"),
    )
    again = event("property_found", 20260901, "b", thing="p1")
    assert [one.state for one in state(found, controlled, again).nodes] == [NodeState.DONE]
    freeze = event("measure_effective", 20260302, thing="p1", property="deposit")
    released = event("measure_ended", 20260501, thing="p1")
    anew = state(found, controlled, again, freeze, released)
    assert node(anew, 11, "p1", which=2).start == 20260901


def test_inquiries_of_a_case_ended_for_now_open_no_branch_and_no_talk() -> None:
    patrol = (event("online_inquiry", 20260901, inquiry="patrol"), event("no_property_found", 20260902, "n"))
    assert state(*ENDING, ENDED, *patrol).nodes == state(*ENDING, ENDED).nodes
    resumed = state(*ENDING, ENDED, event("resumption", 20260801), *patrol)
    assert (node(resumed, 7, which=2).start, node(resumed, 37, which=2).inquiry_count) == (20260902, 1)


def test_branch_that_was_taken_stays_taken() -> None:
    first = (event("online_inquiry", 20260301, "a"), event("with_property", 20260302))
    found = state(*first, event("online_inquiry", 20260601, "b"))
    assert [(one.number, one.state) for one in found.nodes] == [(33, NodeState.DONE), (34, NodeState.OPEN)]


def test_second_traditional_inquiry_is_a_second_round() -> None:
    found = state(
        event("applicant_requested_investigation", 20260301),
        event("traditional_inquiry_start", 20260305),
        event("applicant_requested_investigation", 20260601),
    )
    assert (node(found, 5, which=1).done, node(found, 5, which=2).due) == (20260305, 20260611)


def test_renewal_begins_a_new_term_and_a_late_one_does_nothing() -> None:
    freeze = event("measure_effective", 20260301, thing="p1", property="deposit", until=20260601)
    renewed = state(freeze, event("measure_renewed", 20260520, thing="p1"))
    assert (node(renewed, 15, "p1").start, node(renewed, 15, "p1").due) == (20260520, 20270520)
    on_the_last_day = state(freeze, event("measure_renewed", 20260601, thing="p1", until=20270101))
    assert node(on_the_last_day, 15, "p1").due == 20270101
    late = state(freeze, event("measure_renewed", 20260602, thing="p1"))
    assert node(late, 15, "p1").due == 20260601
    assert [one.why for one in late.pending] == ["too_late"]


def test_measure_that_lapsed_and_was_made_anew_is_another_one() -> None:
    first = event("measure_effective", 20260301, "a", thing="p1", property="deposit", until=20260601)
    second = event("measure_effective", 20260701, "b", thing="p1", property="deposit")
    found = state(first, second)
    assert (node(found, 15, "p1", 1).state, node(found, 15, "p1", 1).done) == (NodeState.ENDED, 20260601)
    assert (node(found, 15, "p1", 2).start, node(found, 15, "p1", 2).due) == (20260701, 20270701)


def test_measure_that_is_told_twice_is_one() -> None:
    first = event("measure_effective", 20260301, "a", thing="p1", property="deposit")
    second = event("measure_effective", 20260302, "b", thing="p1", property="deposit")
    assert node(state(first, second), 15, "p1").start == 20260301
