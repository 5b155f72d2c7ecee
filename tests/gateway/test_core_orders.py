"""Engine.check and its kin: order ids that were seen before, and room for more inquiries."""

from typing import TYPE_CHECKING

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from tests.model.face import CHECK_FULL
from tests.model.verdict import Spoil, faults, put, verdicts
from tests.model.world import COURT, KEY, OTHER_COURT, Desk, inquiry

if TYPE_CHECKING:
    from gateway._core import Engine


def test_order_rows_name_key_content_and_id(desk: Desk) -> None:
    checked = desk.check(inquiry("a"), inquiry("b"))
    rows = [checked.orders[start : start + 40] for start in (0, 40)]
    assert len(checked.orders) == 80
    hashes = [row.content_hash for row in journal.Admission.FromString(checked.frame).inquiries]
    assert [row[16:32] for row in rows] == hashes
    assert [int.from_bytes(row[32:], "little") for row in rows] == [1, 2]
    assert rows[0][:16] != rows[1][:16]


@pytest.mark.parametrize("is_admitted", [True, False], ids=["admitted", "reserved"])
def test_the_same_order_gets_the_first_receipt(desk: Desk, is_admitted: bool) -> None:
    first = desk.check(inquiry("a"))
    if is_admitted:
        desk.admit(first)
    again = inquiry("a", urgency=gateway.URGENCY_NORMAL, freshness_s=86_400, items=range(1, 26))
    again.mandate.court_code = COURT
    checked = desk.check(again)
    assert (checked.accepted, checked.repeated, checked.refused) == (0, 1, 0)
    (verdict,) = gateway.SubmitBulkResponse.FromString(checked.response).verdicts
    assert (verdict.reason, verdict.inquiry_id) == (gateway.REASON_SAME_RECEIPT, 1)


@pytest.mark.parametrize(
    "spoil",
    [
        put("subject.name", "张"),
        put("claim_fen", 1),
        put("freshness_s", 0),
        put("deadline_s", 86_400),
        put("urgency", 1),
        put("mandate.officer_id", "other"),
        lambda made: made.items.append(1),
        put("scope.reach", gateway.REACH_BANKS),
    ],
)
def test_a_reused_order_id_is_refused(desk: Desk, spoil: Spoil) -> None:
    desk.submit(inquiry("a"))
    other = inquiry("a")
    spoil(other)
    checked = desk.check(other)
    assert verdicts(checked) == [(0, gateway.REASON_ORDER_ID_REUSED)]
    assert (checked.repeated, checked.refused) == (0, 1)


def test_a_reused_order_id_is_told_with_the_other_faults(desk: Desk) -> None:
    desk.submit(inquiry("a"))
    other = inquiry("a")
    other.subject.name = ""
    assert faults(desk.check(other)) == {("ORDER_ID_REUSED", "order_id"), ("NAME_MISSING", "subject.name")}


def test_order_ids_of_two_courts_are_their_own(desk: Desk) -> None:
    desk.submit(inquiry("a"))
    other = inquiry("a")
    other.court_code = OTHER_COURT
    assert desk.submit(other, court=OTHER_COURT) == [2]


def test_a_refused_order_leaves_no_trace(desk: Desk) -> None:
    bad = inquiry("a")
    bad.subject.name = ""
    assert desk.check(bad).refused == 1
    assert desk.submit(inquiry("a")) == [1]


def test_an_abandoned_order_is_free_again(desk: Desk) -> None:
    checked = desk.check(inquiry("a"))
    desk.engine.abandon(checked)
    assert desk.check(inquiry("a", claim_fen=5)).accepted == 1


def test_recalled_orders_are_known(engine_class: "type[Engine]", desk: Desk) -> None:
    rows = desk.check(inquiry("a"), inquiry("b")).orders
    later = Desk(engine_class(KEY, first_inquiry_id=100))
    later.engine.recall_orders(rows)
    checked = later.check(inquiry("b"), inquiry("c"), inquiry("a", claim_fen=5))
    assert verdicts(checked) == [(0, gateway.REASON_SAME_RECEIPT), (2, gateway.REASON_ORDER_ID_REUSED)]
    assert gateway.SubmitBulkResponse.FromString(checked.response).verdicts[0].inquiry_id == 2
    assert checked.first_inquiry_id == 100


def test_forgotten_orders_are_told(engine_class: "type[Engine]") -> None:
    desk = Desk(engine_class(KEY, orders_max=2))
    assert desk.engine.orders_forgotten == 0
    desk.submit(inquiry("a"))
    desk.submit(inquiry("b"))
    assert desk.engine.orders_forgotten == 0
    desk.submit(inquiry("c"))
    assert desk.engine.orders_forgotten > 0
    assert desk.check(inquiry("c")).repeated == 1
    assert desk.check(inquiry("a", claim_fen=5)).accepted == 1


def test_a_full_engine_takes_nothing(engine_class: "type[Engine]") -> None:
    desk = Desk(engine_class(KEY, inquiries_max=2))
    checked = desk.check(inquiry("a"), inquiry("b"))
    full = desk.check(inquiry("c"))
    assert (full.status, full.accepted, full.frame, full.orders) == (CHECK_FULL, 0, b"", b"")
    assert full.error
    desk.engine.abandon(checked)
    desk.admit(desk.check(inquiry("c")))
    assert desk.check(inquiry("a"), inquiry("b")).status == CHECK_FULL
    desk.settle_all()
    assert desk.final().order_id == "c"
    assert desk.check(inquiry("a"), inquiry("b")).accepted == 2
