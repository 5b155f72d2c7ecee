"""What the directory says of one institution and of one endpoint.

Frozen: a changed institution is a new one in a new directory. No file is read here and nothing is checked;
files.py makes these from rows that it has checked.
"""

from dataclasses import dataclass

INQUIRE = "INQUIRE"
FREEZE = "FREEZE"
DEDUCT = "DEDUCT"

# Bits of `can` in a snapshot, as _core.pyi has them.
CAPABILITY_BITS = {INQUIRE: 1, FREEZE: 2, DEDUCT: 4}


@dataclass(frozen=True, slots=True)
class Institution:
    """One of those that are asked. `endpoint` is an endpoint's index; `province` is empty for a unit."""

    index: int
    key: str
    zh: str
    institution_class: str
    province: str
    endpoint: int
    items: tuple[int, ...]
    can: frozenset[str]

    @property
    def is_unit(self) -> bool:
        """A registry or payment firm, not a bank."""
        return not self.province


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A wire address that answers for the institutions in `institutions` (their indexes, ascending).

    `hours` is "always" or "HH:MM-HH:MM" in Beijing; policy/hours reads it. `endpoint_class` is what metrics
    are grouped by: a class of banks, provincial_union, sponsor or unit.
    """

    index: int
    key: str
    line: str
    zh: str
    protocol: str
    max_batch_entries: int
    max_batch_bytes: int
    in_flight_max: int
    hours: str
    institutions: tuple[int, ...]
    endpoint_class: str
