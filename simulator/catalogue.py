"""Catalogue: what persons and organisations own, and how often.

One draw is one chance to own one thing; a subject's holdings are what comes of all draws of its kind of
holder. The order is part of the population: new draws go to the end. It says nothing about where a thing is
kept; `layout` does.
"""

from dataclasses import dataclass
from enum import IntEnum

# Kinds of account that hold no money.
KINDS_EMPTY = frozenset({"closed"})

# Other names under which a number may be registered, where name and number do not fit: of persons, of
# organisations.
OTHER_NAMES = (
    ("王秀英", "李建国", "张桂兰", "刘志强", "陈玉梅", "杨海涛", "赵文博", "周晓燕"),
    ("远大实业有限公司", "恒通商贸有限公司", "新华物流有限公司", "金桥建材有限公司"),
)

# How many of 65,536 accounts are with each class of bank: those of persons, those of organisations. Deposits
# sit mostly with the large state banks; the village banks are many but small. Own figures.
CLASS_SHARES: dict[str, tuple[int, int]] = {
    "policy_bank": (0, 1_311),
    "large_state_bank": (29_491, 24_904),
    "joint_stock_bank": (9_830, 13_107),
    "city_bank": (7_864, 10_486),
    "private_bank": (1_311, 655),
    "foreign_bank": (328, 1_966),
    "rural_commercial_bank": (9_830, 8_520),
    "rural_credit_cooperative": (3_604, 1_966),
    "village_bank": (3_278, 2_621),
}

# Classes whose banks serve the province they are seated in; the others serve the whole country.
CLASSES_LOCAL = frozenset({"city_bank", "rural_commercial_bank", "rural_credit_cooperative", "village_bank"})


class Holder(IntEnum):
    PERSON = 0
    ORGANISATION = 1


class Identity(IntEnum):
    """How a record's number and name stand to those asked about."""

    FITS = 0
    NAMESAKE = 1  # same name, another number; the institution says AMBIGUOUS
    UNNAMED_NAMESAKE = 2  # the same, without a record
    MISFIT = 3  # the number asked about under another name; the institution says FOUND


@dataclass(frozen=True, slots=True)
class Draw:
    """One chance to own one thing of `item`. `share` of the holders do."""

    holder: Holder
    item: int
    share: float
    kinds: tuple[str, ...]  # equally likely; a repetition weighs; at most 16
    least_fen: int = 0  # amounts spread evenly over powers of two from here up; 0: the thing has no amount
    doublings: int = 0  # the largest amount is below least_fen * 2 ** (doublings + 1)
    locator: str = ""
    digit_count: int = 12  # decimal digits after `locator`, at most 18
    currency: str = ""
    description: str = ""
    identity: Identity = Identity.FITS

    @property
    def threshold(self) -> int:
        """How many of 2**32 draws succeed."""
        return round(self.share * (2**32 - 1))


_PERSON, _FIRM = Holder.PERSON, Holder.ORGANISATION
_SAVINGS = ("personal", "personal", "personal", "personal", "wage", "closed")
_WAGE = ("wage", "wage", "personal")
_BASIC = (*("basic_settlement",) * 7, "closed")
_GENERAL = (*("general_settlement",) * 6, "closed", "closed")

_OF_PERSONS = (
    Draw(_PERSON, 1, 0.80, _SAVINGS, 100, 20, "62", 17),
    Draw(_PERSON, 1, 0.40, _SAVINGS, 100, 18, "62", 17),
    Draw(_PERSON, 1, 0.25, _WAGE, 10_000, 10, "62", 17),
    Draw(_PERSON, 1, 0.03, ("personal",), 10_000, 10, "62", 17, currency="USD"),
    Draw(_PERSON, 2, 0.25, ("personal",), 100_000, 10, "60", 16),
    Draw(_PERSON, 3, 0.22, ("open_ended", "closed_ended"), 1_000_000, 6, "LC", 10),
    Draw(_PERSON, 4, 0.12, ("fund", "fund", "trust"), 100_000, 9, "JJ", 10),
    Draw(_PERSON, 5, 0.04, ("gold", "silver"), 50_000, 7, "GJ", 10),
    Draw(_PERSON, 6, 0.50, ("personal",), locator="62", digit_count=17, description="人民币银行结算账户登记"),
    Draw(_PERSON, 7, 0.35, ("personal",), 1, 20, "2088", 12),
    Draw(_PERSON, 8, 0.35, ("personal",), 1, 18, "wx", 12),
    Draw(_PERSON, 9, 0.10, ("personal",), 1, 16, "jd", 10),
    Draw(_PERSON, 10, 0.08, ("a_share", "a_share", "b_share"), 10_000, 14, "A", 9),
    Draw(_PERSON, 11, 0.05, ("bond", "fund_unit", "fund_unit"), 100_000, 8, "A", 9),
    Draw(_PERSON, 12, 0.10, ("brokerage",), 100, 18, "ZJ", 10),
    Draw(_PERSON, 13, 0.18, ("life", "annuity", "annuity"), 50_000, 8, "BD", 14),
    Draw(_PERSON, 14, 0.22, ("car", "car", "car", "motorcycle", "truck"), 500_000, 6, "牌照", 6),
    Draw(_PERSON, 14, 0.05, ("car",), 500_000, 6, "牌照", 6),
    Draw(_PERSON, 15, 0.22, ("dwelling", "dwelling", "dwelling", "shop"), 20_000_000, 5, "不动产权第", 8),
    Draw(_PERSON, 16, 0.02, ("homestead", "contracted_land"), locator="土地权第", digit_count=8),
    Draw(_PERSON, 17, 0.08, ("limited_company", "partnership"), 1_000_000, 8, "GQ", 13),
    Draw(_PERSON, 18, 0.10, ("director", "supervisor", "legal_representative"), locator="RZ", digit_count=13),
    Draw(_PERSON, 19, 0.002, ("cargo_ship", "tug"), 100_000_000, 4, "CB", 9),
    Draw(_PERSON, 20, 0.004, ("fishing_boat",), 5_000_000, 4, "YC", 9),
    Draw(_PERSON, 21, 0.0002, ("light_aircraft",), 100_000_000, 3, "B-", 4),
    Draw(_PERSON, 22, 0.12, ("passport", "travel_permit"), locator="E", digit_count=8),
    Draw(_PERSON, 23, 0.12, ("married", "married", "divorced"), locator="J", digit_count=15),
    Draw(_PERSON, 24, 0.25, ("pension", "provident_fund"), 10_000, 10, "SB", 14),
    Draw(_PERSON, 25, 0.15, ("debit", "credit"), 1_000, 12, "62", 17, description="近十二个月消费合计"),
    Draw(_PERSON, 1, 1 / 600, ("personal",), 100, 18, "62", 17, identity=Identity.NAMESAKE),
    Draw(_PERSON, 1, 1 / 600, ("personal",), identity=Identity.UNNAMED_NAMESAKE),
    Draw(_PERSON, 1, 1 / 600, ("personal",), 100, 18, "62", 17, identity=Identity.MISFIT),
    Draw(_PERSON, 14, 1 / 600, ("car",), 500_000, 6, "牌照", 6, identity=Identity.MISFIT),
)

_OF_ORGANISATIONS = (
    Draw(_FIRM, 1, 0.80, _BASIC, 1_000, 22, "10", 16),
    Draw(_FIRM, 1, 0.55, _GENERAL, 1_000, 20, "10", 16),
    Draw(_FIRM, 1, 0.25, _GENERAL, 1_000, 20, "10", 16),
    Draw(_FIRM, 1, 0.12, ("margin",), 1_000_000, 8, "12", 16),
    Draw(_FIRM, 1, 0.05, ("migrant_wage_special",), 100_000, 10, "13", 16),
    Draw(_FIRM, 1, 0.03, ("general_settlement",), 100_000, 12, "10", 16, currency="USD"),
    Draw(_FIRM, 2, 0.18, ("corporate",), 10_000_000, 8, "11", 16),
    Draw(_FIRM, 3, 0.12, ("open_ended", "closed_ended"), 10_000_000, 7, "LC", 10),
    Draw(_FIRM, 4, 0.05, ("fund", "trust"), 10_000_000, 7, "JJ", 10),
    Draw(_FIRM, 6, 0.60, ("basic_settlement", "general_settlement"), locator="10", digit_count=16),
    Draw(_FIRM, 7, 0.20, ("merchant",), 100, 20, "2088", 12),
    Draw(_FIRM, 8, 0.15, ("merchant",), 100, 20, "wx", 12),
    Draw(_FIRM, 9, 0.08, ("merchant",), 100, 18, "jd", 10),
    Draw(_FIRM, 10, 0.05, ("a_share",), 10_000_000, 10, "B", 9),
    Draw(_FIRM, 11, 0.03, ("bond", "fund_unit"), 10_000_000, 8, "B", 9),
    Draw(_FIRM, 12, 0.05, ("brokerage",), 10_000, 18, "ZJ", 10),
    Draw(_FIRM, 13, 0.04, ("group_annuity",), 1_000_000, 7, "BD", 14),
    Draw(_FIRM, 14, 0.30, ("car", "van", "truck"), 1_000_000, 6, "牌照", 6),
    Draw(_FIRM, 14, 0.12, ("truck", "machinery"), 2_000_000, 5, "牌照", 6),
    Draw(_FIRM, 15, 0.18, ("office", "factory", "shop"), 50_000_000, 6, "不动产权第", 8),
    Draw(_FIRM, 16, 0.12, ("industrial", "commercial"), 50_000_000, 6, "土地权第", 8),
    Draw(_FIRM, 17, 0.22, ("limited_company", "partnership"), 10_000_000, 8, "GQ", 13),
    Draw(_FIRM, 18, 0.90, ("registration",), locator="RZ", digit_count=13),
    Draw(_FIRM, 19, 0.015, ("cargo_ship", "tanker", "tug"), 500_000_000, 5, "CB", 9),
    Draw(_FIRM, 20, 0.004, ("fishing_boat",), 10_000_000, 4, "YC", 9),
    Draw(_FIRM, 21, 0.001, ("aircraft", "helicopter"), 1_000_000_000, 4, "B-", 4),
    Draw(_FIRM, 1, 1 / 300, ("general_settlement",), 1_000, 20, "10", 16, identity=Identity.MISFIT),
)

DRAWS: tuple[Draw, ...] = _OF_PERSONS + _OF_ORGANISATIONS
