"""Registry: every check there is, in the order in which they are run.

A number never changes its meaning; the hundreds are what a check is about.
"""

from collections.abc import Collection

from conformance.check import Check
from conformance.checks import (
    addressing,
    answering,
    batching,
    describing,
    expiring,
    freezing,
    queueing,
    releasing,
    repeating,
    stating,
    telling,
)

SECTIONS = {
    1: "Who answers",
    2: "What is said",
    3: "Batches",
    4: "A control comes again",
    5: "FREEZE",
    6: "The queue",
    7: "Terms and RENEW",
    8: "RELEASE and DEDUCT",
    9: "What is stated and told",
}
CHECKS: tuple[Check, ...] = (
    *describing.CHECKS,
    *addressing.CHECKS,
    *answering.CHECKS,
    *batching.CHECKS,
    *repeating.CHECKS,
    *freezing.CHECKS,
    *queueing.CHECKS,
    *expiring.CHECKS,
    *releasing.CHECKS,
    *stating.CHECKS,
    *telling.CHECKS,
)
# From here on a check makes holds, and what it made is let go after it.
CONTROLS_FIRST = 400
# When a check of these has failed, those after it up to a number have nothing to work with and are not run.
GATES = {110: 399, 401: 999}


def section(number: int) -> str:
    """What a check of this number is about."""
    return SECTIONS[number // 100]


def gate(number: int, failed: Collection[int]) -> int:
    """The failed check that keeps this one from being run; 0: none does."""
    return next((one for one, last in GATES.items() if one in failed and one < number <= last), 0)


def chosen(numbers: set[int]) -> tuple[Check, ...]:
    """Those with these numbers, or all if there are none. LookupError names one that there is not."""
    unknown = sorted(numbers - {check.number for check in CHECKS})
    if unknown:
        raise LookupError(f"{unknown[0]} given; no check has this number")
    return tuple(check for check in CHECKS if not numbers or check.number in numbers)
