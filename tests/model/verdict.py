"""Verdict: spoils an inquiry, and reads what Engine.check says of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chakong.gateway.v1 import gateway_pb2 as gateway

if TYPE_CHECKING:
    from gateway._core import Checked

Spoil = Callable[[gateway.Inquiry], object]


def verdicts(checked: "Checked") -> list[tuple[int, int]]:
    """(index, reason) of what was not newly accepted."""
    return [
        (row.index, row.reason) for row in gateway.SubmitBulkResponse.FromString(checked.response).verdicts
    ]


def faults(checked: "Checked") -> set[tuple[str, str]]:
    (verdict,) = gateway.SubmitBulkResponse.FromString(checked.response).verdicts
    prefix = len("REASON_")
    return {(gateway.Reason.Name(row.reason)[prefix:], row.field) for row in verdict.violations}


def put(path: str, value: object) -> Spoil:
    """Set one field, given by its path."""

    def spoil(spoiled: gateway.Inquiry) -> None:
        *parents, name = path.split(".")
        message: object = spoiled
        for parent in parents:
            message = getattr(message, parent)
        setattr(message, name, value)

    return spoil
