"""Control orders: accounts, claims and orders for a benchmark of controls, and what must come of each.

A set is so many claims with ACCOUNTS accounts each, at the endpoints in turn. Each account is frozen, the
hold renewed, a part of it deducted, and the rest released: four orders, of which every outcome is known
beforehand. Pure; it sends nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.bench.result import expect
from benchmarks.subjects import subject
from chakong.gateway.v1.controls_pb2 import Claim, ControlOrder, Debtor, HoldView, OrderBulkRequest
from chakong.type.v1.hold_pb2 import (
    CONTROL_KIND_DEDUCT,
    CONTROL_KIND_FREEZE,
    CONTROL_KIND_RELEASE,
    CONTROL_KIND_RENEW,
    CONTROL_OUTCOME_DONE,
    HOLD_END_RELEASED,
    HOLD_END_UNSPECIFIED,
    HOLD_LIFE_EFFECTIVE,
    HOLD_LIFE_ENDED,
    ControlKind,
    Property,
)
from chakong.type.v1.type_pb2 import DEBTOR_ROLE_JUDGMENT_DEBTOR, INSTRUMENT_KIND_RULING, Mandate
from gateway.directory import DEDUCT, FREEZE, Directory

# As many as a claim of the demo has holds, and some more.
ACCOUNTS: Final = 8
ITEM: Final = 1
KIND: Final = "general_settlement"
BALANCE_FEN: Final = 1_000_00
# A hold reaches for more than there is; half of what it controls is deducted.
CEILING_FEN: Final = 1_500_00
DEDUCTED_FEN: Final = BALANCE_FEN // 2
KINDS: Final = (CONTROL_KIND_FREEZE, CONTROL_KIND_RENEW, CONTROL_KIND_DEDUCT, CONTROL_KIND_RELEASE)
# Life, end, controlled and deducted amount of the hold after each.
OUTCOMES: Final = {
    CONTROL_KIND_FREEZE: (HOLD_LIFE_EFFECTIVE, HOLD_END_UNSPECIFIED, BALANCE_FEN, 0),
    CONTROL_KIND_RENEW: (HOLD_LIFE_EFFECTIVE, HOLD_END_UNSPECIFIED, BALANCE_FEN, 0),
    CONTROL_KIND_DEDUCT: (
        HOLD_LIFE_EFFECTIVE,
        HOLD_END_UNSPECIFIED,
        BALANCE_FEN - DEDUCTED_FEN,
        DEDUCTED_FEN,
    ),
    CONTROL_KIND_RELEASE: (HOLD_LIFE_ENDED, HOLD_END_RELEASED, 0, DEDUCTED_FEN),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A claim and what its orders rest on."""

    claim: Claim
    mandate: Mandate
    notice: str


class OrderSet:
    """Claims `first` to `first` + `count` - 1 of one court."""

    def __init__(self, court: str, first: int, count: int, institutions: Sequence[int]) -> None:
        self.court = court
        self.cases = [_case(court, number) for number in range(first, first + count)]
        self.order_count = count * ACCOUNTS
        self._first = first * ACCOUNTS
        self._institutions = institutions

    def accounts(self) -> Iterator[dict[str, Any]]:
        """As `chakong simulate --accounts` wants them."""
        for place in range(self.order_count):
            holder = self.cases[place // ACCOUNTS].claim.debtors[0].subject
            yield {
                "institution": self._institution(place),
                "item": ITEM,
                "locator": self._locator(place),
                "id_type": int(holder.id_type),
                "id_number": holder.id_number,
                "name": holder.name,
                "kind": KIND,
                "balance_fen": BALANCE_FEN,
                "protected_max_fen": 0,
            }

    def messages(self, kind: ControlKind.ValueType, hold_ids: Sequence[int], size: int) -> list[bytes]:
        """Encoded OrderBulkRequests of so many orders each; `hold_ids` by place, none for FREEZE."""
        return [
            OrderBulkRequest(
                orders=[
                    self._order(kind, place, hold_ids[place] if hold_ids else 0)
                    for place in range(start, min(start + size, self.order_count))
                ],
                tag=start,
            ).SerializeToString()
            for start in range(0, self.order_count, size)
        ]

    def place_of(self, order_id: str) -> int:
        """Which account an order is about."""
        return int(order_id[1:]) - self._first

    def expect_hold(self, kind: ControlKind.ValueType, hold: HoldView) -> None:
        """That it is as it must be after this control, which is its last. WrongAnswerError."""
        control = hold.controls[-1]
        place = self.place_of(control.order_id)
        expect("outcome", (control.kind, control.outcome), (kind, CONTROL_OUTCOME_DONE))
        came = (hold.life, hold.end, hold.controlled_fen, hold.deducted_fen)
        expect(f"hold after {ControlKind.Name(kind)}", came, OUTCOMES[kind])
        expect("place", (hold.property.institution, hold.property.locator), self._at(place))
        expect("claim", hold.claim_id, self.cases[place // ACCOUNTS].claim.claim_id)

    def _at(self, place: int) -> tuple[int, str]:
        return self._institution(place), self._locator(place)

    def _institution(self, place: int) -> int:
        return self._institutions[(self._first + place) % len(self._institutions)]

    def _locator(self, place: int) -> str:
        return f"6222{self._first + place:012}"

    def _order(self, kind: ControlKind.ValueType, place: int, hold_id: int) -> ControlOrder:
        case = self.cases[place // ACCOUNTS]
        order = ControlOrder(
            order_id=f"{'-FNLD'[kind]}{self._first + place}",
            court_code=self.court,
            mandate=case.mandate,
            notice_number=case.notice,
            kind=kind,
            claim_id=case.claim.claim_id,
            hold_id=hold_id,
        )
        if kind == CONTROL_KIND_FREEZE:
            order.subject.CopyFrom(case.claim.debtors[0].subject)
            institution, locator = self._at(place)
            order.property.CopyFrom(Property(institution=institution, item=ITEM, locator=locator, kind=KIND))
            order.ceiling_fen = CEILING_FEN
            order.available_fen = BALANCE_FEN
            order.months = 1
        elif kind == CONTROL_KIND_DEDUCT:
            order.amount_fen = DEDUCTED_FEN
        elif kind == CONTROL_KIND_RELEASE:
            order.whole = True
        return order


def able_institutions() -> list[int]:
    """Of each endpoint the first institution that can freeze and deduct, and keeps accounts."""
    directory = Directory.load()
    found = []
    for endpoint in directory.endpoints:
        rows = (directory.institutions[index] for index in endpoint.institutions)
        able = [row.index for row in rows if ITEM in row.items and {FREEZE, DEDUCT} <= set(row.can)]
        found += able[:1]
    return found


def _case(court: str, number: int) -> Case:
    case_number = f"(2026){court}执{number}号"
    claim = Claim(
        claim_id=f"c{number}",
        court_code=court,
        case_number=case_number,
        debtors=[Debtor(subject=subject(number))],
        # So much is due that every hold fits, and nothing is too much.
        principal_fen=ACCOUNTS * CEILING_FEN,
    )
    mandate = Mandate(
        case_number=case_number,
        instrument_number=f"(2026){court}执裁{number}号",
        instrument_kind=INSTRUMENT_KIND_RULING,
        officer_id="0105001",
        debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
    )
    return Case(claim, mandate, f"(2026){court}执通{number}号")
