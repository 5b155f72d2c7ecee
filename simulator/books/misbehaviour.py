"""Misbehaviour: what may go wrong between an institution's books and the gateway, and how often.

Troubles are what a well-behaved institution may meet: whatever was booked stays booked once. Lies are an
institution's own faults. Everything follows from a seed, so that the same day comes again. Pure; the clerk
does it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from simulator.mixing import roll

SECOND_NS = 1_000_000_000
RATE_DEFAULT = 0.05
LATE_S_DEFAULT = 20.0


class Misdeed(Enum):
    """What happens to the controls or events that are struck."""

    # Troubles.
    LOST_REPLY = "lost_reply"  # booked, and the receipt is left out
    REPLY_TWICE = "reply_twice"  # the receipt comes twice
    LATE = "late"  # UNAVAILABLE at first, booked only after a while
    ECHO = "echo"  # a copy of the FREEZE arrives again after its RELEASE; the first receipt stands
    RENEWAL_REFUSED = "renewal_refused"
    OBJECTION = "objection"  # to a FREEZE, right after it
    # Lies.
    FORGETS = "forgets"  # as ECHO, but it is applied again
    CONTROLS_MORE = "controls_more"  # another ceiling is booked than was ordered, and said so
    REPORTS_OTHERWISE = "reports_otherwise"  # the receipt names another amount than is booked
    EVENTS_WITHHELD = "events_withheld"  # events are left out, and never come
    EVENTS_TWICE = "events_twice"


LIES = frozenset({
    Misdeed.FORGETS,
    Misdeed.CONTROLS_MORE,
    Misdeed.REPORTS_OTHERWISE,
    Misdeed.EVENTS_WITHHELD,
    Misdeed.EVENTS_TWICE,
})  # fmt: skip
TROUBLES = frozenset(Misdeed) - LIES


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """None of it, unless rates say so. A rate is a share of what it may strike, 0 to 1."""

    seed: int = 0
    rates: Mapping[Misdeed, float] = field(default_factory=dict)
    delay_ns_max: int = round(LATE_S_DEFAULT * SECOND_NS)  # of what comes late

    def strikes(self, misdeed: Misdeed, *places: int) -> bool:
        """Whether this one is struck; always the same for the same `places` (control id, try, seq)."""
        rate = self.rates.get(misdeed, 0.0)
        return rate > 0 and roll(self.seed, _ORDINALS[misdeed], *places) < rate * 2**64

    def delay_ns(self, misdeed: Misdeed, control_id: int) -> int:
        """From a twentieth of the longest delay up to it."""
        least_ns = self.delay_ns_max // 20
        return least_ns + roll(self.seed, _ORDINALS[misdeed], control_id, 1) % (
            self.delay_ns_max - least_ns + 1
        )


_ORDINALS = {misdeed: place for place, misdeed in enumerate(Misdeed, 1)}

NONE, TROUBLED, LYING = "none", "troubled", "lying"
# What `chakong simulate --books` knows: nothing, all troubles, all lies, or one misdeed.
NAMES = (NONE, TROUBLED, LYING, *(misdeed.value for misdeed in Misdeed))


def misbehaviour(
    name: str, seed: int, rate: float = RATE_DEFAULT, late_s: float = LATE_S_DEFAULT
) -> Misbehaviour:
    """By its name. ValueError for one that is not in NAMES, or a rate beyond 0 to 1."""
    if not 0 <= rate <= 1:
        raise ValueError(f"rate: {rate} given, 0 to 1 allowed")
    groups = {NONE: frozenset[Misdeed](), TROUBLED: TROUBLES, LYING: LIES}
    struck = groups[name] if name in groups else frozenset({Misdeed(name)})
    return Misbehaviour(seed, dict.fromkeys(struck, rate), round(late_s * SECOND_NS))
