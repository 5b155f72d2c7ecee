"""Masks: what of a name and a number the public look-up shows back.

Enough to see that it is the right entry, and no more than whoever asked has said already. Pure. A mask is as
long as what it covers.
"""

import unicodedata
from typing import Final

COVER: Final = "*"
# Of a number that is long enough to hide most of: a resident id keeps its province and place, never the birth
# date, never the sequence.
NUMBER_FIRST: Final = 4
NUMBER_LAST: Final = 1
# What is shown is at most this part of it.
SHOWN_PART: Final = 3


def masked_name(name: str) -> str:
    """Its first character; of a name of one, nothing. A mark that belongs to a character is covered."""
    if len(name) < 2 or unicodedata.combining(name[1]):
        return COVER * len(name)
    return name[0] + COVER * (len(name) - 1)


def masked_number(number: str) -> str:
    """Its first four characters and its last; fewer, so that at most a third is shown."""
    shown = min(NUMBER_FIRST + NUMBER_LAST, len(number) // SHOWN_PART)
    last = min(NUMBER_LAST, shown)
    first = shown - last
    return number[:first] + COVER * (len(number) - shown) + number[len(number) - last :]
