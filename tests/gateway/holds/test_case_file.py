"""Case file: who an event is about, and what becomes of figures for each debtor when caps come and go."""

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import type_pb2
from gateway.holds.case_file import debtors_named, subject_of
from gateway.holds.model import Claim, Debtor, Subject
from tests.gateway.holds.world import DEDUCT, World, person

FIRST, SECOND, HEIR = (Subject(1, number, number) for number in ("1", "2", "3"))


def test_number_is_read_in_capitals() -> None:
    assert subject_of(type_pb2.Subject(id_type=1, id_number="11x", name="a")) == Subject(1, "11X", "a")  # type: ignore[arg-type]


def test_event_names_a_debtor_by_any_of_his_names_or_all_of_them_by_none() -> None:
    claim = Claim(1, 1)
    claim.debtors = (Debtor((FIRST, HEIR), -1), Debtor((SECOND,), -1))
    assert debtors_named(claim, type_pb2.Subject()) == [0, 1]
    heir = type_pb2.Subject(id_type=1, id_number="3", name="3")  # type: ignore[arg-type]
    assert debtors_named(claim, heir) == [0]
    assert debtors_named(claim, person(5)) == []


def test_caps_that_come_later_bound_what_is_held_already() -> None:
    world = World()
    world.claim(100, caps=(None, None))
    first = world.freeze(world.account("a", 50), 50, available_fen=50)
    second = world.freeze(world.account("b", 50, 1), 50, available_fen=50, debtor=2)
    world.settle()
    world.claim(100, caps=(20, None))
    world.settle()
    assert (world.hold(first).controlled_fen, world.hold(second).controlled_fen) == (20, 50)
    world.claim(100, caps=(None, None))
    world.freeze(world.account("c", 30, 2), 30, available_fen=30)
    world.settle()
    assert world.look().gap_fen == 0


def test_what_a_debtor_paid_uses_up_his_cap() -> None:
    world = World()
    world.claim(100, caps=(40, None))
    hold = world.freeze(world.account("a", 40), 40, available_fen=40)
    world.settle()
    world.accepted(DEDUCT, hold_id=hold, whole=True)
    world.settle()
    world.event(controls_pb2.CASE_EVENT_KIND_CREDITED, amount_fen=40, hold_id=hold)
    assert world.look().gap_fen == 60
    assert world.refused(world.freeze_message(world.account("b", 9, 1), 1, available_fen=9)) == "ABOVE_CAP"
