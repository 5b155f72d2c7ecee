"""Told: what a gateway could tell: answers and holds, for the tests of reading them."""

from chakong.gateway.v1.controls_pb2 import ControlView, HoldView
from chakong.gateway.v1.gateway_pb2 import STAGE_FINAL, Answer, Coverage, Finding, Stage
from chakong.tracker.v1.case_pb2 import Event
from chakong.type.v1 import hold_pb2
from chakong.type.v1.hold_pb2 import Property
from chakong.type.v1.type_pb2 import END_STATE_FOUND, ID_TYPE_RESIDENT_ID, Record, Subject
from runtime.calendar import midnight_ns

TODAY = 20261123
CASE = "(2026)京0105执1号"
DEBTOR = Subject(id_type=ID_TYPE_RESIDENT_ID, id_number="110105199003070038", name="王伟")
TERMS = {1: "deposit", 14: "movable", 15: "immovable"}
HOUR_NS = 3_600 * 1_000_000_000


def at(day: int) -> int:
    """A moment of this day."""
    return midnight_ns(day) + 10 * HOUR_NS


def record(item: int = 1, locator: str = "6222", amount_fen: int = 500_000, currency: str = "") -> Record:
    """Of a person whose name and number may go nowhere."""
    return Record(
        item=item,
        locator=locator,
        amount_fen=amount_fen,
        currency=currency,
        holder_number="110105199003070038",
        holder_name="王伟",
        description="王伟's",
    )


def finding(*records: Record, institution: int = 7) -> Finding:
    """What one institution found."""
    return Finding(institution=institution, state=END_STATE_FOUND, records=records, reason="王伟")


def answer(
    *findings: Finding,
    inquiry_id: int = 5,
    stage: Stage.ValueType = STAGE_FINAL,
    order_id: str = "order-5",
    day: int = TODAY,
    case_number: str = CASE,
    **counts: int,
) -> Answer:
    """All queries ended NONE, but for the counts and the findings."""
    found = len(findings)
    total = found + sum(counts.values()) + (0 if "none" in counts else 10)
    coverage = Coverage(total=total, found=found, **{"none": 10, **counts})  # type: ignore[arg-type]
    return Answer(
        inquiry_id=inquiry_id,
        order_id=order_id,
        case_number=case_number,
        stage=stage,
        coverage=coverage,
        findings=findings,
        admitted_ns=at(20261120),
        answered_ns=at(day),
    )


def hold(
    *controls: ControlView,
    hold_id: int = 9,
    life: hold_pb2.HoldLife.ValueType = hold_pb2.HOLD_LIFE_EFFECTIVE,
    since: int = 20261101,
    until: int = 20271101,
    locator: str = "6222",
    case_number: str = CASE,
    **fields: int,
) -> HoldView:
    """A hold on an account."""
    freeze = ControlView(
        control_id=hold_id,
        kind=hold_pb2.CONTROL_KIND_FREEZE,
        months=12,
        outcome=hold_pb2.CONTROL_OUTCOME_DONE,
        ended_ns=at(since) if since else 0,
        text="王伟",
    )
    return HoldView(
        hold_id=hold_id,
        case_number=case_number,
        subject=DEBTOR,
        property=Property(institution=7, item=1, locator=locator),
        life=life,
        effective_from=since,
        effective_until=until,
        controls=[freeze, *controls],
        **fields,  # type: ignore[arg-type]
    )


def control(
    control_id: int, kind: hold_pb2.ControlKind.ValueType, day: int, *, waits: bool = False, months: int = 0
) -> ControlView:
    """One that was ordered and done on this day; or one that waits for an officer."""
    return ControlView(
        control_id=control_id,
        kind=kind,
        months=months,
        outcome=hold_pb2.CONTROL_OUTCOME_UNSPECIFIED if waits else hold_pb2.CONTROL_OUTCOME_DONE,
        ordered_ns=at(day),
        ended_ns=0 if waits else at(day),
        waits_for_approval=waits,
    )


def said(events: list[Event]) -> list[tuple[str, str, int]]:
    """Kind, thing and day of each."""
    return [(event.kind, event.thing, event.effective) for event in events]
