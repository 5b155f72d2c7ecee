"""Holds report: the figures of what was enforced, in the shape of "holds" in out/demo.json.

Pure. A claim is met when it is covered to the fen, or by a thing that cannot be divided; what is over counts
against the gateway unless it is marked so.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from chakong.gateway.v1.controls_pb2 import ClaimView


@dataclass(frozen=True, slots=True)
class HoldsReport:
    """`by_state`: holds by where they stand."""

    claims: int
    met: int
    short: int
    over: int
    cover_fen: int
    due_fen: int
    exposed_fen: int
    worst_over_fen: int
    by_state: dict[str, int]
    reconcile_differences: int

    def as_json(self) -> dict[str, Any]:
        """The keys are a published contract."""
        return asdict(self)


def holds_report(
    claims: Iterable[ClaimView], by_state: dict[str, int], reconcile_differences: int
) -> HoldsReport:
    """What the claims come to."""
    views = list(claims)
    over = [one.cover_fen - one.due_fen for one in views if _is_over(one)]
    short = sum(one.cover_fen < one.due_fen for one in views)
    return HoldsReport(
        claims=len(views),
        met=len(views) - short - len(over),
        short=short,
        over=len(over),
        cover_fen=sum(one.cover_fen for one in views),
        due_fen=sum(one.due_fen for one in views),
        exposed_fen=sum(one.exposed_fen for one in views),
        worst_over_fen=max(over, default=0),
        by_state=by_state,
        reconcile_differences=reconcile_differences,
    )


def _is_over(view: ClaimView) -> bool:
    return view.cover_fen > view.due_fen and not view.indivisible
