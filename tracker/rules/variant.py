"""Variant: what a due day was counted with, in 32 bits, so that millions can be counted again without their
events.

Pure. Profiles by their place in Law.profiles: a variant is read with the law that it was written under.
"""

from typing import Final, NamedTuple

PROFILE_BITS: Final = 10
ROUTE_SHIFT: Final = 10
URGENT: Final = 1 << 12
NON_LITIGATION: Final = 1 << 13
ENDING: Final = 1 << 14
# The last day was told and is not counted.
TOLD: Final = 1 << 15
# Its excluded days change with the limit, or it has no rule: only its events tell.
UNSURE: Final = 1 << 16
EXTENSION_SHIFT: Final = 17
EXTENSION_MAX: Final = 0xFF
PROFILE_MASK: Final = (1 << PROFILE_BITS) - 1
ROUTE_MASK: Final = 3


class Variant(NamedTuple):
    """The parts of a variant; `route` is a place in words.ROUTES, `extension` a number of the rule's unit."""

    profile: int
    route: int = 0
    flags: int = 0
    extension: int = 0


def pack(variant: Variant) -> int:
    """The 32 bits."""
    if not 0 <= variant.profile <= PROFILE_MASK or not 0 <= variant.extension <= EXTENSION_MAX:
        raise ValueError(
            f"variant: profile {variant.profile}, extension {variant.extension} given, "
            f"at most {PROFILE_MASK} and {EXTENSION_MAX}"
        )
    return (
        variant.profile | variant.route << ROUTE_SHIFT | variant.flags | variant.extension << EXTENSION_SHIFT
    )


def unpack(packed: int) -> Variant:
    """The parts again."""
    flags = packed & (URGENT | NON_LITIGATION | ENDING | TOLD | UNSURE)
    return Variant(
        packed & PROFILE_MASK,
        packed >> ROUTE_SHIFT & ROUTE_MASK,
        flags,
        packed >> EXTENSION_SHIFT & EXTENSION_MAX,
    )
