"""The life of listings in the database, on both stores."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from blacklist.errors import UnknownListingError
from blacklist.model import Capacity, Circumstance, Deed, Kind, ObjectionStatus, Rule, Status
from blacklist.rules.correction import Correction
from blacklist.store.entries import Change
from blacklist.store.turn import By, Turn
from blacklist.store.writer import Writer
from runtime.calendar import DAY_NS, day_of_date, midnight_ns
from runtime.errors import RuleError
from tests.blacklist.build import FIRM, LAW, NOON_NS, TODAY, draft, person
from tests.blacklist.house import SUPERIOR
from tests.blacklist.store.world import World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def deeds(changes: list[Change]) -> list[tuple[bool, Deed]]:
    return [(one.is_added, one.deed) for one in changes]


def test_a_listing_lives_through_everything_and_its_history_says_so(world: World) -> None:
    one, at_ns, by = world.enter(), world.now_ns, world.by
    world.writer.extend(one, 12, "several_acts", "d1", by(), at_ns)
    world.writer.correct(one, Correction(person(2)), "a digit", 0, by(), at_ns)
    world.writer.propose(one, "performed", 0, by(), at_ns)
    world.writer.reject(one, "it was another's payment", by(), at_ns)
    world.remove(one)
    whole = world.whole(one)
    assert whole.listing.status is Status.REMOVED
    assert whole.listing.removed == TODAY
    assert whole.listing.until == 20291101
    assert [act.deed for act in whole.history] == [
        Deed.LIST,
        Deed.EXTEND,
        Deed.CORRECT,
        Deed.PROPOSE_REMOVAL,
        Deed.REJECT_REMOVAL,
        Deed.REMOVE,
    ]
    changes, version = world.entries.since(0, 100)
    assert version == 6
    assert [one.cursor for one in changes] == [1, 2, 3, 4, 5, 6]
    assert deeds(changes) == [
        (True, Deed.LIST),
        (False, Deed.EXTEND),
        (True, Deed.EXTEND),
        (False, Deed.CORRECT),
        (True, Deed.CORRECT),
        (False, Deed.REMOVE),
    ]
    assert world.rows() == (6, [])


def test_what_is_refused_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(RuleError) as raised:
        world.enter(subject=person(1, born=20150101))
    assert raised.value.rule == Rule.MINOR
    assert world.entries.version() == 0
    assert world.enter() == 1


def test_an_act_that_is_known_changes_nothing(world: World) -> None:
    by = world.by(act_id="same")
    first = world.writer.create(draft(), by, NOON_NS)
    again = world.writer.create(draft(), by, NOON_NS + 1)
    assert (again.listing_id, again.is_repeated) == (first.listing_id, True)
    removal = world.by(act_id="removal")
    for is_repeated in (False, True):
        done = world.writer.remove(first.listing_id, "listed_in_error", "", 0, removal, NOON_NS)
        assert done.is_repeated is is_repeated
    assert len(world.whole(first.listing_id).history) == 2


def test_several_listings_of_one_person_stand_side_by_side(world: World) -> None:
    first, second = world.enter(), world.enter(case="another")
    world.remove(first)
    assert [row[3] for row in world.rows()[1]] == [second]


def test_relisting_is_barred_after_the_applicants_wish(world: World) -> None:
    one = world.enter(ground="able_but_refuses")
    world.remove(one, "applicant_asked_and_court_agreed")
    with pytest.raises(RuleError) as raised:
        world.enter(ground="able_but_refuses")
    assert raised.value.rule == Rule.RELISTING_BARRED
    world.now_ns = midnight_ns(20270524)
    assert world.enter(ground="able_but_refuses", since=20270524) == 2


def test_derived_restrictions_end_with_the_listing_they_rest_on(world: World) -> None:
    firm = world.enter(draft(FIRM, ground="able_but_refuses"))
    derived = world.enter(
        draft(
            person(3),
            kind=Kind.DERIVED,
            ground="",
            principal_id=firm,
            capacity=Capacity.LEGAL_REPRESENTATIVE,
        )
    )
    assert {row[3]: (row[4], row[5]) for row in world.rows()[1]} == {firm: (3, 1), derived: (6, 2)}
    with pytest.raises(RuleError) as raised:
        world.enter(draft(person(3)))
    assert raised.value.rule == Rule.REPRESENTATIVE
    world.remove(firm)
    listing = world.whole(derived).listing
    assert (listing.status, listing.removal_reason) == (Status.REMOVED, "principal_ended")
    assert world.rows()[1] == []


def test_derived_restrictions_follow_the_case_of_what_they_rest_on(world: World) -> None:
    firm = world.enter(draft(FIRM))
    derived: dict[str, Any] = {
        "kind": Kind.DERIVED,
        "ground": "",
        "principal_id": firm,
        "capacity": Capacity.ACTUAL_CONTROLLER,
    }
    one = world.enter(draft(person(3), **derived))
    other_case = "(2026)京0105执2号"
    world.writer.correct(firm, Correction(case_number=other_case), "case", 0, world.by(), world.now_ns)
    whole = world.whole(one)
    assert whole.listing.mandate.case_number == other_case
    assert (whole.history[-1].deed, whole.history[-1].reason) == (Deed.CORRECT, "principal_corrected")
    with pytest.raises(RuleError) as raised:
        world.enter(draft(person(3), case=other_case))
    assert raised.value.rule == Rule.REPRESENTATIVE


def test_listings_in_other_cases_hide_none_of_this_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blacklist.store.turn.NEIGHBOURS_MAX", 2)
    world.enter(draft())
    others = [world.enter(draft(case=f"case-{index}")) for index in range(3)]
    with pytest.raises(RuleError) as raised:
        world.enter(draft())
    assert raised.value.rule == Rule.LISTED_ALREADY
    right = Correction(case_number=draft().mandate.case_number)
    with pytest.raises(RuleError) as raised:
        world.writer.correct(others[0], right, "case", 0, world.by(), world.now_ns)
    assert raised.value.rule == Rule.LISTED_ALREADY


def test_derived_restriction_has_the_last_day_of_what_it_rests_on(world: World) -> None:
    firm = world.enter(draft(FIRM))
    derived: dict[str, Any] = {"kind": Kind.DERIVED, "ground": "", "principal_id": firm, "capacity": 1}
    one = world.enter(draft(person(3), **derived))
    until = world.whole(firm).listing.until
    assert until > 0
    assert world.whole(one).listing.until == until
    last_days = {row[7] for row in world.rows()[1]}
    assert last_days == {day_of_date(until)}
    with pytest.raises(RuleError) as raised:
        world.writer.extend(one, 12, "several_acts", "d", world.by(), world.now_ns)
    assert raised.value.rule == Rule.NO_TERM
    world.writer.extend(firm, 12, "several_acts", "d", world.by(), world.now_ns)
    assert world.whole(one).listing.until == world.whole(firm).listing.until > until
    assert world.whole(one).history[-1].reason == "principal_extended"
    world.writer.correct(firm, Correction(ground="able_but_refuses"), "misread", 0, world.by(), world.now_ns)
    assert world.whole(one).listing.until == 0


def test_derived_restriction_ends_with_the_term_of_what_it_rests_on(world: World) -> None:
    firm = world.enter(draft(FIRM, since=20241125))
    derived: dict[str, Any] = {"kind": Kind.DERIVED, "ground": "", "principal_id": firm, "capacity": 1}
    one = world.enter(draft(person(3), **derived))
    world.now_ns += 20 * DAY_NS
    assert world.writer.expire(world.now_ns) == 1
    assert world.whole(one).listing.removal_reason == "principal_ended"
    assert [act.deed for act in world.whole(one).history] == [Deed.LIST, Deed.REMOVE]
    assert world.rows()[1] == []
    assert world.writer.expire(world.now_ns) == 0


def test_that_hits_were_shown_is_recorded_once_a_day_for_each_officer(world: World) -> None:
    one = world.enter()
    for at_ns in (NOON_NS, NOON_NS + 1, NOON_NS + DAY_NS):
        world.writer.show_hits([one], "i", By("京0105", "officer-1"), at_ns)
    world.writer.show_hits([one], "i", By("京0105", "officer-2"), NOON_NS)
    shown = [act for act in world.whole(one).history if act.deed is Deed.SHOW_HITS]
    assert [(act.actor, act.day) for act in shown] == [
        ("officer-1", 20261123),
        ("officer-1", 20261124),
        ("officer-2", 20261123),
    ]


def test_what_was_not_performed_is_kept_and_corrected(world: World) -> None:
    one = world.enter(draft(unperformed="80"))
    assert world.whole(one).listing.unperformed == "80"
    world.writer.correct(one, Correction(unperformed="40"), "paid", 0, world.by(), world.now_ns)
    assert world.whole(one).listing.unperformed == "40"
    assert "40" not in repr(world.whole(one).listing)


def test_terms_fall_off_by_themselves(world: World) -> None:
    ended, other = world.enter(), world.enter(case="another", ground="able_but_refuses")
    world.writer.propose(ended, "performed", 0, world.by(), NOON_NS)
    last_day = midnight_ns(20281101) + DAY_NS - 1
    assert world.writer.expire(last_day) == 0
    assert world.writer.expire(last_day + 1) == 1
    assert world.writer.expire(last_day + 1) == 0
    assert world.whole(ended).listing.status is Status.EXPIRED
    assert world.whole(other).listing.status is Status.IN_FORCE
    changes, _ = world.entries.since(2, 10)
    assert deeds(changes) == [(False, Deed.EXPIRE)]


def test_objection_is_decided_reviewed_by_the_superior_court_and_settled(world: World) -> None:
    one, at_ns = world.enter(), world.now_ns
    world.writer.object_to(one, 0, 0, world.by(), at_ns)
    world.writer.decide(one, 1, False, "d1", world.by(), at_ns)
    world.writer.object_to(one, 1, 0, world.by(), at_ns)
    with pytest.raises(RuleError) as raised:
        world.writer.decide(one, 1, True, "d2", world.by(), at_ns)
    assert raised.value.rule == Rule.NOT_THE_SUPERIOR
    with pytest.raises(UnknownListingError):
        world.writer.decide(one, 1, True, "d2", world.by("沪0101"), at_ns)
    world.writer.decide(one, 1, True, "d2", world.by(SUPERIOR), at_ns)
    (objection,) = world.whole(one).objections
    assert (objection.status, objection.due) == (ObjectionStatus.UPHELD, 20261126)
    world.writer.correct(one, Correction(person(4)), "namesake", 1, world.by(), at_ns)
    (objection,) = world.whole(one).objections
    assert objection.is_settled


def test_removal_settles_what_was_upheld(world: World) -> None:
    one, at_ns = world.enter(), world.now_ns
    world.writer.object_to(one, 0, 0, world.by(), at_ns)
    world.writer.decide(one, 1, True, "d1", world.by(), at_ns)
    world.writer.remove(one, "listed_in_error", "", 1, world.by(), at_ns)
    assert world.whole(one).objections[0].is_settled


def test_what_is_upheld_against_a_listing_that_is_gone_is_settled(world: World) -> None:
    one, at_ns = world.enter(), world.now_ns
    world.writer.object_to(one, 0, 0, world.by(), at_ns)
    world.remove(one)
    world.writer.decide(one, 1, True, "d1", world.by(), at_ns)
    (objection,) = world.whole(one).objections
    assert (objection.status, objection.due, objection.is_settled) == (ObjectionStatus.UPHELD, 0, True)
    assert world.reader.figures(20271231).objections_overdue == 0


class InjectedError(Exception):
    """Made to happen."""


def failing_at(nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nth step of a turn fails from now on."""
    steps = itertools.count(1)

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def step(*given: object, **named: object) -> object:
            if next(steps) == nth:
                raise InjectedError
            return real(*given, **named)

        return step

    for name in ("put", "record", "settle_upheld", "derived_from"):
        monkeypatch.setattr(Turn, name, failing(getattr(Turn, name)))


@pytest.mark.parametrize("nth", range(1, 6))
def test_a_removal_that_fails_midway_is_as_if_it_had_not_begun(
    world: World, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = world.enter()
    before = world.whole(one), world.rows()
    failing_at(nth, monkeypatch)
    if nth <= 4:
        with pytest.raises(InjectedError):
            world.remove(one)
        assert (world.whole(one), world.rows()) == before
    else:
        # There are no more steps than that.
        world.remove(one)
        assert world.rows()[1] == []


def test_decisions_are_in_writing(world: World) -> None:
    one, at_ns = world.enter(), world.now_ns
    with pytest.raises(RuleError) as raised:
        world.writer.extend(one, 12, "several_acts", "", world.by(), at_ns)
    assert raised.value.rule == Rule.NO_DECISION
    with pytest.raises(RuleError) as raised:
        world.writer.remove(one, "performed", "", 0, world.by(), at_ns)
    assert raised.value.rule == Rule.NO_DECISION


def test_a_writer_without_superiors_lets_nobody_review(engine: Engine) -> None:
    world = World(engine)
    world.writer = Writer(engine, LAW, {})
    one, at_ns = world.enter(), world.now_ns
    world.writer.object_to(one, 0, 0, world.by(), at_ns)
    with pytest.raises(UnknownListingError):
        world.writer.decide(one, 1, True, "d", world.by(SUPERIOR), at_ns)


def test_circumstances_outlast_the_listing_and_exclude_a_later_ground(world: World) -> None:
    given = frozenset({Circumstance.ADEQUATE_SECURITY_GIVEN})
    one = world.enter(circumstances=given)
    right = Correction(ground="able_but_refuses")
    with pytest.raises(RuleError) as raised:
        world.writer.correct(one, right, "misread", 0, world.by(), world.now_ns)
    assert raised.value.rule == Rule.ABLE_BUT_REFUSES_EXCLUDED
    assert world.whole(one).listing.circumstances == given
