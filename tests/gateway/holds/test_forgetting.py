"""Forgetting: what is settled leaves after its time, and nothing else does; its ids stay known."""

from collections.abc import Callable

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Limits, Refusal
from gateway.holds.face import DAY_NS
from gateway.holds.forgetting import POSTPONED_NS
from gateway.holds.model import TakenOrder
from gateway.holds.query import ClaimQuery
from tests.gateway.holds.sheets import restored, written
from tests.gateway.holds.world import COURT, DEDUCT, RELEASE, World, court

KEEP_DAYS = 90
IDS_DAYS = 400
LIMITS = Limits(ended_keep_ns=KEEP_DAYS * DAY_NS, orders_keep_ns=IDS_DAYS * DAY_NS)
CREDITED = controls_pb2.CASE_EVENT_KIND_CREDITED
ANY_STATE = controls_pb2.CLAIM_STATE_UNSPECIFIED


def paid(world: World, claim_id: str = "c1", number: int = 1) -> int:
    """A claim that was held, deducted and credited; its hold."""
    case = f"(2026)京0105执{number}号"
    world.claim(100, claim_id=claim_id, case_number=case)
    order = world.freeze_message(world.account(f"a{claim_id}", 100), 100, claim_id=claim_id)
    order.mandate.case_number = case
    hold_id = world.order(order).hold_id  # type: ignore[union-attr]
    world.settle()
    deduct = world.message(DEDUCT, hold_id=hold_id, claim_id=claim_id, amount_fen=100)
    deduct.mandate.case_number = case
    world.order(deduct)
    world.settle()
    world.event(CREDITED, claim_id=claim_id, amount_fen=100, hold_id=hold_id)
    return hold_id


def is_known(world: World, claim_id: str = "c1") -> bool:
    return world.ledger.claim_view(COURT, claim_id, world.now_ns) is not None


def is_same(world: World) -> bool:
    """What a start would find is what there is."""
    known = written(world.ledger)
    return known == written(world.replayed()) == written(restored(known, world.limits))


def test_what_is_settled_leaves_when_its_time_has_come_and_not_before() -> None:
    world = World(LIMITS)
    hold_id = paid(world)
    due_ns = world.ledger.next_due_ns()
    while due_ns < world.now_ns + KEEP_DAYS * DAY_NS:
        # The last day of the hold that was deducted; nothing comes of it.
        world.now_ns = due_ns
        world.tick()
        due_ns = world.ledger.next_due_ns()
    world.now_ns = due_ns - 1
    world.tick()
    assert is_known(world)
    world.now_ns = due_ns
    world.tick()
    assert not is_known(world)
    assert world.ledger.hold_view(hold_id, world.now_ns) is None
    assert world.ledger.stats().holds == world.ledger.stats().claims == 0
    assert world.ledger.institutions_with_holds() == []
    assert is_same(world)


@pytest.mark.parametrize(
    "unsettle",
    [
        lambda world: world.claim(150),
        lambda world: world.freeze(world.account("b", 5), 1, claim_id="c2"),
        lambda world: world.freeze(world.car("car"), claim_id="c2"),
    ],
    ids=["more is due", "a hold stands", "a thing is held"],
)
def test_what_is_not_settled_stays(unsettle: Callable[[World], object]) -> None:
    world = World(LIMITS)
    paid(world)
    world.claim(100, claim_id="c2", case_number="(2026)京0105执2号")

    def order(*given: object, **fields: object) -> int:
        message = world.freeze_message(*given, **fields)  # type: ignore[arg-type]
        message.mandate.case_number = "(2026)京0105执2号"
        return world.order(message).hold_id  # type: ignore[union-attr]

    world.freeze = order  # type: ignore[method-assign]
    unsettle(world)
    world.settle()
    # c2 is short in any case.
    world.pass_time(days=2 * KEEP_DAYS)
    world.tick()
    assert is_known(world, "c2")
    assert is_known(world) == (world.ledger.stats().claims == 2)


def test_a_change_begins_the_time_anew() -> None:
    world = World(LIMITS)
    paid(world)
    world.pass_time(days=KEEP_DAYS - 1)
    world.claim(99)  # due is 0 before and after
    world.pass_time(days=KEEP_DAYS - 1)
    world.tick()
    assert is_known(world)
    world.pass_time(days=2)
    world.tick()
    assert not is_known(world)


def test_a_repeated_order_gets_its_first_receipt_for_as_long_as_ids_are_remembered() -> None:
    world = World(LIMITS)
    world.claim(100)
    order = world.freeze_message(world.account("a", 100), 100)
    first = world.order(order)
    world.settle()
    release = world.message(RELEASE, hold_id=first.hold_id, whole=True)  # type: ignore[union-attr]
    world.order(release)
    world.settle()
    world.claim(0)
    world.pass_time(days=KEEP_DAYS + 1)
    world.tick()
    assert not is_known(world)
    for _ in range(2):
        again = world.order(order)
        assert isinstance(again, TakenOrder)
        assert isinstance(first, TakenOrder)
        assert (again.repeated, again.control_id, again.hold_id) == (True, first.control_id, first.hold_id)
        preview = world.ledger.preview(order, court(), world.now_ns)
        assert (preview.rule, preview.HasField("claim")) == (0, False)
        changed = controls_pb2.ControlOrder()
        changed.CopyFrom(order)
        changed.ceiling_fen = 99
        assert world.refused(changed) == "ORDER_ID_REUSED"
        world.ledger = restored(written(world.ledger), LIMITS)
    assert world.ledger.hold_of_order(COURT, order.order_id) == 0
    # With the next claim that leaves, what is older than that goes for good.
    paid(world, "c9", 9)
    world.pass_time(days=IDS_DAYS + 1)
    world.tick()
    assert not is_known(world, "c9")
    assert world.refused(order) == "NO_SUCH_CLAIM"
    assert is_same_after(world)


def is_same_after(world: World) -> bool:
    known = written(world.ledger)
    return known == written(restored(known, LIMITS))


def test_a_claim_that_left_is_not_put_anew_and_due_once_more() -> None:
    world = World(LIMITS)
    paid(world)
    world.pass_time(days=KEEP_DAYS + 1)
    world.tick()
    refusal = world.claim(100)
    assert isinstance(refusal, Refusal)
    assert "settled and left" in refusal.text
    assert world.claim(100, claim_id="c2") is None


def test_a_repeated_case_event_is_known_and_another_is_refused_with_the_time() -> None:
    world = World(LIMITS)
    world.claim(100)
    event = controls_pb2.CaseEvent(event_id="paid", claim_id="c1", kind=CREDITED, amount_fen=100)
    world.do(lambda ledger: ledger.record(event, court()))
    world.pass_time(days=KEEP_DAYS + 1)
    world.tick()
    assert world.do(lambda ledger: ledger.record(event, court())) == ()
    event.event_id = "another"
    refusal = world.do(lambda ledger: ledger.record(event, court()))
    assert isinstance(refusal, Refusal)
    assert f"{KEEP_DAYS} days after its last change" in refusal.text
    order = world.message(RELEASE, hold_id=7, whole=True)
    told = world.order(order)
    assert isinstance(told, Refusal)
    assert f"{KEEP_DAYS} days after its last change" in told.text


def test_a_step_that_is_lost_lets_nothing_go() -> None:
    world = World(LIMITS)
    paid(world)
    world.pass_time(days=KEEP_DAYS + 1)
    world.step(lambda ledger: ledger.tick(), keep=False)
    assert is_known(world)
    assert is_same(world)
    world.tick()
    assert not is_known(world)
    assert is_same(world)


def test_while_a_snapshot_is_written_nothing_leaves_and_afterwards_it_does() -> None:
    world = World(LIMITS)
    paid(world)
    world.pass_time(days=KEEP_DAYS + 1)
    sheets = world.ledger.snapshot(len(world.frames), 0)
    world.tick()
    assert is_known(world)
    # Nobody turns in a circle meanwhile.
    assert world.ledger.next_due_ns() >= world.now_ns + POSTPONED_NS
    sheets.close()
    world.pass_time(seconds=60)
    world.tick()
    assert not is_known(world)


def test_a_step_lets_go_of_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.holds.forgetting.FORGOTTEN_MAX", 4)
    world = World(LIMITS)
    for number in range(5):
        paid(world, f"c{number}", number)
    world.pass_time(days=KEEP_DAYS + 1)
    left = []
    while world.ledger.stats().claims:
        world.tick()
        left.append(world.ledger.stats().claims)
    assert left == [3, 1, 0]
    assert is_same(world)


def test_lists_of_others_are_left_as_they_are() -> None:
    world = World(LIMITS)
    gone = paid(world)
    world.claim(100, claim_id="c2", case_number="(2026)京0105执2号")
    order = world.freeze_message(world.account("b", 100), 100, claim_id="c2")
    order.mandate.case_number = "(2026)京0105执2号"
    stays = world.order(order).hold_id  # type: ignore[union-attr]
    world.settle()
    world.pass_time(days=KEEP_DAYS + 1)
    world.tick()
    assert [one.hold_id for one in world.holds()] == [stays]
    index = world.hold(stays).property.institution
    assert [one.hold_id for one in world.ledger.statements(index)] == [stays]
    assert world.ledger.had_hold(gone)
    assert not world.ledger.had_hold(stays)
    assert [
        one.claim.claim_id
        for one in world.ledger.claim_views(ClaimQuery(COURT, ANY_STATE, False, "", "", 9), world.now_ns)
    ] == ["c2"]


def test_without_a_keep_time_nothing_leaves() -> None:
    world = World()
    paid(world)
    world.pass_time(days=4_000)
    world.tick()
    assert is_known(world)
    assert world.ledger.left_text == ""


def short(world: World) -> tuple[int, int, int]:
    """A claim that is short: a hold that stands, one that ended by itself, one that a court let go of."""
    world.claim(1_000)
    stands = world.freeze(world.account("stands", 100), 100, available_fen=100)
    world.bank_of(world.hold(stands).property.institution).refused.add(stands + 1)
    ended = world.freeze(world.account("ended", 5), 5, available_fen=5)
    let_go = world.freeze(world.account("let go", 5), 5, available_fen=5)
    world.settle()
    world.accepted(RELEASE, hold_id=let_go, whole=True)
    world.settle()
    assert world.hold(ended).end == hold_pb2.HOLD_END_REFUSED
    return stands, ended, let_go


def test_ended_hold_of_a_claim_that_is_short_leaves_before_its_claim() -> None:
    world = World(LIMITS)
    stands, ended, let_go = short(world)
    order = world.hold(ended).controls[0].order_id
    world.pass_time(days=KEEP_DAYS - 1)
    world.tick()
    assert len(world.holds()) == 3
    world.pass_time(days=1)
    assert 0 < world.ledger.next_due_ns() <= world.now_ns
    world.tick()
    # What a court let go of is never held again by a standing order: that must stay known.
    assert [one.hold_id for one in world.holds()] == [stands, let_go]
    assert world.ledger.had_hold(ended)
    assert not world.ledger.had_hold(let_go)
    assert world.ledger.hold_of_order(COURT, order) == 0
    assert world.ledger.stats().holds_by_life["ended"] == 1
    assert world.look().cover_fen == 100
    assert is_same(world)
    again = world.freeze_message(world.account("ended", 5), 5, available_fen=5)
    again.order_id = order
    receipt = world.order(again)
    assert isinstance(receipt, TakenOrder)
    assert (receipt.hold_id, receipt.repeated) == (ended, True)


def test_holds_of_a_standing_order_that_come_to_nothing_do_not_pile_up() -> None:
    world = World(LIMITS)
    world.claim(1_000)
    counts = []
    for number in range(60):
        order = world.freeze_message(world.account("a", 5), 5)
        world.bank_of(order.property.institution).refused.add(world.ledger._book.next_id)
        world.order(order)
        world.settle()
        world.pass_time(days=10)
        world.tick()
        counts.append(len(world.holds()))
        del number
    assert max(counts) <= KEEP_DAYS // 10 + 1
    assert len(world.ledger._book.controls) == counts[-1]
    assert is_same(world)


def test_hold_out_of_which_money_came_stays_with_its_claim() -> None:
    world = World(LIMITS)
    paid(world)
    world.claim(500)
    world.pass_time(days=2 * KEEP_DAYS)
    world.tick()
    assert len(world.holds()) == 1
    assert world.look().due_fen == 400


def test_ended_holds_leave_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.holds.forgetting.FORGOTTEN_MAX", 2)
    world = World(LIMITS)
    world.claim(1_000)
    for number in range(5):
        order = world.freeze_message(world.account(f"a{number}", 5), 5)
        world.bank_of(order.property.institution).refused.add(world.ledger._book.next_id)
        world.order(order)
    world.settle()
    world.pass_time(days=KEEP_DAYS)
    left = []
    for _ in range(4):
        world.pass_time(seconds=1)
        world.tick()
        left.append(len(world.holds()))
    assert left == [3, 1, 0, 0]
    assert is_same(world)


def test_lost_step_lets_nothing_go_and_the_next_does() -> None:
    world = World(LIMITS)
    _, ended, _ = short(world)
    world.pass_time(days=KEEP_DAYS)
    world.step(lambda ledger: ledger.tick(), keep=False)
    assert world.hold(ended).hold_id == ended
    world.tick()
    assert world.ledger.hold_view(ended, world.now_ns) is None


@pytest.mark.parametrize("settles", [True, False])
def test_time_goes_on_over_a_start_from_a_snapshot(settles: bool) -> None:
    world = World(LIMITS)
    if settles:
        paid(world)
    else:
        short(world)
    known = len(world.holds())
    for _ in range(3):
        world.pass_time(days=KEEP_DAYS // 2)
        # A step whose snapshot is written, and read by the next start.
        world.claim(7, claim_id="other", case_number="other")
        world.ledger = restored(written(world.ledger), world.limits)
    world.tick()
    assert len(world.holds()) == known - 1
