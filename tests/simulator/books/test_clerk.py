"""Each misdeed, and that the books stay right under it."""

import pytest

from chakong.institution.v1.institution_pb2 import ControlBatch, ControlReceipt
from chakong.type.v1 import hold_pb2
from simulator._control import read_controls
from simulator.books.audit import faults
from simulator.books.books import Books
from simulator.books.clerk import OBJECTION, Clerk
from simulator.books.misbehaviour import Misbehaviour, Misdeed, misbehaviour
from tests.simulator.books.acts import (
    BANK,
    DONE,
    EFFECTIVE,
    ENDED,
    LOCATOR,
    NOW_NS,
    bank,
    deduct,
    events,
    freeze,
    kind_of,
    refusal,
    release,
    renew,
)  # fmt: skip

UNAVAILABLE = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE
MINUTE_NS = 60_000_000_000


def clerk(misdeed: Misdeed, balance_fen: int = 1_000, rate: float = 1.0) -> Clerk:
    return Clerk(bank(balance_fen), misbehaviour(misdeed.value, 1, rate))


def state(books: Books, hold_id: int = 1) -> hold_pb2.HoldStatement:
    hold = books.hold(hold_id)
    assert hold is not None
    return hold


def test_without_misbehaviour_it_says_what_the_books_say() -> None:
    quiet, books = Clerk(bank(1_000)), bank(1_000)
    controls = [freeze(1, 500), renew(2, 1, 3), deduct(3, 1, 100), release(4, 1)]
    assert quiet.control(controls, NOW_NS) == [books.control(control, NOW_NS) for control in controls]
    assert quiet.holds(BANK, 0, 9) == books.holds(BANK, 0, 9)
    assert quiet.next_due_ns() == books.next_due_ns()


@pytest.mark.parametrize("misdeed", [None, Misdeed.REPLY_TWICE])
def test_receipts_as_they_are_written_are_the_same(misdeed: Misdeed | None) -> None:
    said, written = (clerk(misdeed) if misdeed else Clerk(bank(1_000)) for _ in range(2))
    controls = [freeze(1, 500), freeze(2, 0), renew(3, 1, 3), deduct(4, 1, 100), release(5, 1), freeze(1, 7)]
    for _ in range(2):
        read = read_controls(ControlBatch(controls=controls).SerializeToString())
        receipts = [ControlReceipt.FromString(one) for one in written.book(read, NOW_NS)]
        assert receipts == said.control(controls, NOW_NS)


def test_a_lost_reply_is_booked_and_comes_at_another_try() -> None:
    lossy = clerk(Misdeed.LOST_REPLY, rate=0.5)
    lost = 0
    for hold_id in range(1, 41):
        tries = [lossy.control([freeze(hold_id, 5)], NOW_NS) for _ in range(50)]
        assert state(lossy.books, hold_id).version == 1
        lost += not tries[0]
        came = [receipts for receipts in tries if receipts]
        assert came[:1] == [[lossy.books.receipt(hold_id)]]
    assert 10 < lost < 30
    assert faults(lossy.books) == []


def test_a_reply_may_come_twice() -> None:
    first, second = clerk(Misdeed.REPLY_TWICE).control([freeze(1, 5)], NOW_NS)
    assert first == second


def test_what_is_late_is_unavailable_first_and_booked_by_itself() -> None:
    late = clerk(Misdeed.LATE)
    (first,) = late.control([freeze(1, 5)], NOW_NS)
    assert (first.control_id, first.outcome) == (1, UNAVAILABLE)
    due_ns = late.next_due_ns()
    assert NOW_NS < due_ns <= NOW_NS + MINUTE_NS
    assert late.control([freeze(1, 5)], due_ns - 1)[0].outcome == UNAVAILABLE
    assert late.books.hold(1) is None
    late.advance(due_ns + MINUTE_NS)
    assert state(late.books).stated_ns == due_ns + MINUTE_NS
    (booked,) = late.control([freeze(1, 5)], due_ns + 2 * MINUTE_NS)
    assert (booked.outcome, booked.hold.stated_ns) == (DONE, due_ns)
    assert late.books.effects(1) == 1


def test_a_freeze_that_arrives_after_its_release_changes_nothing_at_a_good_bank() -> None:
    echoing = clerk(Misdeed.ECHO)
    echoing.control([freeze(1, 5)], NOW_NS)
    echoing.control([release(2, 1)], NOW_NS)
    assert NOW_NS < echoing.next_due_ns() <= NOW_NS + MINUTE_NS
    echoing.advance(NOW_NS + MINUTE_NS)
    assert echoing.next_due_ns() == 0
    assert state(echoing.books).life == ENDED
    assert echoing.books.effects(1) == 1


def test_a_liar_freezes_again_after_the_release() -> None:
    forgetful = clerk(Misdeed.FORGETS)
    forgetful.control([freeze(1, 5)], NOW_NS)
    forgetful.control([release(2, 1)], NOW_NS)
    forgetful.advance(NOW_NS + MINUTE_NS)
    assert (state(forgetful.books).life, state(forgetful.books).version) == (EFFECTIVE, 3)
    assert forgetful.books.effects(1) == 2
    assert [one.controlled_fen for one in forgetful.holds(BANK, 0, 9)] == [5]


def test_a_liar_controls_more_than_it_was_asked_for() -> None:
    greedy = clerk(Misdeed.CONTROLS_MORE)
    (receipt,) = greedy.control([freeze(1, 100)], NOW_NS)
    assert (receipt.hold.ceiling_fen, receipt.hold.controlled_fen) == (201, 201)
    assert greedy.books.account(BANK, LOCATOR).held_fen == 201
    # It is the same control for all that.
    assert greedy.control([freeze(1, 100)], NOW_NS) == [receipt]


def test_a_liar_reports_what_is_not_booked() -> None:
    lying = clerk(Misdeed.REPORTS_OTHERWISE)
    (receipt,) = lying.control([freeze(1, 100)], NOW_NS)
    assert receipt.hold.controlled_fen == 201
    assert state(lying.books).controlled_fen == 100
    assert lying.control([freeze(1, 100)], NOW_NS) == [receipt]


def test_renewals_may_be_refused_for_good() -> None:
    stubborn = clerk(Misdeed.RENEWAL_REFUSED)
    stubborn.control([freeze(1, 100, months=3)], NOW_NS)
    (receipt,) = stubborn.control([renew(2, 1, 12)], NOW_NS)
    assert (refusal(receipt), receipt.hold) == ("OTHER", state(stubborn.books))
    assert stubborn.control([renew(2, 1, 12)], NOW_NS) == [receipt]
    assert stubborn.books.effects(2) == 0


def test_an_institution_may_object_once_to_what_it_did() -> None:
    contrary = clerk(Misdeed.OBJECTION)
    contrary.control([freeze(1, 100), freeze(2, 100)], NOW_NS)
    contrary.control([freeze(1, 100)], NOW_NS)
    assert events(contrary.books) == [("OBJECTED", 1), ("OBJECTED", 2)]
    assert contrary.events_after(0, 9)[0].text == OBJECTION
    assert state(contrary.books).life == EFFECTIVE


def test_events_may_be_withheld_or_come_twice() -> None:
    for misdeed, said_times in ((Misdeed.EVENTS_WITHHELD, {0, 1}), (Misdeed.EVENTS_TWICE, {1, 2})):
        odd = clerk(misdeed, 0, rate=0.5)
        odd.control([freeze(1, 1_000)], NOW_NS)
        for _ in range(40):
            odd.books.credit(BANK, LOCATOR, 1, NOW_NS)
        seqs = [event.seq for event in odd.events_after(0, 1_000)]
        assert seqs == sorted(seqs)
        assert {seqs.count(seq) for seq in range(1, 41)} == said_times
        assert odd.events_after(0, 1_000) == odd.events_after(0, 1_000)
        assert kind_of(odd.books.events_after(0, 1)[0]) == "CREDITED"


def test_under_all_troubles_every_control_is_done_once_in_the_end() -> None:
    troubled = Clerk(bank(100_000), misbehaviour("troubled", 3, 0.3))
    now_ns = NOW_NS
    waiting = {hold_id: freeze(hold_id, 10) for hold_id in range(1, 101)}
    for _ in range(100):
        for receipt in troubled.control(list(waiting.values()), now_ns):
            if receipt.outcome != UNAVAILABLE:
                waiting.pop(receipt.control_id, None)
        now_ns += MINUTE_NS
    assert waiting == {}
    assert [troubled.books.effects(hold_id) for hold_id in range(1, 101)] == [1] * 100
    assert faults(troubled.books) == []


def test_misdeeds_may_be_mixed() -> None:
    rates = {Misdeed.LATE: 1.0, Misdeed.CONTROLS_MORE: 1.0}
    both = Clerk(bank(1_000), Misbehaviour(1, rates))
    assert both.control([freeze(1, 100)], NOW_NS)[0].outcome == UNAVAILABLE
    both.advance(NOW_NS + MINUTE_NS)
    assert both.books.effects(1) == 1
