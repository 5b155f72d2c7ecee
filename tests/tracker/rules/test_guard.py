"""Guard: each refusal by its rule, and what is taken and waits."""

from dataclasses import replace

import hypothesis
import pytest

from tests.tracker.rules.build import (
    CASE,
    CLOSED,
    ENDED,
    ENDING,
    FILED,
    NOW_NS,
    TODAY,
    event,
    law,
    node,
    refused,
    state,
)
from tests.tracker.rules.histories import histories
from tracker import rules
from tracker.model import Correction, Count, Event, NodeState, Rule, Status
from tracker.rules.words import FOLLOWER

DEPOSIT = event("measure_effective", 20260301, thing="p1", property="deposit", until=20270301)


def fixed(right: Correction, effective: int = 20260601) -> Event:
    return replace(event("corrected", effective, f"fix-{right.event_id}"), correction=right)


@pytest.mark.parametrize(
    ("rule", "last"),
    [
        ("unknown_kind", event("lunch", 20260201)),
        ("unknown_kind", event("sealing", 20260201, thing="p1")),
        ("not_a_date", event("distribution", 20260230)),
        ("not_a_date", event("distribution", 0)),
        ("not_a_date", event("distribution", 20250229)),
        ("in_the_future", event("distribution", 20270101)),
        ("in_the_future", event("distribution", 99991231)),
        ("too_long_ago", event("distribution", 19890101)),
        ("wrong_source", event("distribution", 20260201, source="follower")),
        ("wrong_source", event("closing", 20260201, source="neighbour")),
        ("no_basis", event("distribution", 20260201, officer="")),
        ("no_basis", event("clock_stopped", 20260201, period="stay", basis="")),
        ("thing_unexpected", event("distribution", 20260201, thing="p1")),
        ("thing_missing", event("clue_received", 20260201)),
        ("detail_unexpected", event("distribution", 20260201, months=3)),
        ("detail_missing", event("measure_effective", 20260201, thing="p1")),
        ("detail_missing", event("auction", 20260201, thing="p1")),
        ("detail_missing", event("corrected", 20260201)),
        ("detail_wrong", event("clock_stopped", 20260201, period="lunch")),
        (
            "detail_wrong",
            event("measure_effective", 20260201, thing="p1", property="deposit", until=20260101),
        ),
        ("before_its_start", event("distribution", 20260107)),
        ("before_its_start", event("filing", 20260104, "again")),
        ("not_before", event("suspension_start", 20260407)),
        ("ending_incomplete", ENDED),
        ("no_extension", event("extension_granted", 20260109, node=2, months=1, approved_by="president")),
        ("not_approved", event("extension_granted", 20260201, months=1, approved_by="officer-1")),
        ("extended_too_far", event("extension_granted", 20260201, months=4, approved_by="president")),
        ("extended_too_far", event("extension_granted", 20260201, days=10, approved_by="president")),
        ("too_late", event("extension_granted", 20260709, months=1, approved_by="president")),
        (
            "term_too_long",
            event("measure_effective", 20260201, thing="p1", property="deposit", until=20270202),
        ),
        ("not_without_property", event("no_property_found", 20260201, source="follower")),
        ("no_such_event", fixed(Correction("gone", is_void=True))),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind}-{value.effective}",
)
def test_event_is_refused_by_its_rule(rule: str, last: Event) -> None:
    assert refused(*FILED, last) == rule


@pytest.mark.parametrize(
    "last",
    [
        event("distribution", 20260108),
        event("suspension_start", 20260408),
        event("extension_granted", 20260708, months=3, approved_by="president"),
        event("measure_effective", 20260201, thing="p1", property="deposit", until=20270201),
        event("archiving", 20260201),
        event("clock_resumed", 20260201, period="stay"),
        event("resumption", 20260201),
        event("auction_failed", 20260201, thing="p1"),
        event("property_found", 20260201, thing="p1", source="follower", officer="", amount_fen=5),
        fixed(Correction("filing-20260108-", effective=20260109)),
    ],
    ids=lambda value: value.kind,
)
def test_event_that_may_be_is_taken_and_may_wait_for_its_start(last: Event) -> None:
    assert refused(*FILED, last) == ""


def test_refusal_names_field_value_and_limit() -> None:
    found = rules.check(law(), CASE, state(*FILED), event("suspension_start", 20260407))
    assert found is not None
    assert found.text == "effective: 20260407 given, not before 20260408 (终本规定 (2016) art 1)"


def test_second_closing_is_refused_also_when_it_is_dated_earlier() -> None:
    assert refused(*FILED, CLOSED, event("closing", 20260602, "again")) == "closed_before"
    assert refused(*FILED, CLOSED, event("closing", 20260501, "again")) == "closed_before"


def test_closed_case_takes_what_happened_before_its_closing_and_its_archiving() -> None:
    clue = event("clue_received", 20260602, thing="c1")
    assert refused(*FILED, CLOSED, clue) == "case_closed"
    assert refused(*FILED, CLOSED, replace(clue, effective=20260601)) == ""
    assert refused(*FILED, CLOSED, event("archiving", 20260701)) == ""
    assert refused(*FILED, CLOSED, fixed(Correction("closed", is_void=True))) == ""
    assert refused(*FILED, CLOSED, event("resumption", 20260701), clue) == "case_closed"
    assert refused(*FILED, CLOSED, event("resumption", 20260701), replace(clue, effective=20260702)) == ""


def test_case_may_be_closed_again_after_it_was_taken_up_again() -> None:
    assert refused(*FILED, CLOSED, event("resumption", 20260701), event("closing", 20260801, "again")) == ""


def test_case_ended_for_now_takes_events() -> None:
    assert refused(*ENDING, ENDED, event("property_found_after_suspension", 20260701, thing="p1")) == ""
    assert refused(*ENDING, ENDED, event("closing", 20260701, "again")) == "closed_before"


def test_ending_for_now_is_taken_when_everything_is_there() -> None:
    assert refused(*ENDING, ENDED) == ""
    assert state(*ENDING, ENDED).status is Status.ENDED_FOR_NOW


def test_officer_overrides_what_is_missing_with_a_reason_that_is_kept() -> None:
    overridden = event(
        "closing", 20260413, "ended", manner="ended_for_now", reason="debtor abroad, nothing to sell"
    )
    assert refused(*FILED, overridden) == ""
    assert state(*FILED, overridden).history[-1].detail.reason == "debtor abroad, nothing to sell"


def test_renewal_after_the_last_day_is_refused_to_a_court_and_waits_from_an_institution() -> None:
    late = event("measure_renewed", 20260601, thing="p1")
    short = event("measure_effective", 20260301, thing="p1", property="deposit", until=20260501)
    assert refused(short, late) == "too_late"
    followed = replace(late, source="follower", officer="")
    assert refused(short, followed) == ""
    assert [one.why for one in state(short, followed).pending] == ["too_late"]
    between = event("measure_renewed", 20260430, thing="p1")
    assert not state(short, followed, between).pending


def test_what_the_gateway_tells_waits_where_an_officer_would_be_refused() -> None:
    given, found = event("distribution", 20260112), event("online_inquiry", 20260110)
    clue = event("property_found", 20260602, thing="p1")
    for known, late, rule, why in (
        ((*FILED, given), found, "before_its_start", "before_start"),
        ((*FILED, CLOSED), clue, "case_closed", "after_closing"),
    ):
        assert refused(*known, late) == rule
        followed = replace(late, source="follower", officer="")
        assert refused(*known, followed) == ""
        assert why in [one.why for one in state(*known, followed).pending]


@hypothesis.given(histories())
def test_what_the_gateway_tells_is_taken_whatever_was_known_before(history: list[Event]) -> None:
    followed = [one for one in history if FOLLOWER in law().events[one.kind].by]
    for told in (replace(one, source=FOLLOWER, recorded_ns=NOW_NS) for one in followed):
        others = [one for one in history if one.event_id != told.event_id]
        alone = rules.check(law(), CASE, state(), told)
        assert rules.check(law(), CASE, state(*FILED, *others), told) == alone


def test_day_that_an_officer_corrects_is_judged_as_an_officers() -> None:
    told = replace(event("online_inquiry", 20260112, "told"), source="follower", officer="")
    known = (*FILED, event("distribution", 20260111), told)
    assert refused(*known, fixed(Correction("told", effective=20260110))) == "before_its_start"


def test_renewal_may_not_be_longer_than_the_longest_term_of_its_property() -> None:
    assert refused(DEPOSIT, event("measure_renewed", 20260601, thing="p1", until=20270602)) == "term_too_long"
    assert refused(DEPOSIT, event("measure_renewed", 20260601, thing="p1", until=20270601)) == ""


@pytest.mark.parametrize(
    "state_of_query", ["LATE", "UNREACHABLE", "AMBIGUOUS", "REFUSED", "FOUND", "CANCELLED"]
)
def test_nothing_is_without_property_while_a_query_may_hide_something(state_of_query: str) -> None:
    ended = (Count("NONE", 3_900), Count(state_of_query, 1))
    for kind in ("no_property_found", "without_property"):
        hidden = event(kind, 20260201, source="follower", officer="", is_full=True, ended=ended)
        assert refused(*FILED, hidden) == "not_without_property"


def test_full_inquiry_that_found_nothing_is_taken() -> None:
    ended = (Count("NONE", 3_900), Count("INCAPABLE", 12), Count("LATE", 0))
    found = event("no_property_found", 20260201, source="follower", officer="", is_full=True, ended=ended)
    assert refused(*FILED, found) == ""
    partly = event("no_property_found", 20260201, source="follower", officer="", is_full=False, ended=ended)
    assert refused(*FILED, partly) == "not_without_property"


def test_correction_must_itself_be_such_as_could_have_been_recorded() -> None:
    assert refused(*FILED, fixed(Correction("filing-20260108-", effective=20260104))) == "before_its_start"
    assert refused(*FILED, fixed(Correction("filing-20260108-", effective=20270101))) == "in_the_future"
    assert (
        refused(*FILED, fixed(Correction("filing-20260108-", effective=20260108, thing="p1")))
        == "thing_unexpected"
    )


def test_void_event_may_be_corrected_into_being_again() -> None:
    fixes = (fixed(Correction("filing-20260108-", is_void=True)),)
    again = replace(fixed(Correction("filing-20260108-", effective=20260109)), event_id="again")
    again = replace(again, recorded_ns=again.recorded_ns + 1)
    assert refused(*FILED, *fixes, again) == ""
    found = state(*FILED, *fixes, again, known_ns=again.recorded_ns)
    assert node(found, 1).done == 20260109


def test_payment_says_its_property_where_the_profile_counts_from_the_measure() -> None:
    case = replace(CASE, profile="local-b")
    paid = event("money_received", 20260310, thing="m1", amount_fen=5)
    assert refused(DEPOSIT, paid, case=case) == "detail_missing"
    told = event("money_received", 20260310, thing="m1", amount_fen=5, origin="p1")
    done = event("payment_opened", 20260401, thing="m1")
    assert refused(DEPOSIT, told, done, case=case) == ""
    found = node(state(DEPOSIT, told, done, case=case), 28, "p1")
    assert (found.state, found.start, found.due, found.done) == (NodeState.DONE, 20260301, 20260601, 20260401)


def test_inquiry_is_about_a_debtor_that_the_case_has() -> None:
    asked = event("online_inquiry", 20260310, is_full=True, subject=2)
    assert refused(asked, case=replace(CASE, subject_count=2)) == ""
    for count in (0, 1):
        assert refused(asked, case=replace(CASE, subject_count=count)) == "detail_wrong"


def test_registration_takes_all_its_events_or_names_the_first_that_is_not() -> None:
    assert rules.check_first(law(), CASE, FILED) is None
    assert rules.check_first(law(), CASE, (*FILED, DEPOSIT, event("suspension_start", 20260408))) is None
    early = rules.check_first(law(), CASE, (FILED[0], event("filing", 20260104)))
    assert early is not None
    assert early[1].rule == "before_its_start"
    assert rules.check_first(law(), CASE, (*FILED, event("suspension_start", 20260407))) is not None
    late = event("distribution", 20260107)
    named = rules.check_first(law(), CASE, (*FILED, late, event("lunch", 20260201)))
    assert named is not None
    assert named[1].rule == "unknown_kind"


def test_registration_may_close_a_case_and_may_not_end_it_for_now() -> None:
    assert rules.check_first(law(), CASE, (*FILED, CLOSED)) is None
    found = rules.check_first(law(), CASE, (*ENDING, ENDED))
    assert found is not None
    assert found[0] is ENDED
    after = rules.check_first(law(), CASE, (*FILED, CLOSED, event("refusal_established", 20260602)))
    assert after is not None
    assert after[1].rule == "case_closed"


def test_day_of_today_may_be_recorded() -> None:
    assert refused(*FILED, event("notice_served", TODAY)) == ""


def test_a_case_is_not_registered_as_one_that_has_gone_to_another_court() -> None:
    gone = event("case_transferred", 20260201, court="沪0101")
    found = rules.check_first(law(), CASE, (*FILED, gone))
    assert found is not None
    assert found[1].rule == Rule.DETAIL_UNEXPECTED
