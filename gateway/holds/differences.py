"""Differences: where an institution's books and the ledger do not say the same of a hold.

Pure. What is free in the account and the institution's clock change by themselves and are no difference; a
higher version there may be on its way here.
"""

from collections.abc import Callable, Iterable
from typing import Final

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2

ENDED: Final = hold_pb2.HOLD_LIFE_ENDED
FIELDS: Final = (
    "version",
    "life",
    "end",
    "ceiling_fen",
    "whole",
    "controlled_fen",
    "deducted_fen",
    "queue_position",
    "effective_from",
    "effective_until",
)


def differences(
    ours: Iterable[hold_pb2.HoldStatement],
    theirs: Iterable[hold_pb2.HoldStatement],
    had_hold: Callable[[int], bool] = lambda _hold_id: False,
) -> list[controls_pb2.Difference]:
    """Every difference, by hold id. What ended there and was settled here long ago (`had_hold`) is none."""
    here = {one.hold_id: one for one in ours}
    there = {one.hold_id: one for one in theirs}
    found: list[controls_pb2.Difference] = []
    for hold_id in sorted(here.keys() | there.keys()):
        mine, other = here.get(hold_id), there.get(hold_id)
        if mine is None and other is not None and other.life == ENDED and had_hold(hold_id):
            continue
        if mine is None or other is None:
            field = "missing_here" if mine is None else "missing_there"
            found.append(controls_pb2.Difference(hold_id=hold_id, field=field))
        else:
            found.extend(
                controls_pb2.Difference(
                    hold_id=hold_id, field=field, ours=_text(mine, field), theirs=_text(other, field)
                )
                for field in FIELDS
                if getattr(mine, field) != getattr(other, field)
            )
    return found


def _text(statement: hold_pb2.HoldStatement, field: str) -> str:
    value = getattr(statement, field)
    kind = hold_pb2.HoldStatement.DESCRIPTOR.fields_by_name[field].enum_type
    return kind.values_by_number[value].name if kind is not None else str(value)
