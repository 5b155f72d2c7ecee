"""Cases: one spelling of a case number, however clerks write it.

Width, kinds of brackets and spaces are written differently from court to court and mean nothing; what a
service stores, compares and looks for is `normal`. Pure. It does not check whether a case number is one.
"""

import unicodedata
from typing import Final

_BRACKETS: Final = str.maketrans("[]\u3010\u3011\u3014\u3015", "()()()")


def normal(case_number: str) -> str:
    """The case number in narrow digits, letters and round brackets, without spaces; never longer than what
    was given, in characters."""
    narrow = case_number
    if not unicodedata.is_normalized("NFKC", narrow):
        narrow = "".join(map(_narrow, narrow))
    return "".join(narrow.translate(_BRACKETS).split())


def _narrow(character: str) -> str:
    """A character that would become several is no other width of one."""
    found = unicodedata.normalize("NFKC", character)
    return found if len(found) == 1 else character
