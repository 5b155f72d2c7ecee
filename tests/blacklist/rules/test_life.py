"""The tables of what may be done: everything that is not in them is refused."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from blacklist.model import Deed, ObjectionStatus, Refusal, Rule, Status
from blacklist.rules import life


def test_what_is_removed_or_expired_is_never_changed_again() -> None:
    for status, deed in itertools.product((Status.REMOVED, Status.EXPIRED), Deed):
        found = life.after(status, deed)
        assert isinstance(found, Refusal)
        assert found.rule is Rule.NOT_NOW


def test_every_listing_in_force_can_be_removed() -> None:
    for status in (Status.IN_FORCE, Status.REMOVAL_DUE):
        assert life.after(status, Deed.REMOVE) is Status.REMOVED


@given(st.lists(st.sampled_from(list(Deed))))
def test_no_history_leads_out_of_the_table_or_back_onto_the_list(deeds: list[Deed]) -> None:
    status, was_off = Status.IN_FORCE, False
    for deed in deeds:
        found = life.after(status, deed)
        status = status if isinstance(found, Refusal) else found
        assert not (was_off and status in (Status.IN_FORCE, Status.REMOVAL_DUE))
        was_off = was_off or status in (Status.REMOVED, Status.EXPIRED)


def test_objection_is_decided_once_and_reviewed_once() -> None:
    status = ObjectionStatus.OPEN
    for deed in (Deed.REJECT, Deed.ASK_REVIEW, Deed.REJECT):
        found = life.objected(status, deed)
        assert not isinstance(found, Refusal)
        status = found
    assert status is ObjectionStatus.REVIEW_REJECTED
    assert all(isinstance(life.objected(status, deed), Refusal) for deed in Deed)
    assert all(isinstance(life.objected(ObjectionStatus.UPHELD, deed), Refusal) for deed in Deed)
