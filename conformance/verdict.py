"""Verdict: what came of one check.

A check returns when all is as it should be, and raises when it is not or when it cannot be run. Pure.
"""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


class FailedError(Exception):
    """The endpoint did not do what the contract or the law says."""

    def __init__(self, expected: str, came: str) -> None:
        super().__init__(f"expected {expected}, came {came}")
        self.expected = expected
        self.came = came


class NotRunError(Exception):
    """The check needs something that the fixture does not name or the endpoint does not offer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """`expected` and `came` of a failed check; `reason` of one that was not run."""

    number: int
    state: State
    expected: str = ""
    came: str = ""
    reason: str = ""
    took_ms: int = 0


def require(what: str, expected: object, came: object) -> None:
    """FailedError unless both are equal."""
    if came != expected:
        raise FailedError(f"{what}: {expected}", f"{came}")


def require_that(is_so: bool, expected: str, came: object) -> None:
    """FailedError unless it is so."""
    if not is_so:
        raise FailedError(expected, f"{came}")
