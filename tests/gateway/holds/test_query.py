"""Query: which claims and holds are found by which question."""

from dataclasses import replace

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import HoldQuery, Limits
from gateway.holds.model import TakenOrder
from gateway.holds.query import ClaimQuery
from tests.gateway.holds.sameness import everything
from tests.gateway.holds.world import (
    COURT,
    OTHER_COURT,
    RELEASE,
    RENEW,
    World,
    as_order,
    bank_indexes,
    court,
    officer,
    person,
)

ANY = controls_pb2.CLAIM_STATE_UNSPECIFIED
BANKRUPTCY, STAY = controls_pb2.CASE_EVENT_KIND_BANKRUPTCY, controls_pb2.CASE_EVENT_KIND_STAY
MET, SHORT = controls_pb2.CLAIM_STATE_MET, controls_pb2.CLAIM_STATE_SHORT


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(100, caps=(None, None))
    world.claim(50, claim_id="c2", case_number="(2026)京0105执2号")
    for number in range(3):
        world.freeze(world.account(f"a{number}", 20, number), 20, available_fen=20, debtor=1 + number % 2)
    other = world.freeze_message(world.account("b", 50), 50, available_fen=50)
    other.claim_id, other.mandate.case_number = "c2", "(2026)京0105执2号"
    world.order(other)
    world.settle()
    return world


def found(world: World, **query: object) -> list[int]:
    views = world.ledger.hold_views(HoldQuery(**query), world.now_ns)  # type: ignore[arg-type]
    return [view.hold_id for view in views]


def test_holds_are_found_by_case_subject_and_institution(world: World) -> None:
    assert found(world, court=COURT) == [1, 2, 3, 4]
    assert found(world, court=COURT, case_number="(2026)京0105执2号") == [4]
    assert found(world, court=COURT, subject=person(2)) == [2]
    assert found(world, court=COURT, institution=bank_indexes()[0]) == [1, 4]
    assert found(world, institution=bank_indexes()[0], subject=person(1)) == [1, 4]
    assert found(world, court=OTHER_COURT) == []


def test_pages_go_on_behind_the_last_one_seen(world: World) -> None:
    assert found(world, court=COURT, count_max=2) == [1, 2]
    assert found(world, court=COURT, count_max=2, after_hold_id=2) == [3, 4]


def test_ended_holds_are_told_only_when_asked_for(world: World) -> None:
    world.accepted(RELEASE, hold_id=2, whole=True)
    world.settle()
    assert found(world, court=COURT) == [1, 3, 4]
    assert found(world, court=COURT, ended=True) == [1, 2, 3, 4]


def test_holds_that_expire_soon_and_are_not_renewed(world: World) -> None:
    world.pass_time(days=355)
    assert found(world, court=COURT, expiring_within_days=9) == []
    assert found(world, court=COURT, expiring_within_days=10) == [1, 2, 3, 4]
    world.accepted(RENEW, hold_id=3)
    assert found(world, court=COURT, expiring_within_days=10) == [1, 2, 4]
    world.settle()
    assert found(world, court=COURT, expiring_within_days=10) == [1, 2, 4]


def test_holds_about_which_nothing_was_done(world: World) -> None:
    world.pass_time(days=30)
    world.accepted(RENEW, hold_id=1)
    world.settle()
    assert found(world, court=COURT, idle_for_days=30) == [2, 3, 4]
    assert found(world, court=COURT, idle_for_days=31) == []


def claims(
    world: World,
    state: controls_pb2.ClaimState.ValueType = ANY,
    *,
    exposed: bool = False,
    case: str = "",
    after: str = "",
    court: str = COURT,
) -> list[str]:
    views = world.ledger.claim_views(ClaimQuery(court, state, exposed, case, after, 10), world.now_ns)
    return [view.claim.claim_id for view in views]


def test_claims_are_found_by_state_and_case(world: World) -> None:
    assert claims(world) == ["c1", "c2"]
    assert claims(world, MET) == ["c2"]
    assert claims(world, SHORT) == ["c1"]
    assert claims(world, case="(2026)京0105执2号") == ["c2"]
    assert claims(world, after="c1") == ["c2"]
    assert claims(world, court=OTHER_COURT) == []


def test_exposed_claims_are_found(world: World) -> None:
    assert claims(world, exposed=True) == []
    world.freeze(world.account("e", 0), 40, available_fen=0)
    world.settle()
    assert claims(world, exposed=True) == ["c1"]


def test_statements_are_what_the_institution_last_said(world: World) -> None:
    index = bank_indexes()[0]
    ours = world.ledger.statements(index)
    assert [one.hold_id for one in ours] == [1, 4]
    for one, other in zip(ours, world.bank_of(index).statements(), strict=True):
        one.available_fen = other.available_fen
        assert one == other
    assert world.ledger.institutions_with_holds() == sorted(bank_indexes())


def test_a_dry_run_leaves_nothing_in_the_timetable() -> None:
    world = World()
    world.claim(100)
    order = world.freeze_message(world.account("a", 100), 100, available_fen=100)
    timetable = world.ledger._book.timetable
    for _ in range(50):
        preview = world.ledger.preview(order, court(), world.now_ns)
        assert preview.claim.cover_fen == 100
    assert len(timetable._deadlines) == 0
    assert sum(map(len, timetable._ending.values())) == 0
    # Nor while a step is open, whose own stay.
    world.ledger.begin(world.now_ns)
    world.ledger.order(as_order(order), court())
    world.ledger.finish()
    other = world.freeze_message(world.account("b", 100), 1, available_fen=1)
    world.ledger.preview(other, court(), world.now_ns)
    world.ledger.keep(2)
    assert len(timetable._deadlines) == 1
    assert world.ledger.next_due_ns() == world.now_ns + world.limits.unknown_after_ns


def test_a_court_looks_through_its_own_holds_where_an_institution_has_more_of_others() -> None:
    world = World()
    world.claim(1_000)
    for number in range(20):
        world.freeze(world.account(f"a{number}", 10), 10)
    index = bank_indexes()[0]
    asked = HoldQuery(court=OTHER_COURT, institution=index, ended=True)
    assert world.ledger.holds_among(asked, 5, world.now_ns) == ([], 0)
    assert len(world.ledger.hold_views(replace(asked, court=COURT), world.now_ns)) == 20


def test_preview_of_a_claim_shows_what_would_be_released() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    claim = controls_pb2.Claim()
    claim.CopyFrom(world.look().claim)
    claim.principal_fen = 30
    before = everything(world.ledger, world.now_ns)
    shown = world.ledger.preview(claim, court(), world.now_ns)
    assert [(one.hold_id, one.cause, one.requested_fen) for one in shown.follow_ups] == [(hold, "EXCESS", 30)]
    assert (shown.claim.due_fen, shown.claim.cover_fen) == (30, 30)
    claim.claim_id, claim.case_number = "new", "new"
    assert world.ledger.preview(claim, court(), world.now_ns).claim.due_fen == 30
    claim.principal_fen = -1
    assert world.ledger.preview(claim, court(), world.now_ns).rule == controls_pb2.RULE_MALFORMED
    assert everything(world.ledger, world.now_ns) == before


def test_preview_of_an_event_shows_what_would_follow() -> None:
    world = World()
    world.claim(100)
    holds = [world.freeze(world.account(name, 50), 50, available_fen=50) for name in ("a", "b")]
    world.settle()
    before = everything(world.ledger, world.now_ns)
    for kind, causes in ((BANKRUPTCY, ["BANKRUPTCY", "BANKRUPTCY"]), (STAY, [])):
        event = controls_pb2.CaseEvent(event_id="e", claim_id="c1", kind=kind)
        shown = world.ledger.preview(event, court(), world.now_ns)
        assert [one.cause for one in shown.follow_ups] == causes
        assert shown.claim.cover_fen == (0 if causes else 100)
        assert everything(world.ledger, world.now_ns) == before
    event.claim_id = "none"
    assert world.ledger.preview(event, court(), world.now_ns).rule == controls_pb2.RULE_NO_SUCH_CLAIM
    world.event(BANKRUPTCY, event_id="e")
    world.settle()
    assert [world.hold(one).life for one in holds] == [hold_pb2.HOLD_LIFE_ENDED] * 2


def test_preview_of_an_approval_shows_what_would_be_held() -> None:
    world = World(Limits(approval_above_fen=50))
    world.claim(100)
    hold = world.freeze(world.account("a", 80), 80, available_fen=80)
    request = controls_pb2.ApproveRequest(order_id=world.hold(hold).controls[0].order_id, amount_fen=80)
    shown = world.ledger.preview(request, officer("0105002"), world.now_ns)
    assert (shown.rule, shown.waits_for_approval, shown.claim.cover_fen) == (0, False, 80)
    assert world.ledger.preview(request, officer("0105001"), world.now_ns).rule == (
        controls_pb2.RULE_SAME_OFFICER
    )
    assert world.hold(hold).controls[0].waits_for_approval
    assert world.take() == []


def test_preview_of_a_release_of_what_waits_shows_that_it_ends_unsent() -> None:
    world = World(Limits(approval_above_fen=50))
    world.claim(100)
    hold_id = world.freeze(world.account("a", 100), 100, available_fen=100)
    order = world.message(RELEASE, hold_id=hold_id, whole=True)
    shown = world.ledger.preview(order, court(), world.now_ns)
    assert (shown.rule, shown.claim.cover_fen, shown.claim.gap_fen) == (0, 0, 100)
    assert isinstance(world.order(order), TakenOrder)
    assert world.hold(hold_id).life == hold_pb2.HOLD_LIFE_ENDED
