"""Control line, hostile: whatever an endpoint or a court sends, the gateway goes on, and so do others' holds.

Numbers are drawn from the edges of what the wire can carry.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge.control_line import RECEIPTS_MAX
from gateway.holds import Fault, Ledger, Refusal
from tests.gateway.edge.test_control_line import frozen, is_effective, lined
from tests.gateway.holds.world import COURT, DEDUCT, RELEASE, RENEW, World, as_receipt, bank_indexes, court

U32 = st.sampled_from([0, 1, 20261122, 20261131, 20271122, 99999999, 2**31, 2**32 - 1])
I64 = st.sampled_from([-(2**63), -1, 0, 1, 500_00, 10**15, 2**63 - 1])
SMALL = st.integers(-1, 9)
U64 = st.one_of(st.integers(0, 12), st.sampled_from([2**53, 2**63, 2**64 - 1]))
TEXT = st.sampled_from(["", "x", "曹明", "x" * 300])
HOSTILE = settings(max_examples=300, deadline=None)


def statement(hold_ids: Any) -> Any:
    return st.builds(
        hold_pb2.HoldStatement,
        hold_id=hold_ids,
        institution=st.sampled_from([*bank_indexes(), 0, 3_915, 2**32 - 1]),
        version=st.one_of(st.integers(0, 9), U32),
        life=SMALL,
        end=SMALL,
        ceiling_fen=I64,
        whole=st.booleans(),
        controlled_fen=I64,
        deducted_fen=I64,
        queue_position=U32,
        effective_from=U32,
        effective_until=U32,
        available_fen=I64,
        stated_ns=I64,
    )


def receipts(ids: Any) -> Any:
    return st.builds(
        institution_pb2.ControlReceipt,
        control_id=ids,
        outcome=SMALL,
        refusal=SMALL,
        text=TEXT,
        requested_fen=I64,
        hold=st.one_of(st.none(), statement(ids)),
        deducted_fen=I64,
    )


def events(ids: Any) -> Any:
    return st.builds(
        institution_pb2.HoldEvent, seq=U64, kind=SMALL, hold=st.one_of(st.none(), statement(ids)), text=TEXT
    )


def busy_world() -> World:
    """Holds in force and on their way, with controls out on them."""
    world = World()
    world.claim(1_000_00)
    first = world.freeze(world.account("6220", 300_00), 300_00, available_fen=300_00)
    second = world.freeze(world.account("6221", 200_00), 400_00, available_fen=200_00)
    world.settle()
    world.accepted(RENEW, hold_id=first, months=3)
    world.accepted(DEDUCT, hold_id=second, amount_fen=50_00)
    world.freeze(world.account("6222", 100_00), 100_00, available_fen=100_00)
    world.accepted(RELEASE, hold_id=first, ceiling_fen=10_00)
    world.take()
    return world


IDS = st.one_of(st.integers(1, 9), st.sampled_from([0, 2**64 - 1]))


def hear(ledger: Ledger, endpoint: int, word: Any) -> Fault | None:
    if isinstance(word, institution_pb2.ControlReceipt):
        return ledger.receipt(endpoint, as_receipt(word))
    return ledger.event(endpoint, word)


@HOSTILE
@given(words=st.lists(st.one_of(receipts(IDS), events(IDS)), min_size=1, max_size=6))
def test_no_word_of_an_endpoint_breaks_the_ledger_or_its_replay(words: list[Any]) -> None:
    world = busy_world()
    endpoint = next(iter(world.banks))
    for word in words:
        fault = world.do(lambda ledger, word=word: hear(ledger, endpoint, word))  # type: ignore[misc]
        if isinstance(fault, Fault):
            assert "曹明" not in fault.text
            assert len(fault.text) < 200
    again = world.replayed()
    for view in world.holds():
        assert again.hold_view(view.hold_id, world.now_ns) == view
    claim = world.look()
    assert claim.gap_fen >= 0


@HOSTILE
@given(
    order=st.builds(
        controls_pb2.ControlOrder,
        order_id=TEXT,
        court_code=st.sampled_from([COURT, "", "x"]),
        notice_number=TEXT,
        kind=SMALL,
        claim_id=st.sampled_from(["c1", "", "x"]),
        hold_id=U64,
        available_fen=st.one_of(st.none(), I64),
        ceiling_fen=I64,
        whole=st.booleans(),
        amount_fen=I64,
        months=U32,
        replaces_hold_id=U64,
        urgent=st.booleans(),
        reason=TEXT,
    ),
    parts=st.booleans(),
    place=st.builds(
        hold_pb2.Property,
        institution=st.sampled_from([*bank_indexes(), 0, 3_915, 3_916, 2**32 - 1]),
        item=U32,
        locator=TEXT,
        kind=TEXT,
        currency=TEXT,
    ),
)
def test_no_order_of_a_court_breaks_the_ledger(
    order: controls_pb2.ControlOrder, parts: bool, place: hold_pb2.Property
) -> None:
    world = busy_world()
    if parts:
        base = world.freeze_message(world.account("6229", 1), 1)
        order.mandate.CopyFrom(base.mandate)
        order.subject.CopyFrom(base.subject)
    order.property.CopyFrom(place)
    decision = world.order(order)
    if isinstance(decision, Refusal):
        assert len(decision.text) < 300
        assert "曹明" not in decision.text
    preview = world.ledger.preview(order, court(), world.now_ns)
    # Taken once, it is the same order again; refused, it is refused again.
    assert isinstance(decision, Refusal) == bool(preview.rule)


@pytest.mark.parametrize("beside", [b"", b"\x1a\x00"])
async def test_more_receipts_than_can_be_are_a_failed_call(beside: bytes) -> None:
    """Read in place, and by the runtime, which knows no field 3."""
    async with lined() as (study, call, line):
        control = call.control
        empty = institution_pb2.ReceiptBatch(receipts=[institution_pb2.ControlReceipt()])
        talkative = [empty.SerializeToString() * (RECEIPTS_MAX + 1) + beside]

        async def answer(batch: bytes, timeout_s: float) -> bytes:
            right = await control(batch, timeout_s)
            return talkative.pop() if talkative else right

        call.control = answer  # type: ignore[method-assign]
        (hold_id,) = await frozen(study, 10_00)
        await study.until(lambda: is_effective(study, hold_id))
        assert line.counts.failures == {"TOO_LARGE": 1}
        assert study.bank.effects[hold_id] == 1
