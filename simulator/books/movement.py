"""Movement: what comes into an account and goes out of it by itself.

Money comes in once a month, on a day drawn with the account, and a little goes out every day; both follow
from the account's number of 64 bits. Only what is neither held nor protected is ever spent. Pure.
"""

from typing import NamedTuple

from simulator.mixing import mix

WAGE_LEAST_FEN, WAGE_SPREAD_FEN = 250_000, 1_250_000
TURNOVER_LEAST_FEN, TURNOVER_SPREAD_FEN = 500_000, 20_000_000
# Of other personal accounts one in so many is paid into.
PERSONAL_ONE_IN = 4
MONTH_DAYS = 30
_MOVEMENT_SALT = 0x51E2D3C4B5A69788
_TURNING = frozenset({"general_settlement", "basic_settlement", "merchant"})


class Movement(NamedTuple):
    """One account's."""

    income_fen: int
    payday: int  # day of the month, 1 to 28
    spending_fen: int  # a day


def movement_of(burden: int, item: int, kind: str, currency: str) -> Movement | None:
    """None: it lies still, as time deposits and foreign money do."""
    luck = mix(burden ^ _MOVEMENT_SALT)
    if currency or item not in _MOVING_ITEMS:
        return None
    if kind == "wage" or (kind == "personal" and luck % PERSONAL_ONE_IN == 0):
        income_fen = WAGE_LEAST_FEN + (luck >> 8 & 0xFFFFFFFF) % WAGE_SPREAD_FEN
    elif kind in _TURNING:
        income_fen = TURNOVER_LEAST_FEN + (luck >> 8 & 0xFFFFFFFF) % TURNOVER_SPREAD_FEN
    else:
        return None
    # From half to all of it goes out again within the month.
    spending_fen = income_fen * (8 + (luck >> 40 & 0xFF) % 9) // (16 * MONTH_DAYS)
    return Movement(income_fen, 1 + (luck >> 48) % 28, spending_fen)


# Demand deposits and the payment firms.
_MOVING_ITEMS = frozenset({1, 7, 8, 9})
