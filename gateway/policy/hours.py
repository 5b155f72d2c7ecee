"""Hours: when an endpoint takes calls.

Pure: the caller passes `now_ns`. Written as "always" or "HH:MM-HH:MM" in Beijing time (UTC+8, no summer time
since 1991); a span whose end is not after its start crosses midnight, and one of equal ends is the whole day.
It knows no holidays: the endpoints' agreements name none.
"""

import re
from dataclasses import dataclass
from typing import Final

BEIJING_OFFSET_NS: Final = 8 * 3_600 * 1_000_000_000
MINUTE_NS: Final = 60 * 1_000_000_000
DAY_NS: Final = 24 * 60 * MINUTE_NS
NEVER_NS: Final = 2**63 - 1
ALWAYS: Final = "always"

SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `from_ns` after Beijing midnight until just before `to_ns`; equal: at any time."""

    from_ns: int = 0
    to_ns: int = 0

    def is_open(self, now_ns: int) -> bool:
        """True when calls are taken at `now_ns`."""
        of_day_ns = (now_ns + BEIJING_OFFSET_NS) % DAY_NS
        if self.from_ns < self.to_ns:
            return self.from_ns <= of_day_ns < self.to_ns
        return of_day_ns >= self.from_ns or of_day_ns < self.to_ns

    def next_change_ns(self, now_ns: int) -> int:
        """The first moment after `now_ns` at which `is_open` changes; 2**63 - 1: never."""
        if self.from_ns == self.to_ns:
            return NEVER_NS
        of_day_ns = (now_ns + BEIJING_OFFSET_NS) % DAY_NS
        waits_ns = [(edge_ns - of_day_ns) % DAY_NS or DAY_NS for edge_ns in (self.from_ns, self.to_ns)]
        return now_ns + min(waits_ns)


def parse(text: str) -> Hours:
    """The hours of "always" or "HH:MM-HH:MM". ValueError for anything else."""
    if text == ALWAYS:
        return Hours()
    found = SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"hours: {text!r} given, 'always' or 'HH:MM-HH:MM'")
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in found.groups())
    return Hours((from_hour * 60 + from_minute) * MINUTE_NS, (to_hour * 60 + to_minute) * MINUTE_NS)
