"""Burden: what other courts had on a property before anybody here asked.

Everything follows from one number of 64 bits that is drawn with the property, so that the record of an
account nobody touched and the books that open it say the same. Pure. The compiled _draw says the amounts a
second time.
"""

from simulator.mixing import mix

BURDEN_SALT = 0x6C7967A9E3D1B5F7
BURDENED_ONE_IN = 16
# An empty account can be held too.
CEILING_LEAST_FEN = 10_000
DAYS_MAX = 360
DISPOSED_ONE_IN = 4
COURTS = ("鲁0102", "冀0104", "辽0103", "闽0203", "鄂0106", "皖0111", "赣0103", "陕0113")


def burden_of(digits: int) -> int:
    """From the number that the locator's digits are made of."""
    return mix(digits ^ BURDEN_SALT)


def is_burdened(burden: int) -> bool:
    return (burden & 0xFFFF) % BURDENED_ONE_IN == 0


def ceiling_fen(burden: int, free_fen: int) -> int:
    """Up to how much the other court holds of an account with so much unprotected: an eighth to double."""
    return free_fen * (1 + (burden >> 16 & 0xFFFF) % 16) // 8 + CEILING_LEAST_FEN


def held_fen(burden: int, free_fen: int) -> int:
    return min(ceiling_fen(burden, free_fen), free_fen) if is_burdened(burden) else 0


def court_code(burden: int) -> str:
    return COURTS[(burden >> 32 & 0xFF) % len(COURTS)]


def days(burden: int) -> int:
    """How many days after the first touch it stays in force."""
    return (burden >> 40 & 0xFFFF) % DAYS_MAX


def is_disposed_of(burden: int) -> bool:
    """Whether the thing is sold under it in the end, instead of being let go."""
    return (burden >> 56) % DISPOSED_ONE_IN == 0
