"""Sameness: all that a ledger shows, as one value, so that two ledgers can be compared bit for bit.

What a process has sent is its own: a FREEZE that left is shown as requested here.
"""

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import HoldQuery, Ledger
from gateway.holds.query import ClaimQuery

EVERYTHING = HoldQuery(ended=True, count_max=1_000_000)
COURTS = ("京0105", "沪0101")


def everything(ledger: Ledger, now_ns: int) -> tuple[object, ...]:
    holds = ledger.hold_views(EVERYTHING, now_ns)
    for hold in holds:
        if hold.life == hold_pb2.HOLD_LIFE_SENT:
            hold.life = hold_pb2.HOLD_LIFE_REQUESTED
    claims = [
        view.SerializeToString(deterministic=True)
        for court in COURTS
        for view in ledger.claim_views(
            ClaimQuery(court, controls_pb2.CLAIM_STATE_UNSPECIFIED, False, "", "", 1_000_000), now_ns
        )
    ]
    institutions = ledger.institutions_with_holds()
    statements = [one.SerializeToString() for index in institutions for one in ledger.statements(index)]
    stats = ledger.stats()
    figures = (stats.claims, stats.holds, stats.controls_open, stats.controls_waiting, stats.exposed_fen)
    cursors = tuple(ledger.cursor(endpoint) for endpoint in range(372))
    return (
        tuple(hold.SerializeToString(deterministic=True) for hold in holds),
        tuple(claims),
        tuple(statements),
        figures,
        cursors,
    )
