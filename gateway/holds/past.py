"""Past: what stays known of claims that left the ledger, and of holds that left before their claim.

Their ids and those of their orders and case events, so that a repetition is known as one and no id means two
things; and which holds they had. Each stays for the same time after it left, and at least so long: what is
over that is let go of when the next claim leaves. It decides nothing.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from gateway.holds.face import DAY_NS

Key = tuple[str, str]


class PastOrder(NamedTuple):
    """What a repetition of an order is answered with."""

    control_id: int
    hold_id: int
    content_hash: bytes
    waits: bool


@dataclass(frozen=True, slots=True)
class PastClaim:
    """What is known of one claim, so that it can be let go of together; or of some holds of one that goes on:
    then without its id, courts and events. Keys: court, and the court's id."""

    number: int
    claim_id: str
    courts: tuple[str, ...]
    forgotten_ns: int
    orders: dict[Key, PastOrder]
    events: tuple[Key, ...]
    hold_ids: tuple[int, ...]


class Past:
    """In the order in which they left."""

    def __init__(self) -> None:
        self.claims: deque[PastClaim] = deque()
        self.claim_ids: dict[Key, int] = {}
        self.orders: dict[Key, PastOrder] = {}
        self.hold_ids: set[int] = set()
        # Holds up to this one that nobody knows are of claims that were let go of.
        self.gone_hold_id = 0

    def add(self, claim: PastClaim) -> None:
        """A claim left."""
        self.claims.append(claim)
        for court in claim.courts:
            self.claim_ids[court, claim.claim_id] = claim.number
        self.orders.update(claim.orders)
        self.hold_ids.update(claim.hold_ids)

    def let_go(self, before_ns: int) -> list[PastClaim]:
        """Let go of those that left before, and return them."""
        gone: list[PastClaim] = []
        while self.claims and self.claims[0].forgotten_ns < before_ns:
            gone.append(self.claims.popleft())
        for claim in gone:
            for court in claim.courts:
                self.claim_ids.pop((court, claim.claim_id), None)
            for key in claim.orders:
                self.orders.pop(key, None)
            self.hold_ids.difference_update(claim.hold_ids)
            self.gone_hold_id = max(self.gone_hold_id, *claim.hold_ids, 0)
        return gone

    def had_hold(self, hold_id: int) -> bool:
        """Whether this hold was of a claim that left."""
        return hold_id in self.hold_ids or hold_id <= self.gone_hold_id


def left_text(keep_ns: int) -> str:
    """What a caller is told who asks for something that is not there."""
    return f"; what is settled leaves {keep_ns // DAY_NS} days after its last change" if keep_ns else ""
