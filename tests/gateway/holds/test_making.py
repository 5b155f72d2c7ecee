"""Making: what leaves for an institution, field by field."""

from tests.gateway.holds.world import COURT, RELEASE, World, mandate, person


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
