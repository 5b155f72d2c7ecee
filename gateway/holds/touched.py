"""Touched: which holds the facts of a frame are about. Pure."""

from collections.abc import Callable

from chakong.journal.v1 import ledger_pb2


def holds_in(body: bytes, hold_of: Callable[[int], int]) -> tuple[int, ...]:
    """The ids of the holds, each once. `hold_of` gives the hold that a control is about; 0: there is none."""
    found: dict[int, None] = {}
    for fact in ledger_pb2.Step.FromString(body).facts:
        hold_id = _hold_of_fact(fact, hold_of)
        if hold_id:
            found[hold_id] = None
    return tuple(found)


def _hold_of_fact(fact: ledger_pb2.Fact, hold_of: Callable[[int], int]) -> int:
    match fact.WhichOneof("fact"):
        case "ordered":
            hold_id = fact.ordered.control.hold_id
        case "happened":
            hold_id = fact.happened.event.hold.hold_id
        case "received":
            hold_id = hold_of(fact.received.receipt.control_id)
        case "ended" | "approved" as kind:
            hold_id = hold_of(getattr(fact, kind).control_id)
        case "overdue" | "lapsed" | "unpaired" as kind:
            hold_id = getattr(fact, kind).hold_id
        case "case_recorded":
            hold_id = fact.case_recorded.event.hold_id
        case _:
            hold_id = 0
    return hold_id
