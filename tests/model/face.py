"""Face: the numbers and the plain values of gateway/_core.pyi, for the model.

Equal by name and number to those of the compiled module; a test compares them.
"""

from dataclasses import dataclass
from typing import Final

FAULT_NONE: Final = 0
FAULT_GARBAGE: Final = 1
FAULT_UNKNOWN_BATCH: Final = 2
FAULT_UNKNOWN_INDEX: Final = 3
FAULT_WRONG_INSTITUTION: Final = 4
FAULT_FOREIGN_RECORD: Final = 5
FAULT_REFUSAL: Final = 6

CAUSE_UNDELIVERED: Final = 1
CAUSE_BROKEN: Final = 2
CAUSE_TIMEOUT: Final = 3
CAUSE_REFUSED: Final = 4
CAUSE_GARBAGE: Final = 5

CUT_DRAINED: Final = 1
CUT_ENTRIES: Final = 2
CUT_BYTES: Final = 3
CUT_SEGMENT: Final = 4
CUT_AGAIN: Final = 5
CUT_HALF: Final = 6
CUT_REST: Final = 7

CHECK_OK: Final = 0
CHECK_INVALID: Final = 3
CHECK_FULL: Final = 8


@dataclass(frozen=True, slots=True)
class Checked:
    status: int
    error: str
    response: bytes
    frame: bytes
    orders: bytes
    accepted: int
    repeated: int
    refused: int
    first_inquiry_id: int
    refused_by_reason: dict[int, int]


@dataclass(frozen=True, slots=True)
class Batch:
    endpoint: int
    id: int
    message: bytes
    entry_count: int
    query_count: int
    reason: int


@dataclass(frozen=True, slots=True)
class Answers:
    court: str
    message: bytes
    count: int
    finals: bytes


@dataclass(frozen=True, slots=True)
class Settled:
    batch_id: int
    fault: int
