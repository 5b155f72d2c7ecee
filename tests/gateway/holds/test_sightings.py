"""Sightings: what of an answer becomes known of which debtor."""

import pytest

from chakong.gateway.v1 import gateway_pb2
from chakong.type.v1 import type_pb2
from tests.gateway.holds.sheets import written
from tests.gateway.holds.test_plan import AMBIGUOUS, FOUND, plan, record, sight, steps
from tests.gateway.holds.world import CASE, COURT, World, bank_indexes


def answer(
    world: World, *findings: gateway_pb2.Finding, inquiry_id: int = 1, case_number: str = CASE
) -> None:
    message = gateway_pb2.Answer(inquiry_id=inquiry_id, case_number=case_number, findings=findings)
    world.do(lambda ledger: ledger.sight(COURT, message))


def ambiguous(bank: int = 0) -> gateway_pb2.Finding:
    return gateway_pb2.Finding(institution=bank_indexes()[bank], state=AMBIGUOUS)


def known(world: World) -> World:
    world.claim(100, caps=(None, None))
    return world


def test_same_answer_again_makes_no_frame() -> None:
    world = known(World())
    sight(world, record("a", 30))
    frames = len(world.frames)
    sight(world, record("a", 30))
    assert len(world.frames) == frames
    sight(world, record("a", 31))
    assert len(world.frames) == frames + 1


def test_answer_for_a_case_without_claim_is_nothing() -> None:
    world = known(World())
    frames = len(world.frames)
    answer(world, ambiguous(), case_number="another")
    assert len(world.frames) == frames


def test_record_of_nobody_in_the_claim_is_passed_over() -> None:
    world = known(World())
    sight(world, record("a", 30, debtor=7))
    assert steps(plan(world)) == []


def test_found_later_clears_what_was_ambiguous() -> None:
    world = World()
    world.claim(100)
    answer(world, ambiguous())
    assert world.refused(world.freeze_message(world.account("a", 30), 30)) == "AMBIGUOUS"
    sight(world, record("a", 30), inquiry_id=2)
    assert [one[0] for one in steps(plan(world))] == ["a"]


def test_ambiguous_later_stops_what_was_found() -> None:
    world = World()
    world.claim(100)
    sight(world, record("a", 30))
    answer(world, ambiguous(), inquiry_id=2)
    assert steps(plan(world)) == []


def test_ambiguous_of_joint_debtors_concerns_the_one_that_was_asked_about() -> None:
    world = known(World())
    found = gateway_pb2.Finding(
        institution=bank_indexes()[1], state=FOUND, records=[record("b", 5, debtor=2)]
    )
    answer(world, ambiguous(), found)
    order = world.freeze_message(world.account("a", 30), 30)
    assert world.refused(world.freeze_message(world.account("a", 30), 30, debtor=2)) == "AMBIGUOUS"
    assert world.order(order) is not None
    assert len(world.holds()) == 1


def test_ambiguous_of_nobody_known_concerns_all_who_were_not_found_there() -> None:
    world = known(World())
    sight(world, record("a", 5, debtor=2))
    answer(world, ambiguous(), inquiry_id=2)
    assert world.refused(world.freeze_message(world.account("x", 30), 30)) == "AMBIGUOUS"
    world.freeze(world.account("y", 30), 5, debtor=2, available_fen=5)


def test_kind_that_the_institution_names_decides_too() -> None:
    world = World()
    world.claim(100)
    sight(world, record("a", 30, kind="social_security_fund"))
    account = world.bank_of(bank_indexes()[0]).accounts[bank_indexes()[0], "a"]
    assert world.refused(world.freeze_message(account, 30, kind_of_account="personal")) == "EXEMPT"


def test_unreadable_records_are_left_out() -> None:
    world = World()
    world.claim(100)
    answer(
        world,
        gateway_pb2.Finding(institution=9_999, state=FOUND, records=[record("a", 5)]),
        gateway_pb2.Finding(institution=0, state=FOUND, records=[record("", 5), record("x" * 129, 5)]),
        gateway_pb2.Finding(institution=0, state=type_pb2.END_STATE_REFUSED, reason="no"),
    )
    assert steps(plan(world)) == []


def test_ambiguous_of_one_of_joint_debtors_stops_what_was_found_of_him() -> None:
    world = known(World())
    sight(world, record("a", 30))
    found = gateway_pb2.Finding(institution=bank_indexes()[1], state=FOUND, records=[record("b", 5)])
    answer(world, ambiguous(), found, inquiry_id=2)
    assert world.refused(world.freeze_message(world.account("a", 30), 30)) == "AMBIGUOUS"


def test_older_answer_that_comes_again_does_not_clear_what_is_ambiguous_since() -> None:
    world = World()
    world.claim(100)
    sight(world, record("a", 30))
    answer(world, ambiguous(), inquiry_id=2)
    sight(world, record("a", 30))
    assert world.refused(world.freeze_message(world.account("a", 30), 30)) == "AMBIGUOUS"
    sight(world, record("a", 30), record("new", 5))
    assert world.refused(world.freeze_message(world.account("a", 30), 30)) == "AMBIGUOUS"
    sight(world, record("a", 30), inquiry_id=3)
    world.freeze(world.account("a", 30), 30)


def test_older_ambiguous_answer_that_comes_again_does_not_stop_what_was_found_since() -> None:
    world = World()
    world.claim(100)
    answer(world, ambiguous())
    sight(world, record("a", 30), inquiry_id=2)
    answer(world, ambiguous())
    world.freeze(world.account("a", 30), 30)


def test_guess_about_joint_debtors_is_cleared_by_any_word_of_the_right_one() -> None:
    world = known(World())
    answer(world, ambiguous(), inquiry_id=2)
    sight(world, record("a", 30), inquiry_id=1)
    world.freeze(world.account("a", 30), 30)


def test_older_answer_that_comes_again_makes_no_frame_and_changes_no_amount() -> None:
    world = World()
    world.claim(100)
    sight(world, record("a", 30))
    sight(world, record("a", 7), inquiry_id=2)
    frames = len(world.frames)
    sight(world, record("a", 30))
    sight(world, record("a", 7), inquiry_id=2)
    assert len(world.frames) == frames
    assert steps(plan(world)) == [("a", 100, 7)]


def test_place_that_several_inquiries_found_is_in_the_plan_of_each() -> None:
    world = World()
    world.claim(100)
    sight(world, record("a", 7), inquiry_id=5)
    for inquiry_id in (2, 9, 3):
        sight(world, record("a", inquiry_id), inquiry_id=inquiry_id)
    for inquiry_id in (2, 3, 5, 9):
        assert steps(plan(world, inquiry_ids=[inquiry_id])) == [("a", 100, 9)]
    assert steps(plan(world, inquiry_ids=[4])) == []
    frames = len(world.frames)
    for inquiry_id in (9, 5, 3, 2):
        sight(world, record("a", inquiry_id if inquiry_id != 5 else 7), inquiry_id=inquiry_id)
    assert len(world.frames) == frames
    assert written(world.ledger) == written(world.replayed())


def test_inquiries_of_a_place_are_remembered_within_bounds() -> None:
    world = World()
    world.claim(100)
    for inquiry_id in range(100, 60, -1):
        sight(world, record("a", 7), inquiry_id=inquiry_id)
    for inquiry_id in range(101, 140):
        sight(world, record("a", 7), inquiry_id=inquiry_id)
    (seen,) = world.ledger._book.sightings[1].values()
    assert (seen.inquiry_id, seen.earlier) == (139, tuple(range(123, 139)))
    frames = len(world.frames)
    sight(world, record("a", 7), inquiry_id=100)
    assert len(world.frames) == frames


def test_an_institution_that_names_ever_new_accounts_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.holds.case_file.SIGHTINGS_MAX", 10)
    monkeypatch.setattr("gateway.holds.case_file.SIGHTINGS_LEFT", 6)
    world = World()
    world.claim(100)
    for number in range(50):
        world.pass_time(seconds=1)
        sight(world, record(f"a{number}", 1), inquiry_id=number + 1)
        world.step(
            lambda ledger, number=number: ledger.sight(  # type: ignore[misc]
                COURT, gateway_pb2.Answer(inquiry_id=number + 1, case_number=CASE, findings=[flood(number)])
            ),
            keep=False,
        )
    known = world.ledger._book.sightings[1]
    assert len(known) <= 10
    assert "a49" in {key[3] for key in known}
    assert written(world.ledger) == written(world.replayed())


def flood(number: int) -> gateway_pb2.Finding:
    records = [record(f"x{number}-{one}", 1) for one in range(20)]
    return gateway_pb2.Finding(institution=bank_indexes()[0], state=FOUND, records=records)
