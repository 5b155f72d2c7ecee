"""Folding: the table that says what each character of a name counts as.

Made from Unicode's compatibility forms (NFKC) and case folding, OpenCC's table of traditional and simplified
characters, and the separators that one clerk writes and the next leaves out. One character becomes one
character or none: what would become several stays as it is. Pure.
"""

import unicodedata
from array import array
from functools import cache

import opencc

from blacklist.screening._names import Folding

CHARACTERS = 0x10000
SURROGATES = range(0xD800, 0xE000)
# Between the parts of a name of the west of China (a middle dot, in the shapes that keyboards give), and the
# full stop of initials.
DOTS = frozenset("\u00b7\u2022\u2027\u22c5\u30fb.")
# Spaces, control and format characters: nothing of them is seen.
UNSEEN_CATEGORIES = frozenset(["Zs", "Zl", "Zp", "Cc", "Cf"])
DROPPED = 0
# Traditional to simplified; also what Hong Kong and Taiwan write another way.
VARIANTS = "t2s"


@cache
def folding() -> Folding:
    """The folding of this project; made once, since it takes a moment."""
    return Folding(table())


def table() -> bytes:
    """For each of the 65,536 characters what it folds to, 0 for nothing; 16 bits in the machine's order."""
    plain = [_plain(number) for number in range(CHARACTERS)]
    simplified = _simplified(plain)
    return array("H", (_one(number, simplified[number]) for number in range(CHARACTERS))).tobytes()


def _plain(number: int) -> str:
    """In its compatibility form and small; empty for what does not count."""
    if number in SURROGATES:
        return ""
    text = unicodedata.normalize("NFKC", chr(number))
    if all(one in DOTS or unicodedata.category(one) in UNSEEN_CATEGORIES for one in text):
        return ""
    return unicodedata.normalize("NFKC", text.casefold())


def _simplified(texts: list[str]) -> list[str]:
    """Each by itself: a character is never converted by what stands beside it."""
    converted: str = opencc.OpenCC(VARIANTS).convert("\n".join(texts))
    return converted.split("\n")


def _one(number: int, text: str) -> int:
    if number in SURROGATES:
        return number
    if not text:
        return DROPPED
    return ord(text) if len(text) == 1 and ord(text) < CHARACTERS else number
