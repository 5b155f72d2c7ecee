"""Follow: rules (1) to (3), replacement, and what does not leave any more."""

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from runtime import calendar
from tests.gateway.holds.world import DEDUCT, RELEASE, RENEW, World, as_receipt

MET, SHORT, OVER = (
    controls_pb2.CLAIM_STATE_MET,
    controls_pb2.CLAIM_STATE_SHORT,
    controls_pb2.CLAIM_STATE_OVER,
)
CREDITED = controls_pb2.CASE_EVENT_KIND_CREDITED
VALUED = controls_pb2.CASE_EVENT_KIND_VALUED
INDIVISIBLE = controls_pb2.CASE_EVENT_KIND_INDIVISIBLE


def causes(world: World, hold_id: int) -> list[tuple[str, int, bool]]:
    """What the gateway ordered by itself on a hold: why, down to how much, and whether all of it."""
    return [(one.cause, one.requested_fen, one.whole) for one in world.hold(hold_id).controls if one.cause]


def test_late_credit_that_fills_one_hold_releases_what_the_other_reaches_for() -> None:
    world = World()
    world.claim(100)
    first, second = world.account("a", 60), world.account("b", 0, 1)
    full = world.freeze(first, 60, available_fen=60)
    empty = world.freeze(second, 40, available_fen=0)
    world.settle()
    assert (world.look().gap_fen, world.look().exposed_fen) == (40, 40)
    world.bank_of(first.institution).credit(first, 500)
    world.settle()
    assert (world.look().gap_fen, world.look().exposed_fen) == (40, 40)
    world.bank_of(second.institution).credit(second, 30)
    world.settle()
    assert (world.look().cover_fen, world.look().exposed_fen) == (90, 10)
    assert causes(world, full) == []
    assert world.hold(empty).controlled_fen == 30


def test_rest_of_a_hold_is_released_in_the_step_in_which_the_gap_shrinks() -> None:
    world = World()
    world.claim(100)
    reaching = world.freeze(world.account("a", 20), 100, available_fen=20)
    world.settle()
    filling = world.freeze(world.account("b", 70, 1), 70, available_fen=70)
    (taken,) = world.take()
    bank, control = taken
    frames = len(world.frames)
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    assert len(world.frames) == frames + 1
    assert causes(world, reaching) == [("EXCESS", 30, False)]
    world.settle()
    assert world.hold(reaching).ceiling_fen == 30
    assert world.hold(filling).controlled_fen == 70
    assert (world.look().gap_fen, world.look().exposed_fen) == (10, 10)


def test_empty_accounts_may_each_reach_for_the_whole_gap() -> None:
    world = World()
    world.claim(100)
    holds = [world.freeze(world.account(f"a{n}", 0, n % 3), 100, available_fen=0) for n in range(5)]
    world.settle()
    assert world.look().exposed_fen == 500
    bank = world.bank_of(world.hold(holds[0]).property.institution)
    bank.credit(bank.holds[holds[0]][1], 100)
    world.settle()
    assert (world.look().state, world.look().exposed_fen) == (MET, 0)
    assert [world.hold(one).life for one in holds[1:]] == [hold_pb2.HOLD_LIFE_ENDED] * 4


def test_money_has_no_tolerance() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    assert world.event(CREDITED, amount_fen=1) != ()
    assert world.look().state == OVER
    world.settle()
    assert (world.look().state, world.hold(hold).controlled_fen) == (MET, 99)


def test_newest_hold_is_released_first_and_a_basic_account_before_others() -> None:
    world = World()
    world.claim(90)
    kinds = ["basic_settlement", "general_settlement", "general_settlement"]
    holds = [
        world.freeze(world.account(f"a{n}", 30, n), 30, available_fen=30, kind_of_account=kind)
        for n, kind in enumerate(kinds)
    ]
    world.settle()
    world.event(CREDITED, amount_fen=40)
    world.settle()
    assert [world.hold(one).controlled_fen for one in holds] == [0, 30, 20]


def test_credit_out_of_a_deduction_moves_nothing() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.accepted(DEDUCT, hold_id=hold, amount_fen=60)
    world.settle()
    assert (world.look().cover_fen, world.hold(hold).controlled_fen) == (100, 40)
    assert world.event(CREDITED, amount_fen=60, hold_id=hold) == ()
    view = world.look()
    assert (view.due_fen, view.cover_fen, view.state) == (40, 40, MET)


def test_credit_that_is_known_before_its_deduction_counts_once() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.accepted(DEDUCT, hold_id=hold, whole=True)
    ((bank, control),) = world.take()
    receipt = bank.control(control)
    world.event(CREDITED, amount_fen=100, hold_id=hold)
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(receipt)))
    world.settle()
    assert (world.look().due_fen, world.look().cover_fen) == (0, 0)


def test_thing_that_is_not_needed_goes_before_money() -> None:
    world = World()
    world.claim(100)
    car = world.freeze(world.car("car"))
    world.settle()
    world.event(VALUED, hold_id=car, amount_fen=30)
    money = world.freeze(world.account("a", 100), 70, available_fen=100)
    world.settle()
    assert world.look().state == MET
    world.claim(70)
    world.settle()
    assert world.hold(car).end == hold_pb2.HOLD_END_RELEASED
    assert world.hold(money).controlled_fen == 70


def test_thing_somewhat_above_the_claim_is_tolerated_and_money_beside_it_is_not_touched() -> None:
    world = World()
    world.claim(100)
    money = world.freeze(world.account("a", 40), 40, available_fen=40)
    car = world.freeze(world.car("car"))
    world.settle()
    assert world.event(VALUED, hold_id=car, amount_fen=80) == ()
    view = world.look()
    assert (view.state, view.cover_fen, view.indivisible) == (OVER, 120, True)
    assert world.event(VALUED, hold_id=car, amount_fen=81) != ()
    world.settle()
    assert world.hold(money).controlled_fen == 19
    assert world.look().cover_fen == 100


def test_thing_alone_far_above_the_claim_is_marked_indivisible() -> None:
    world = World()
    world.claim(100)
    car = world.freeze(world.car("car"))
    world.settle()
    world.event(VALUED, hold_id=car, amount_fen=900)
    world.event(INDIVISIBLE, hold_id=car)
    world.settle()
    view = world.look()
    assert (view.state, view.indivisible, world.hold(car).life) == (OVER, True, hold_pb2.HOLD_LIFE_EFFECTIVE)


def test_thing_without_a_value_is_let_go_of_when_money_covers_the_claim() -> None:
    world = World()
    world.claim(100)
    car = world.freeze(world.car("car"))
    world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    assert world.look().state == MET
    assert world.hold(car).end == hold_pb2.HOLD_END_RELEASED


def test_replacement_is_made_before_the_old_hold_is_let_go_of() -> None:
    world = World()
    world.claim(100)
    car = world.freeze(world.car("car"))
    world.settle()
    world.event(VALUED, hold_id=car, amount_fen=100)
    assert world.look().state == MET
    newer = world.freeze(world.account("a", 100), 100, available_fen=100, replaces_hold_id=car)
    world.carry_out()
    view = world.look()
    assert (view.cover_fen, view.state) == (100, MET)
    assert causes(world, car) == [("REPLACED", 0, True)]
    world.settle()
    assert world.hold(car).end == hold_pb2.HOLD_END_RELEASED
    assert (world.hold(newer).controlled_fen, world.look().cover_fen) == (100, 100)


def test_replacement_that_brings_less_lets_go_of_as_much_only() -> None:
    world = World()
    world.claim(100)
    older = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    newer = world.freeze(world.account("b", 30, 1), 100, available_fen=30, replaces_hold_id=older)
    world.settle()
    assert (world.hold(older).controlled_fen, world.hold(newer).controlled_fen) == (70, 30)
    assert (world.look().cover_fen, world.look().exposed_fen) == (100, 0)


def test_freeze_that_no_longer_fits_does_not_leave() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.claim(60)
    assert world.take() == []
    view = world.hold(hold)
    assert (view.life, view.end) == (hold_pb2.HOLD_LIFE_ENDED, hold_pb2.HOLD_END_REFUSED)
    assert view.controls[0].text.startswith("RULE_ABOVE_CLAIM")


def test_freeze_that_left_is_followed_by_a_release_of_the_rest() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    ((bank, control),) = world.take()
    world.claim(60)
    assert world.take() == []
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    assert world.look().state == OVER
    world.settle()
    assert (world.hold(hold).controlled_fen, world.look().state) == (60, MET)


def test_freeze_is_not_sent_when_it_is_released_before() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100)
    release = world.accepted(RELEASE, hold_id=hold, whole=True)
    assert world.take() == []
    controls = {one.control_id: one for one in world.hold(hold).controls}
    assert controls[hold].text == "it was released before it was sent"
    assert controls[release].refusal == hold_pb2.CONTROL_REFUSAL_HOLD_ENDED


def test_hold_that_turns_up_after_its_deadline_falls_under_excess() -> None:
    world = World()
    world.claim(100)
    late = world.freeze(world.account("a", 100), 100, available_fen=100)
    ((bank, control),) = world.take()
    world.pass_time(seconds=601)
    world.tick()
    assert world.hold(late).life == hold_pb2.HOLD_LIFE_UNKNOWN
    assert (world.look().flight_fen, world.look().gap_fen) == (0, 100)
    other = world.freeze(world.account("b", 100, 1), 100, available_fen=100)
    world.carry_out()
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    world.settle()
    assert world.look().cover_fen == 100
    assert world.hold(late).controlled_fen + world.hold(other).controlled_fen == 100


def test_cap_of_a_debtor_bounds_what_is_held_of_him() -> None:
    world = World()
    world.claim(100, caps=(30, None))
    first = world.freeze(world.account("a", 100), 30, available_fen=100)
    assert world.refused(world.freeze_message(world.account("b", 100, 1), 1, available_fen=1)) == "ABOVE_CAP"
    world.freeze(world.account("c", 100, 2), 70, available_fen=100, debtor=2)
    world.settle()
    assert world.look().state == MET
    world.claim(100, caps=(10, None))
    world.settle()
    assert world.hold(first).controlled_fen == 10


def test_deduction_that_is_no_longer_owed_does_not_leave_and_its_money_is_released() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    deduction = world.accepted(DEDUCT, hold_id=hold, amount_fen=80)
    world.claim(50)
    controls = {one.control_id: one for one in world.hold(hold).controls}
    assert controls[deduction].text == "RULE_ABOVE_CLAIM: more than is due"
    world.settle()
    assert (world.hold(hold).controlled_fen, world.hold(hold).deducted_fen) == (50, 0)


def test_excess_behind_a_deduction_leaves_what_both_together_leave() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.accepted(DEDUCT, hold_id=hold, amount_fen=40)
    ((bank, control),) = world.take()
    world.claim(50)
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    world.settle()
    view = world.hold(hold)
    assert (view.deducted_fen, view.controlled_fen, world.look().cover_fen) == (40, 10, 50)
    assert causes(world, hold) == [("EXCESS", 10, False)]


def test_excess_behind_a_deduction_that_is_refused_leaves_as_much() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    deduction = world.accepted(DEDUCT, hold_id=hold, amount_fen=40)
    ((bank, control),) = world.take()
    world.claim(50)
    bank.refused.add(deduction)
    world.say(bank, bank.control(control))
    world.settle()
    assert (world.hold(hold).deducted_fen, world.hold(hold).controlled_fen) == (0, 50)
    assert causes(world, hold) == [("EXCESS", 50, False)]


def test_renewal_that_turns_up_late_reaches_for_no_more_than_the_gap_of_that_day() -> None:
    world = World()
    world.claim(100)
    empty = world.freeze(world.account("a", 0), 100, available_fen=0)
    world.settle()
    world.pass_time(days=100)
    world.accepted(RENEW, hold_id=empty)
    ((bank, control),) = world.take()
    receipt = bank.control(control)
    world.now_ns = calendar.midnight_ns(20271123)
    world.tick()
    world.freeze(world.account("b", 70, 1), 70, available_fen=70)
    world.carry_out()
    world.say(bank, receipt)
    assert causes(world, empty) == [("EXCESS", 30, False)]
    world.settle()
    assert world.look().exposed_fen == 30


def test_refused_release_is_not_repeated_until_the_institution_says_something_new() -> None:
    world = World()
    world.claim(100)
    account = world.account("a", 100)
    hold = world.freeze(account, 100, available_fen=100)
    world.settle()
    world.event(CREDITED, amount_fen=50)
    ((bank, control),) = world.take()
    refused = bank.control(control)
    refused.outcome = hold_pb2.CONTROL_OUTCOME_REFUSED
    refused.refusal = hold_pb2.CONTROL_REFUSAL_OTHER
    refused.hold.version, refused.hold.ceiling_fen, refused.hold.controlled_fen = 1, 100, 100
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(refused)))
    world.event(CREDITED, amount_fen=10)
    assert world.take() == []
    assert (world.look().state, world.hold(hold).controlled_fen) == (OVER, 100)
