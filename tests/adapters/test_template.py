"""Template: envelopes, one or many at a time."""

import pytest

from adapters.contract import Unreadable
from adapters.template import BATCH, REPLY, Template, envelope
from tests.adapters.contract import TEMPLATE, check_replies


@pytest.mark.parametrize("group_size", [1, 2, 3])
def test_replies_may_come_in_groups(group_size: int) -> None:
    check_replies(TEMPLATE, group_size)


def test_a_group_is_read_whole_or_not_at_all() -> None:
    good = envelope(REPLY, b"one")
    with pytest.raises(Unreadable):
        Template().replies(good + envelope(BATCH, b"two"))
    with pytest.raises(Unreadable):
        Template().replies(good + good[:-1])
    assert list(Template().replies(good + good)) == [b"one", b"one"]


def test_nothing_is_no_reply() -> None:
    assert list(Template().replies(b"")) == []
