"""Apply: what facts do to the sums that claims carry along, against sums reckoned anew."""

from gateway.holds.book import Book
from tests.gateway.holds.test_ledger import busy_world


def sums(book: Book) -> None:
    """Every sum and set of every claim, from its holds."""
    for claim in book.claims.values():
        holds = [book.holds[hold_id] for hold_id in claim.holds]
        assert claim.cover == sum(hold.cover for hold in holds)
        assert claim.kept == sum(hold.kept for hold in holds)
        assert claim.rest == sum(hold.rest for hold in holds)
        assert claim.flight == sum(hold.flight for hold in holds)
        assert claim.exposed == sum(hold.exposed for hold in holds)
        assert claim.overdue == sum(hold.overdue for hold in holds if hold.is_flying)
        assert claim.reaching == {hold.origin.hold_id for hold in holds if hold.reach > 0}
        assert claim.counting == {hold.origin.hold_id for hold in holds if hold.counts}
        assert claim.flying == {hold.origin.hold_id for hold in holds if hold.is_flying}
        assert claim.reach_max >= max((hold.reach for hold in holds), default=0)
        assert claim.until_min <= min((hold.until for hold in holds if hold.is_in_force), default=99991231)
        for debtor in range(len(claim.debtor_cover)):
            own = [hold for hold in holds if hold.origin.debtor == debtor]
            assert claim.debtor_cover[debtor] == sum(hold.cover for hold in own)
            assert claim.debtor_kept[debtor] == sum(hold.kept for hold in own)
            assert claim.debtor_flight[debtor] == sum(hold.flight for hold in own)
            assert claim.debtor_credited[debtor] == sum(hold.credited for hold in own)


def test_sums_are_those_of_the_holds() -> None:
    world = busy_world()
    sums(world.ledger._book)
    sums(world.replayed()._book)
    world.settle()
    sums(world.ledger._book)


def test_sums_are_put_back_with_a_lost_step() -> None:
    world = busy_world()
    world.take()
    world.step(lambda ledger: ledger.tick(), keep=False)
    world.pass_time(days=400)
    world.step(lambda ledger: ledger.tick(), keep=False)
    sums(world.ledger._book)
