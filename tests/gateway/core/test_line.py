"""Line: batches are cut within the limits, and shared where they can be; what failed goes again."""

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from tests.gateway.core.house import cases, change, desk, entries, is_empty, settle_to_the_end
from tests.model.face import CAUSE_BROKEN, CAUSE_UNDELIVERED, CUT_BYTES, CUT_DRAINED, CUT_ENTRIES
from tests.model.world import (
    BANK,
    BANKS,
    DIRECT,
    FIRST,
    HUB,
    HUB_BANKS,
    SECOND,
    Desk,
    inquiry,
    only,
    person,
)


def many(count: int, **fields: object) -> list[gateway.Inquiry]:
    return [inquiry(f"m{at}", person(at), **fields) for at in range(count)]


def test_all_endpoints_with_the_same_cut_get_the_same_object() -> None:
    at = desk()
    at.submit(*many(5))
    taken = at.take()
    assert len(taken) == 4
    assert len({id(sent.batch.message) for sent in taken}) == 1
    assert len({sent.batch.id for sent in taken}) == 1


def test_an_endpoint_with_lower_limits_is_cut_where_others_were() -> None:
    """Three entries and then two: everybody can have both cuts, and shares them."""
    at = desk()
    change(at, 2, limits={HUB: (3, 1 << 20)})
    at.submit(*many(5))
    taken = [(sent.batch.endpoint, sent.batch.reason, len(cases(sent))) for sent in at.take()]
    assert [row for row in taken if row[0] == HUB] == [(HUB, CUT_ENTRIES, 3), (HUB, CUT_DRAINED, 2)]


@pytest.mark.parametrize("entries_max", [1, 2, 3, 4, 7, 8, 9])
def test_no_batch_has_more_than_its_entries(entries_max: int) -> None:
    at = desk()
    change(at, 2, limits={HUB: (entries_max, 1 << 20)})
    for first in (0, 3, 6):
        at.submit(*[inquiry(f"o{n}", person(n)) for n in range(first, first + 3)])
    sent = [one for one in at.take() if one.batch.endpoint == HUB]
    assert [case for one in sent for case in cases(one)] == [f"case o{n}" for n in range(9)]
    assert max(one.batch.entry_count for one in sent) == min(entries_max, 9)


@pytest.mark.parametrize("bytes_max", range(1, 900, 37))
@pytest.mark.parametrize("scope", [None, only(FIRST, SECOND)], ids=["log", "lane"])
def test_no_batch_of_several_entries_has_more_than_its_bytes(
    bytes_max: int, scope: gateway.Scope | None
) -> None:
    at = desk()
    change(at, 2, limits={HUB: (100, bytes_max)})
    at.submit(*[inquiry(f"o{n}", person(n), scope=scope) for n in range(9)])
    sent = [one for one in at.take() if one.batch.endpoint == HUB]
    assert [case for one in sent for case in cases(one)] == [f"case o{n}" for n in range(9)]
    for one in sent:
        assert len(one.batch.message) <= bytes_max or one.batch.entry_count == 1
        assert one.batch.reason in (CUT_BYTES, CUT_DRAINED)


def test_limits_are_those_of_the_newest_directory() -> None:
    at = desk(is_open=False)
    at.submit(*many(6), *[inquiry(f"l{n}", person(n), scope=only(FIRST), items=[1]) for n in range(6)])
    change(at, 2, limits={HUB: (2, 1 << 20)})
    at.engine.open_endpoint(HUB, 16)
    assert [one.batch.entry_count for one in at.take()] == [2] * 6


def failed_twice(at: Desk) -> None:
    for _ in range(2):
        at.fail(at.take_one(HUB), CAUSE_BROKEN)


@pytest.mark.parametrize("scope", [None, only(FIRST)], ids=["log", "lane"])
def test_halves_written_under_lower_limits_lose_nothing(scope: gateway.Scope | None) -> None:
    at = desk()
    at.submit(*many(8, scope=scope))
    failed_twice(at)
    change(at, 2, limits={HUB: (3, 1 << 20)})
    taken = at.take()
    assert sorted(case for one in taken for case in cases(one)) == sorted(f"case m{n}" for n in range(8))
    assert max(one.batch.entry_count for one in taken) <= 3
    for one in taken:
        at.settle(one, one.reply())
    assert len([answer for answer in at.answers() if answer.stage == gateway.STAGE_FINAL]) == 8
    assert is_empty(at)


def test_what_never_left_is_the_same_batch_again() -> None:
    at = desk()
    at.submit(inquiry("a", scope=only(BANK)))
    sent = at.take_one(DIRECT)
    for _ in range(300):
        at.fail(sent, CAUSE_UNDELIVERED)
        again = at.take_one(DIRECT)
        assert again.batch.message is sent.batch.message
    at.settle(sent, sent.reply())
    assert is_empty(at)


def test_queries_on_the_wire_are_counted_once_each() -> None:
    at = desk()
    at.submit(*many(3), inquiry("x", person(7), scope=only(*BANKS)))
    settle_to_the_end(at)
    asked = 3 * (1 + 3 + 1 + 1) + 4
    assert at.engine.stats()["queries_on_wire"] == asked


def test_a_hole_left_by_a_cancel_is_void_for_those_cut_later() -> None:
    at = desk(is_open=False)
    numbers = at.submit(*many(3))
    at.engine.open_endpoint(DIRECT, 1)
    at.take_one(DIRECT)
    at.engine.cancel(numbers[1], at.now_ns)
    at.engine.open_endpoint(HUB, 1)
    (sent,) = at.take()
    assert cases(sent) == ["case m0", "", "case m2"]
    assert entries(sent)[1].ByteSize() == 0
    assert sent.batch.query_count == 2 * len(HUB_BANKS)
