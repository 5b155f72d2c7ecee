"""Plan: how a claim is laid over what was found."""

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.holds import Refusal
from tests.gateway.holds.world import (
    CASE,
    COURT,
    RELEASE,
    World,
    bank_indexes,
    court,
    mandate,
    person,
    registry,
)

FOUND, AMBIGUOUS = type_pb2.END_STATE_FOUND, type_pb2.END_STATE_AMBIGUOUS


def record(
    locator: str, available: int, *, item: int = 1, debtor: int = 1, **fields: object
) -> type_pb2.Record:
    known = {"kind": "personal", "amount_fen": available, "available_fen": available, **fields}
    return type_pb2.Record(
        item=item,
        locator=locator,
        holder_number=person(debtor).id_number,
        holder_name=person(debtor).name,
        **known,  # type: ignore[arg-type]
    )


def sight(world: World, *records: type_pb2.Record, bank: int = 0, inquiry_id: int = 1) -> None:
    """An answer with these records at one bank; the accounts are opened there."""
    index = bank_indexes()[bank]
    finding = gateway_pb2.Finding(institution=index, state=FOUND, records=records)
    answer = gateway_pb2.Answer(inquiry_id=inquiry_id, case_number=CASE, findings=[finding])
    for one in records:
        if (index, one.locator) not in world.bank_of(index).accounts:
            world.bank_of(index).open(index, one.locator, one.available_fen)
    world.do(lambda ledger: ledger.sight(COURT, answer))


def request(**fields: object) -> controls_pb2.PlanFreezeRequest:
    return controls_pb2.PlanFreezeRequest(
        claim_id="c1",
        mandate=mandate(),
        notice_number="(2026)京0105执通1号",
        **fields,  # type: ignore[arg-type]
    )


def plan(world: World, **fields: object) -> controls_pb2.PlanView:
    view = world.do(lambda ledger: ledger.plan(request(**fields), court()))
    assert isinstance(view, controls_pb2.PlanView), view
    return view


def steps(view: controls_pb2.PlanView) -> list[tuple[str, int, int]]:
    return [(one.property.locator, one.ceiling_fen, one.expected_fen) for one in view.steps]


def omitted(view: controls_pb2.PlanView) -> dict[str, str]:
    return {one.property.locator: controls_pb2.Rule.Name(one.rule) for one in view.omissions}


def claimed(principal: int, **fields: object) -> World:
    world = World()
    world.claim(principal, **fields)  # type: ignore[arg-type]
    return world


def test_cash_is_taken_largest_first_so_that_fewest_holds_are_needed() -> None:
    world = claimed(100)
    sight(world, record("small", 30), record("big", 80), record("middle", 50))
    view = plan(world)
    assert steps(view) == [("big", 80, 80), ("middle", 20, 20)]
    assert omitted(view) == {"small": "RULE_ABOVE_CLAIM"}


def test_plan_orders_nothing_until_it_is_carried_out() -> None:
    world = claimed(100)
    sight(world, record("big", 80), record("small", 30))
    frames = len(world.frames)
    view = plan(world)
    assert (len(world.frames), world.take()) == (frames, [])
    done = plan(world, carry_out=view.plan_hash)
    assert len(done.control_ids) == 2
    world.settle()
    assert world.look().cover_fen == 100


def test_plan_that_has_changed_is_not_carried_out() -> None:
    world = claimed(100)
    sight(world, record("big", 80))
    view = plan(world)
    sight(world, record("bigger", 90))
    refusal = world.do(lambda ledger: ledger.plan(request(carry_out=view.plan_hash), court()))
    assert isinstance(refusal, Refusal)
    assert refusal.name == "PLAN_CHANGED"


def test_general_accounts_come_before_basic_ones() -> None:
    world = claimed(100)
    sight(
        world, record("basic", 900, kind="basic_settlement"), record("general", 60, kind="general_settlement")
    )
    assert steps(plan(world)) == [("general", 60, 60), ("basic", 40, 40)]


def test_what_may_not_be_held_is_listed_with_its_rule() -> None:
    world = claimed(100)
    sight(
        world,
        record("wages", 50, kind="migrant_wage_special"),
        record("dollars", 50, currency="USD"),
        record("good", 50),
    )
    view = plan(world)
    assert [one[0] for one in steps(view)] == ["good"]
    assert omitted(view) == {"wages": "RULE_EXEMPT", "dollars": "RULE_FOREIGN_CURRENCY"}


def test_nothing_is_planned_where_number_and_name_do_not_fit() -> None:
    world = claimed(100)
    finding = gateway_pb2.Finding(institution=bank_indexes()[1], state=AMBIGUOUS)
    answer = gateway_pb2.Answer(inquiry_id=1, case_number=CASE, findings=[finding])
    world.do(lambda ledger: ledger.sight(COURT, answer))
    view = plan(world)
    assert [one.rule for one in view.omissions] == [controls_pb2.RULE_AMBIGUOUS]
    assert world.refused(world.freeze_message(world.account("x", 10, 1), 10)) == "AMBIGUOUS"


def test_with_a_gap_left_empty_accounts_each_reach_for_all_of_it() -> None:
    world = claimed(100)
    sight(world, record("cash", 30), record("empty", 0), record("empty too", 0))
    assert steps(plan(world)) == [("cash", 100, 30), ("empty", 70, 0), ("empty too", 70, 0)]
    done = plan(world, carry_out=plan(world).plan_hash)
    world.settle()
    view = world.look()
    assert len(done.control_ids) == 3
    assert (view.cover_fen, view.gap_fen, view.exposed_fen) == (30, 70, 210)


def test_account_that_does_not_say_what_is_free_is_tried_alone() -> None:
    world = claimed(100)
    sight(world, record("a", 0, amount_fen=50), record("b", 0, amount_fen=60))
    assert steps(plan(world)) == [("a", 100, 0)]


def test_things_follow_cash_and_the_smallest_that_suffices_is_chosen() -> None:
    world = claimed(100)
    sight(world, record("cash", 30))
    cars = [
        type_pb2.Record(
            item=14,
            locator=plate,
            kind="car",
            amount_fen=worth,
            holder_number=person().id_number,
            holder_name="曹1",
        )
        for plate, worth in (("old", 20), ("good", 80), ("best", 900))
    ]
    for car in cars:
        world.car(car.locator)
    finding = gateway_pb2.Finding(institution=registry(), state=FOUND, records=cars)
    answer = gateway_pb2.Answer(inquiry_id=2, case_number=CASE, findings=[finding])
    world.do(lambda ledger: ledger.sight(COURT, answer))
    view = plan(world)
    assert steps(view) == [("cash", 100, 30), ("good", 0, 0)]
    assert view.steps[1].whole
    plan(world, carry_out=view.plan_hash)
    world.settle()
    assert steps(plan(world)) == []


def test_caps_of_debtors_bound_their_steps() -> None:
    world = claimed(100, caps=(20, None))
    sight(world, record("first", 90), record("second", 90, debtor=2))
    assert steps(plan(world)) == [("first", 20, 20), ("second", 80, 80)]


def test_inquiries_that_are_named_are_the_only_ones_looked_at() -> None:
    world = claimed(100)
    sight(world, record("one", 50), inquiry_id=1)
    sight(world, record("two", 50), inquiry_id=2)
    assert [one[0] for one in steps(plan(world, inquiry_ids=[2]))] == ["two"]


def test_place_that_is_held_is_not_held_again_unless_more_is_free() -> None:
    world = claimed(100)
    sight(world, record("a", 60))
    world.freeze(world.bank_of(bank_indexes()[0]).accounts[bank_indexes()[0], "a"], 60, available_fen=60)
    world.settle()
    assert steps(plan(world)) == []
    account = world.bank_of(bank_indexes()[0]).accounts[bank_indexes()[0], "a"]
    account.balance += 25
    world.pass_time(seconds=1)
    sight(world, record("a", 25, amount_fen=85, held_fen=60))
    assert steps(plan(world)) == [("a", 40, 25)]


def test_money_that_is_free_takes_the_place_of_a_thing() -> None:
    world = claimed(100)
    car = world.freeze(world.car("car"))
    world.settle()
    world.event(controls_pb2.CASE_EVENT_KIND_VALUED, hold_id=car, amount_fen=100)
    sight(world, record("cash", 150))
    view = plan(world)
    assert (steps(view), view.steps[0].replaces_hold_id) == ([("cash", 100, 100)], car)
    plan(world, carry_out=view.plan_hash)
    world.settle()
    assert (world.look().cover_fen, world.hold(car).end) == (100, 2)


def test_wrong_freeze_is_not_planned_again() -> None:
    world = claimed(100)
    sight(world, record("a", 60))
    plan(world, carry_out=plan(world).plan_hash)
    world.settle()
    world.accepted(RELEASE, hold_id=1, whole=True, urgent=True, reason="another person: passport")
    world.settle()
    view = plan(world)
    assert steps(view) == []
    assert omitted(view) == {"a": "RULE_NOT_THE_DEBTOR"}
