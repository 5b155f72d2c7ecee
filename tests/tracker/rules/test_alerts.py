"""Alerts: what an officer sees, the most urgent first."""

from tests.tracker.rules.build import ENDED, ENDING, FILED, event, state
from tracker.model import Event, Urgency

FREEZE = event("measure_effective", 20260302, thing="p1", property="deposit")


def told(*events: Event, as_of: int) -> list[tuple[str, Urgency, int, int]]:
    return [(one.kind, one.urgency, one.node, one.day) for one in state(*events, as_of=as_of).alerts]


def test_overdue_goes_before_red_and_amber() -> None:
    assert told(*FILED, as_of=20260115) == [
        ("red", Urgency.RED, 3, 20260114),
        ("red", Urgency.RED, 2, 20260115),
    ]
    assert told(*FILED, as_of=20260116) == [
        ("overdue", Urgency.OVERDUE, 2, 20260116),
        ("overdue", Urgency.OVERDUE, 3, 20260116),
    ]
    assert told(*FILED, as_of=20260108) == [] != told(*FILED, as_of=20260112)


def test_term_warns_again_as_its_end_comes_near() -> None:
    def measure(as_of: int) -> list[tuple[str, Urgency, int, int]]:
        return [one for one in told(FREEZE, as_of=as_of) if one[2] == 15]

    assert measure(20270130) == []
    assert measure(20270131) == [("measure_ends", Urgency.AMBER, 15, 20270131)]
    assert measure(20270216) == [("measure_ends", Urgency.AMBER, 15, 20270215)]
    assert measure(20270223) == [("measure_ends", Urgency.RED, 15, 20270223)]
    assert measure(20270302) == [("measure_ends", Urgency.RED, 15, 20270301)]
    assert measure(20270303) == [("lapsed", Urgency.RED, 15, 20270303)]


def test_measure_that_expired_by_its_holders_word_has_lapsed_until_there_is_another() -> None:
    ended = event("measure_ended", 20270303, thing="p1", reason="EXPIRED")
    lapsed = ("lapsed", Urgency.RED, 15, 20270303)
    assert lapsed in told(FREEZE, ended, as_of=20270401)
    assert told(FREEZE, ended, as_of=20270302) == told(FREEZE, as_of=20270302)
    released = event("measure_ended", 20270202, thing="p1", reason="RELEASED")
    assert told(FREEZE, released, as_of=20270401) == []
    again = event("measure_effective", 20270310, "again", thing="p1", property="deposit")
    assert lapsed not in told(FREEZE, ended, again, as_of=20270401)


def test_measure_warns_also_when_the_case_is_ended() -> None:
    assert ("measure_ends", Urgency.AMBER, 15, 20270131) in told(*ENDING, FREEZE, ENDED, as_of=20270131)


def test_property_found_after_the_ending_is_red_at_once() -> None:
    found = event("property_found_after_suspension", 20260701, thing="p9")
    assert ("property_found", Urgency.RED, 10, 20260701) in told(*ENDING, ENDED, found, as_of=20260701)


def test_bankruptcy_and_death_call_for_something() -> None:
    bankrupt, dead = event("bankruptcy_accepted", 20260110), event("debtor_died", 20260109)
    assert told(bankrupt, dead, as_of=20260111) == [
        ("bankruptcy_accepted", Urgency.RED, 0, 20260110),
        ("debtor_died", Urgency.AMBER, 0, 20260109),
    ]


def test_node_without_a_rule_on_file_says_so() -> None:
    early = event("appraisal_objection", 20230301, thing="p1")
    assert told(early, as_of=20230302) == [("no_rule", Urgency.AMBER, 20, 20230301)]
