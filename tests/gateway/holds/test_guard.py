"""Guard: each refusal by the name of its rule."""

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from gateway.directory import Directory
from gateway.holds import Limits
from gateway.holds.book import Book
from gateway.holds.guard import basis_of, property_fault
from gateway.holds.model import Claim, Property
from tests.gateway.holds.world import (
    CASE,
    COURT,
    DEDUCT,
    FREEZE,
    OTHER_COURT,
    RELEASE,
    RENEW,
    World,
    bank_indexes,
    court,
    directory,
    law,
    mandate,
    person,
)

Order = controls_pb2.ControlOrder


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(100)
    return world


def order(world: World, ceiling: int = 100) -> Order:
    return world.freeze_message(world.account("a", 100), ceiling)


def test_order_for_another_court_is_refused(world: World) -> None:
    assert world.refused(order(world), court(OTHER_COURT)) == "FOREIGN_COURT"
    other = order(world)
    other.mandate.court_code = OTHER_COURT
    assert world.refused(other) == "FOREIGN_COURT"


@pytest.mark.parametrize("field", ["case_number", "instrument_number", "officer_id"])
def test_incomplete_mandate_is_refused(world: World, field: str) -> None:
    faulty = order(world)
    faulty.mandate.ClearField(field)  # type: ignore[arg-type]
    assert world.refused(faulty) == "MANDATE_INCOMPLETE"


def test_control_needs_a_ruling_and_a_notice(world: World) -> None:
    faulty = order(world)
    faulty.mandate.instrument_kind = type_pb2.INSTRUMENT_KIND_INQUIRY_NOTICE
    assert world.refused(faulty) == "INSTRUMENT"
    faulty = order(world)
    faulty.notice_number = ""
    assert world.refused(faulty) == "INSTRUMENT"


def test_nobody_but_the_debtor_is_touched(world: World) -> None:
    faulty = order(world)
    faulty.mandate.debtor_role = type_pb2.DEBTOR_ROLE_GUARANTOR
    assert world.refused(faulty) == "NOT_THE_DEBTOR"
    faulty = order(world)
    faulty.subject.name = "another"
    assert world.refused(faulty) == "NOT_THE_DEBTOR"
    faulty = order(world)
    faulty.subject.id_number = person(2).id_number
    assert world.refused(faulty) == "NOT_THE_DEBTOR"


def test_claim_and_hold_must_be_there(world: World) -> None:
    faulty = order(world)
    faulty.claim_id = "c9"
    assert world.refused(faulty) == "NO_SUCH_CLAIM"
    faulty = order(world)
    faulty.mandate.case_number = "another"
    assert world.refused(faulty) == "NO_SUCH_CLAIM"
    assert world.refused(world.message(RELEASE, hold_id=7, whole=True)) == "NO_SUCH_HOLD"


def test_institution_must_be_there_and_able(world: World) -> None:
    faulty = order(world)
    faulty.property.institution = 4_000
    assert world.refused(faulty) == "UNKNOWN_INSTITUTION"
    unable = next(one for one in directory().institutions if "FREEZE" not in one.can and 1 in one.items)
    faulty.property.institution = unable.index
    assert world.refused(faulty) == "INCAPABLE"
    faulty = order(world)
    faulty.property.item = 14
    assert world.refused(faulty) == "INCAPABLE"


def test_lost_capability_is_seen_at_once(world: World) -> None:
    known = order(world)
    index = known.property.institution
    changed = Directory.load().with_capabilities({index: frozenset({"INQUIRE"})})
    world.freeze(world.account("b", 1), 1, available_fen=1)
    world.ledger.set_directory(changed)
    assert world.refused(known) == "INCAPABLE"


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("statutory_reserve", "EXEMPT"),
        ("migrant_wage_special", "EXEMPT"),
        ("social_security_fund", "EXEMPT"),
        ("closed", "EXEMPT"),
    ],
)
def test_exempt_kinds_are_not_held(world: World, kind: str, rule: str) -> None:
    exempt = world.freeze_message(world.account("a", 100), 100, kind_of_account=kind)
    assert world.refused(exempt) == rule


def test_pledged_money_is_held_and_not_deducted(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100, available_fen=100, kind_of_account="margin")
    world.settle()
    assert world.refused(world.message(DEDUCT, hold_id=hold, amount_fen=1)) == "PLEDGED"


def test_foreign_currency_never_counts_as_yuan(world: World) -> None:
    faulty = order(world)
    faulty.property.currency = "USD"
    assert world.refused(faulty) == "FOREIGN_CURRENCY"


def test_nothing_above_the_claim_is_held(world: World) -> None:
    assert world.refused(order(world, 101)) == "ABOVE_CLAIM"
    world.freeze(world.account("a", 60), 60, available_fen=60)
    assert (
        world.refused(world.freeze_message(world.account("b", 50, 1), 41, available_fen=50)) == "ABOVE_CLAIM"
    )
    assert world.refused(world.freeze_message(world.account("b", 50, 1), 41)) == "ABOVE_CLAIM"
    world.freeze(world.account("c", 50, 2), 100, available_fen=40)


def test_unknown_account_counts_as_if_it_had_all_of_its_ceiling(world: World) -> None:
    world.freeze(world.account("a", 0), 70)
    assert world.look().flight_fen == 70
    assert world.refused(world.freeze_message(world.account("b", 0, 1), 31)) == "ABOVE_CLAIM"
    world.freeze(world.account("b", 0, 1), 30)


def test_thing_is_held_whole_and_only_while_there_is_a_gap(world: World) -> None:
    faulty = world.freeze_message(world.car("car"), 50)
    assert world.refused(faulty) == "MALFORMED"
    world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    assert world.refused(world.freeze_message(world.car("car"))) == "ABOVE_CLAIM"


def test_term_is_not_longer_than_the_law_allows(world: World) -> None:
    faulty = order(world)
    faulty.months = 13
    assert world.refused(faulty) == "TERM_TOO_LONG"
    hold = world.freeze(world.account("b", 100), 100, months=12)
    world.settle()
    assert world.refused(world.message(RENEW, hold_id=hold, months=13)) == "TERM_TOO_LONG"


def test_queued_hold_is_neither_renewed_nor_deducted_from(world: World) -> None:
    world.claim(50, claim_id="c2", case_number="(2026)京0105执2号")
    account = world.account("a", 50)
    first = world.freeze_message(account, 50)
    first.claim_id, first.mandate.case_number = "c2", "(2026)京0105执2号"
    world.order(first)
    world.settle()
    queued = world.freeze(account, 50, available_fen=0)
    world.settle()
    view = world.hold(queued)
    assert (view.life, view.queue_position) == (hold_pb2.HOLD_LIFE_QUEUED, 1)
    assert list(view.ahead_court_codes) == [COURT]
    assert world.refused(world.message(RENEW, hold_id=queued)) == "HOLD_QUEUED"
    assert world.refused(world.message(DEDUCT, hold_id=queued, amount_fen=1)) == "HOLD_QUEUED"


def test_ended_hold_takes_no_order(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100)
    world.settle()
    world.accepted(RELEASE, hold_id=hold, whole=True)
    world.settle()
    assert world.refused(world.message(RELEASE, hold_id=hold, whole=True)) == "HOLD_ENDED"


def test_superior_court_may_release_and_nothing_else(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100)
    world.settle()
    for kind, rule in ((RENEW, "FOREIGN_COURT"), (RELEASE, "")):
        above = world.message(kind, hold_id=hold, whole=kind == RELEASE)
        above.court_code = above.mandate.court_code = "京"
        decision = world.order(above, court("京"))
        assert getattr(decision, "name", "") == rule


@pytest.mark.parametrize(
    "change",
    [
        {"order_id": ""},
        {"order_id": "x" * 65},
        {"order_id": "gateway/1"},
        {"kind": 0},
        {"ceiling_fen": -1},
        {"amount_fen": 1 << 51},
        {"hold_id": 3},
        {"reason": "x" * 257},
        {"urgent": True},
    ],
)
def test_message_that_means_nothing_is_refused(world: World, change: dict[str, object]) -> None:
    faulty = order(world)
    for field, value in change.items():
        setattr(faulty, field, value)
    assert world.refused(faulty) == "MALFORMED"


def test_refusal_names_no_person(world: World) -> None:
    faulty = order(world)
    faulty.subject.name = "欧阳修"
    refusal = world.order(faulty)
    assert "欧阳修" not in str(refusal)
    assert faulty.subject.id_number not in str(refusal)


def test_mandate_is_read_once_for_all_that_rest_on_it(world: World) -> None:
    world.freeze(world.account("a", 10), 10, available_fen=10)
    without_court = order(world, 20)
    without_court.mandate.CopyFrom(mandate(COURT, CASE))
    without_court.mandate.ClearField("court_code")
    world.order(without_court)
    assert {control.mandate.court_code for _, control in world.take()} == {COURT}


UNKNOWN_FIELD = b"\xfa\x06\x03xyz"


def test_only_what_may_suffice_is_kept_in_mind(world: World) -> None:
    book = Book(law(), directory(), Limits())
    long = mandate()
    long.instrument_number = "x" * 600
    for one, count in ((long, 0), (mandate(), 1)):
        basis = basis_of(book, one.SerializeToString(), COURT)
        assert (basis.refusal is None, len(book.bases)) == (count == 1, count)
    faulty = order(world)
    for currency in ("x" * 600, "USD"):
        faulty.property.currency = currency
        assert world.refused(faulty) == "FOREIGN_CURRENCY"
    book.open(world.now_ns)
    claim = Claim(1, book.stamp)
    for currency, count in (("x" * 600, 0), ("USD", 1)):
        place = Property(bank_indexes()[0], 1, "a", "personal", currency)
        assert property_fault(book, claim, 0, place, FREEZE) is not None
        assert len(book.able) == count


def test_what_is_not_of_a_mandate_does_not_leave_with_it() -> None:
    book = Book(law(), directory(), Limits())
    basis = basis_of(book, mandate().SerializeToString() + UNKNOWN_FIELD, COURT)
    assert basis.mandate == mandate().SerializeToString()
