"""Property: an account or a thing, the holds on it, and how its money is laid over them.

Money is a waterfall in the order of registration over what is not protected; a thing is held whole, by one.
Pure: `pour` says what changed and who writes it down is the shelf. Foreign holds are those of courts that
do not order through this gateway; nobody is told of them but as being ahead.
"""

from typing import TYPE_CHECKING, NamedTuple

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from runtime._wire import message
from simulator.books.dates import number_of

if TYPE_CHECKING:
    from simulator.books.movement import Movement

# More than any balance.
NO_CEILING = 2**62
AHEAD_MAX = 16
# Serial of an account that is on no shelf.
UNKEPT = -1

QUEUED = hold_pb2.HOLD_LIFE_QUEUED
EFFECTIVE = hold_pb2.HOLD_LIFE_EFFECTIVE
ENDED = hold_pb2.HOLD_LIFE_ENDED


class Holder(NamedTuple):
    """Whom the property belongs to; a number of a resident with a capital X."""

    id_type: int
    id_number: str
    name: str


class Account:
    """An account, or a thing; a thing has no balance. `opened_fen + credited_fen - spent_fen - deducted_fen`
    is the balance, always. `holds` are those that live, first registered first."""

    __slots__ = (
        "balance_fen",
        "credited_fen",
        "currency",
        "deducted_fen",
        "due_day",
        "holder",
        "holds",
        "institution",
        "is_closed",
        "is_disposed",
        "is_thing",
        "item",
        "kind",
        "locator",
        "movement",
        "opened_fen",
        "payday",
        "protected_max_fen",
        "serial",
        "settled_day",
        "spent_fen",
        "worth_fen",
    )

    def __init__(
        self, institution: int, item: int, locator: str, holder: Holder, kind: str, currency: str
    ) -> None:
        self.serial = UNKEPT
        self.institution = institution
        self.item = item
        self.locator = locator
        self.holder = holder
        self.kind = kind
        self.currency = currency
        self.is_thing = False
        self.is_closed = False
        self.is_disposed = False
        self.worth_fen = 0  # of a thing, as registered
        self.balance_fen = self.opened_fen = 0
        self.protected_max_fen = 0
        self.credited_fen = self.spent_fen = self.deducted_fen = 0
        self.holds: list[Hold] = []
        self.movement: Movement | None = None
        self.settled_day = 0  # until here it has lived
        self.payday = 0  # the next one
        self.due_day = 0  # when something happens to its holds by itself; 0: never

    @property
    def protected_fen(self) -> int:
        return min(self.balance_fen, self.protected_max_fen)

    @property
    def held_fen(self) -> int:
        return sum(hold.controlled_fen for hold in self.holds)

    @property
    def available_fen(self) -> int:
        """Neither held by anybody nor protected."""
        free_fen = self.balance_fen - self.protected_max_fen
        if free_fen <= 0:
            return 0
        for hold in self.holds:
            free_fen -= hold.controlled_fen
        return free_fen


class Hold:
    """One hold. Days are 0 where there is none."""

    __slots__ = (
        "account",
        "ahead",
        "ceiling_fen",
        "controlled_fen",
        "court_code",
        "deducted_fen",
        "end",
        "from_day",
        "hold_id",
        "is_disposing",
        "is_foreign",
        "is_whole",
        "life",
        "months",
        "position",
        "until_day",
        "version",
    )

    def __init__(
        self, hold_id: int, account: Account, court_code: str, ceiling_fen: int, months: int
    ) -> None:
        """`ceiling_fen` NO_CEILING: on the whole."""
        self.hold_id = hold_id
        self.account = account
        self.court_code = court_code
        self.ceiling_fen = ceiling_fen
        self.is_whole = ceiling_fen == NO_CEILING
        self.months = months
        self.is_foreign = False
        self.is_disposing = False  # foreign: ends with the thing's sale
        self.life: hold_pb2.HoldLife.ValueType = QUEUED
        self.end: hold_pb2.HoldEnd.ValueType = hold_pb2.HOLD_END_UNSPECIFIED
        self.version = 0
        self.controlled_fen = self.deducted_fen = 0
        self.position = 0
        self.ahead: tuple[str, ...] = ()
        self.from_day = self.until_day = 0


class Change(NamedTuple):
    """What became of a hold by itself."""

    hold: Hold
    kind: institution_pb2.HoldEventKind.ValueType


def pour(account: Account) -> list[Change]:
    """Lay the account over its living holds; those that are to take effect are PROMOTED, and their term is
    the caller's business. A hold that has taken effect never goes back into the queue.

    A queued hold takes effect when nobody is ahead, or when those ahead are filled and something is left.
    """
    rest_fen = account.balance_fen - account.protected_fen
    is_blocked = False  # somebody ahead takes all that comes
    position = 0
    ahead: list[str] = []
    changes: list[Change] = []
    for place, hold in enumerate(account.holds):
        kind = institution_pb2.HOLD_EVENT_KIND_UNSPECIFIED
        if hold.life == QUEUED and (place == 0 or (rest_fen > 0 and not is_blocked)):
            hold.life = EFFECTIVE
            hold.position, hold.ahead = 0, ()
            kind = institution_pb2.HOLD_EVENT_KIND_PROMOTED
        if hold.life == QUEUED:
            is_blocked = True
            position += 1
            if hold.position != position or hold.ahead != tuple(ahead):
                hold.position, hold.ahead = position, tuple(ahead)
                kind = institution_pb2.HOLD_EVENT_KIND_MOVED
        else:
            controlled_fen = hold.ceiling_fen if hold.ceiling_fen < rest_fen else rest_fen
            if controlled_fen != hold.controlled_fen:
                hold.controlled_fen = controlled_fen
                kind = kind or institution_pb2.HOLD_EVENT_KIND_CREDITED
            rest_fen -= controlled_fen
            is_blocked = is_blocked or controlled_fen < hold.ceiling_fen
        if kind:
            changes.append(Change(hold, kind))
        if len(ahead) < AHEAD_MAX:
            ahead.append(hold.court_code)
    return changes


def statement_of(hold: Hold, stated_ns: int) -> hold_pb2.HoldStatement:
    """The institution's word on it."""
    return hold_pb2.HoldStatement.FromString(statement_encoded(hold, stated_ns))


def statement_encoded(hold: Hold, stated_ns: int) -> bytes:
    """The same as it is written: a HoldStatement."""
    account = hold.account
    ahead = b"".join(message(11, court_code) for court_code in hold.ahead) if hold.ahead else None
    return message(
        1, hold.hold_id, 2, account.institution, 3, hold.version, 4, hold.life, 5, hold.end,
        6, 0 if hold.is_whole else hold.ceiling_fen, 7, hold.is_whole, 8, hold.controlled_fen,
        9, hold.deducted_fen, 10, hold.position, 0, ahead, 12, number_of(hold.from_day),
        13, number_of(hold.until_day), 14, account.available_fen, 15, stated_ns,
    )  # fmt: skip
