"""Mixing: numbers that look like chance and follow from what goes in.

All that the simulator seems to leave to chance (who owns what, who is slow, which batch fails) is such a
number, so that a seed brings the same day again. Pure.
"""

WORD_MASK = 2**64 - 1
STRIDE = 0x9E3779B97F4A7C15


def mix(value: int) -> int:
    """The mixer of SplitMix64 (Steele, Lea, Flood, 2014; constants of Stafford's variant 13): 64 bits to 64
    bits."""
    value &= WORD_MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WORD_MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WORD_MASK
    return value ^ (value >> 31)


def roll(seed: int, *places: int) -> int:
    """64 bits that follow from `seed` and where it is asked for."""
    rolled = mix(seed)
    for place in places:
        rolled = mix(((rolled + STRIDE) & WORD_MASK) ^ place)
    return rolled
