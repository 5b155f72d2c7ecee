"""Ticket: a dict of ids, with pages of sixteen and cohorts of those that are alike."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.testing_queue import Tickets
from tests.gateway.core.samples import unhurried

# Neighbours in a page, and pages far apart.
ids = st.one_of(st.integers(0, 60), st.integers(2**48 - 40, 2**48 - 1), st.integers(0, 2**48 - 1))
acts = st.lists(st.tuples(st.booleans(), ids), max_size=150)


@unhurried
@given(acts=acts)
def test_tickets_agree_with_a_dict(acts: list[tuple[bool, int]]) -> None:
    tickets = Tickets()
    model: dict[int, int] = {}
    for turn, (is_new, inquiry_id) in enumerate(acts):
        if is_new and inquiry_id not in model:
            model[inquiry_id] = number = tickets.new(inquiry_id)
            assert tickets.marked(number) == 0, "a new ticket is empty"
            tickets.mark(number, turn + 1)
            if turn % 3 == 0:
                assert tickets.tell(number)
        elif not is_new and model:
            gone = min(model, key=lambda known: abs(known - inquiry_id))
            tickets.free(model.pop(gone))
            assert tickets.find(gone) is None
        assert len(tickets) == len(model)
        assert tickets.page_count == len({known >> 4 for known in model})
    for known, number in model.items():
        assert tickets.find(known) == number
        assert tickets.inquiry_id(number) == known
        assert tickets.marked(number) > 0
        assert (tickets.find(known + 1) is None) == (known + 1 not in model)
    assert len(set(model.values())) == len(model)


def test_tickets_of_one_frame_with_one_deadline_are_a_cohort() -> None:
    tickets = Tickets()
    numbers = [tickets.new(at, frame, due) for at, frame, due in ((5, 0, 9), (6, 0, 9), (8, 0, 9))]
    numbers += [tickets.new(at, frame, due) for at, frame, due in ((9, 0, 7), (10, 1, 7), (11, 1, 7))]
    assert [tickets.cohort(number) for number in numbers] == [(5, 4, 3)] * 3 + [(9, 1, 1)] + [(10, 2, 2)] * 2
    assert tickets.cohort_count == 3
    for number in numbers:
        tickets.free(number)
    assert (tickets.cohort_count, tickets.page_count, len(tickets)) == (0, 0, 0)


def test_a_frame_number_that_is_used_again_begins_a_cohort() -> None:
    tickets = Tickets()
    tickets.free(tickets.new(1, 0, 9))
    assert tickets.cohort(tickets.new(2, 0, 9)) == (2, 1, 1)
