"""Making: what leaves for an institution, field by field."""

import pytest

from chakong.type.v1 import hold_pb2
from gateway.holds import Limits, making
from gateway.holds.book import Book
from gateway.holds.model import Outcome
from tests.gateway.holds.world import COURT, RELEASE, World, directory, law, mandate, person


def test_freeze_leaves_with_all_that_the_institution_needs() -> None:
    world = World()
    world.claim(100)
    account = world.account("a", 60)
    hold = world.freeze(account, 60, available_fen=60, months=7)
    ((_, control),) = world.take()
    assert (control.control_id, control.hold_id, control.ceiling_fen, control.months) == (hold, hold, 60, 7)
    assert control.mandate == mandate()
    assert control.subject == person()
    assert (control.notice_number, control.property.locator, control.property.institution) == (
        "(2026)京0105执通1号",
        "a",
        account.institution,
    )
    assert not control.whole


def test_release_of_the_gateway_rests_on_the_mandate_of_the_hold() -> None:
    world = World()
    world.claim(100)
    world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.claim(30)
    ((_, control),) = world.take()
    assert (control.kind, control.ceiling_fen, control.whole) == (RELEASE, 30, False)
    assert control.mandate == mandate()
    assert control.mandate.court_code == COURT
    assert (control.subject, control.property.locator) == (person(), "a")


def test_release_of_everything_leaves_as_whole() -> None:
    world = World()
    world.claim(100)
    world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.claim(0)
    ((_, control),) = world.take()
    assert (control.whole, control.ceiling_fen) == (True, 0)


def test_a_control_ends_once() -> None:
    book = Book(law(), directory(), Limits())
    book.open(1)
    refused, other = hold_pb2.CONTROL_OUTCOME_REFUSED, hold_pb2.CONTROL_REFUSAL_OTHER
    book.end_control(7, Outcome(1, refused, other, "", 0, 1, 0))
    with pytest.raises(AssertionError, match="control 7 has an outcome already"):
        making.end(book, 7, other, "")
    assert book.step.facts == []
