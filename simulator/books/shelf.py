"""Shelf: the accounts and holds of one endpoint, the events of what happened to them, and its clock.

Time passes in `advance`: terms run out at midnight, what is behind takes effect, money comes and goes, day
by day and in the same order whoever asks. It decides on no control; orders does. Pure.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable
from heapq import heappop, heappush

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from simulator.books.dates import day_of, months_after, next_monthly, start_ns
from simulator.books.law import Law
from simulator.books.property import EFFECTIVE, ENDED, Account, Change, Hold, Holder, pour, statement_of
from simulator.books.room import Room

TEXT_BYTES_MAX = 256


class Shelf:
    """`accounts` by serial; never fewer."""

    def __init__(self, law: Law, room: Room) -> None:
        self.law = law
        self.accounts: list[Account] = []
        self.holds: dict[int, Hold] = {}
        self.now_ns = 0
        self.today = 0
        self.months_max: dict[int, int] = {}  # of today, by item
        self._room = room
        self._by_place: dict[tuple[int, str], tuple[Account, ...]] = {}
        self._hold_ids: dict[int, list[int]] = {}  # by institution, ascending
        self._opened: dict[tuple[int, Holder], list[Account]] = {}
        self._due: list[
            tuple[int, int]
        ] = []  # day, serial; only the one that is the account's due_day counts
        self._events: list[bytes] = []

    # -- accounts

    def at(self, institution: int, locator: str) -> tuple[Account, ...]:
        """Accounts of this locator; the population may draw one for several holders."""
        return self._by_place.get((institution, locator), ())

    def opened_for(self, institution: int, holder: Holder) -> list[Account]:
        """Those opened by hand."""
        return self._opened.get((institution, holder), [])

    def keep(self, account: Account) -> None:
        """RoomError when the room is full."""
        self._room.take_account()
        account.serial = len(self.accounts)
        self.accounts.append(account)
        place = (account.institution, account.locator)
        others = self._by_place.get(place, ())
        self._by_place[place] = (*others, account)

    def catch_up(self, account: Account) -> None:
        """Let it live up to today; of one under a hold only the spending waits."""
        if account.settled_day == self.today:
            return
        for _ in range(self.today - account.settled_day):
            if not account.payday or account.payday > self.today:
                break
            self._live_through(account, account.payday)
        _spend(account, self.today)

    def open(self, account: Account) -> None:
        """Keep one opened by hand; it lives from today on. RoomError as above."""
        account.settled_day = self.today
        if account.movement is not None:
            account.payday = next_monthly(self.today, account.movement.payday)
        self.keep(account)
        self._opened.setdefault((account.institution, account.holder), []).append(account)

    # -- time

    def advance(self, now_ns: int) -> None:
        """Everything that is due by then. A clock that goes back stands still."""
        if now_ns > self.now_ns:
            self.now_ns = now_ns
            day = day_of(now_ns)
            if day != self.today:
                self._turn_to(day)

    def next_due_ns(self) -> int:
        """When `advance` may have something to do; 0: never."""
        while self._due and self.accounts[self._due[0][1]].due_day != self._due[0][0]:
            heappop(self._due)
        return start_ns(self._due[0][0]) if self._due else 0

    def _turn_to(self, day: int) -> None:
        while self._due and self._due[0][0] <= day:
            due_day, serial = heappop(self._due)
            account = self.accounts[serial]
            if account.due_day == due_day:
                self._live_through(account, due_day)
                self.set_due(account)
        self.today = day
        self.months_max = self.law.months_max(day)

    def _live_through(self, account: Account, day: int) -> None:
        """The midnight with which `day` begins: terms run out first, then money comes in."""
        _spend(account, day)
        stated_ns = start_ns(day)
        expired = [one for one in account.holds if one.life == EFFECTIVE and one.until_day < day]
        if any(one.is_disposing for one in expired):
            self.dispose(account, stated_ns)
            return
        for hold in expired:
            self.end(hold, hold_pb2.HOLD_END_EXPIRED)
        if account.movement is not None and account.payday <= day and not account.is_closed:
            account.balance_fen += account.movement.income_fen
            account.credited_fen += account.movement.income_fen
            account.payday = next_monthly(day, account.movement.payday)
        changes = [Change(one, institution_pb2.HOLD_EVENT_KIND_EXPIRED) for one in expired]
        self._tell_all([*changes, *self._pour(account, day)], stated_ns)

    def set_due(self, account: Account) -> None:
        """After every change of its holds."""
        due_day = 0
        for hold in account.holds:
            if hold.life == EFFECTIVE and (not due_day or hold.until_day + 1 < due_day):
                due_day = hold.until_day + 1
        if due_day and 0 < account.payday < due_day:
            due_day = account.payday
        if due_day != account.due_day:
            account.due_day = due_day
            if due_day:
                heappush(self._due, (due_day, account.serial))

    # -- holds

    def register(self, hold: Hold) -> None:
        """At the end of its account's queue."""
        if hold.hold_id not in self.holds:
            ids = self._hold_ids.get(hold.account.institution)
            if ids is None:
                ids = self._hold_ids[hold.account.institution] = []
            insort(ids, hold.hold_id)
        self.holds[hold.hold_id] = hold
        hold.account.holds.append(hold)
        self.settle(hold.account, hold)

    def holds_of(self, institution: int, after_hold_id: int, count_max: int) -> list[Hold]:
        """By hold id; also those that have ended."""
        ids = self._hold_ids.get(institution, [])
        first = bisect_right(ids, after_hold_id)
        return [self.holds[one] for one in ids[first : first + count_max]]

    def settle(self, account: Account, own: Hold | None = None) -> bool:
        """Pour, let terms begin, and tell of every hold that changed but `own`; whether that one did."""
        changes = self._pour(account, self.today)
        self.set_due(account)
        is_own_changed = False
        for hold, kind in changes:
            if hold is own:
                is_own_changed = True
            else:
                self.tell(hold, kind, self.now_ns)
        return is_own_changed

    def _pour(self, account: Account, day: int) -> list[Change]:
        changes = pour(account) if account.holds else []
        for hold, kind in changes:
            hold.version += 1
            if kind == institution_pb2.HOLD_EVENT_KIND_PROMOTED:
                hold.from_day = day
                if not hold.is_foreign:
                    hold.until_day = months_after(day, hold.months)
        return changes

    def end(self, hold: Hold, end: hold_pb2.HoldEnd.ValueType) -> None:
        """What it controlled is free; who is told, and what follows from it, is the caller's business."""
        hold.account.holds.remove(hold)
        hold.life, hold.end = ENDED, end
        hold.controlled_fen = 0
        hold.position, hold.ahead = 0, ()
        hold.version += 1

    def dispose(self, account: Account, stated_ns: int) -> None:
        """The thing is sold, under its first hold or on other grounds: nobody behind ever takes effect."""
        account.is_disposed = True
        self._end_all(account, institution_pb2.HOLD_EVENT_KIND_DISPOSED, stated_ns)

    def close(self, account: Account, stated_ns: int) -> None:
        """What nobody holds is paid out first; ValueError while somebody holds money of it."""
        if account.held_fen:
            raise ValueError("account: money in it is held; it cannot be closed")
        account.spent_fen += account.balance_fen
        account.balance_fen = 0
        account.is_closed = True
        account.movement = None
        account.payday = 0
        self._end_all(account, institution_pb2.HOLD_EVENT_KIND_CLOSED, stated_ns)

    def _end_all(
        self, account: Account, kind: institution_pb2.HoldEventKind.ValueType, stated_ns: int
    ) -> None:
        changes = []
        for hold in list(account.holds):
            was_effective = hold.life == EFFECTIVE
            self.end(hold, hold_pb2.HOLD_END_DISPOSED if was_effective else hold_pb2.HOLD_END_NEVER_EFFECTIVE)
            changes.append(Change(hold, kind))
        self._tell_all(changes, stated_ns)
        self.set_due(account)

    # -- events

    def tell(
        self, hold: Hold, kind: institution_pb2.HoldEventKind.ValueType, stated_ns: int, text: str = ""
    ) -> None:
        if hold.is_foreign:
            return
        event = institution_pb2.HoldEvent(
            seq=len(self._events) + 1, kind=kind, hold=statement_of(hold, stated_ns), text=text
        )
        self._events.append(event.SerializeToString())
        self._room.event_count += 1

    def _tell_all(self, changes: Iterable[Change], stated_ns: int) -> None:
        for hold, kind in changes:
            self.tell(hold, kind, stated_ns)

    @property
    def event_count(self) -> int:
        return len(self._events)

    def events_after(self, cursor: int, count_max: int) -> list[institution_pb2.HoldEvent]:
        found = self._events[cursor : cursor + count_max]
        return [institution_pb2.HoldEvent.FromString(one) for one in found]


def _spend(account: Account, day: int) -> None:
    """What went out since it was last looked at, before `day` begins."""
    days = day - account.settled_day
    if days <= 0:
        return
    account.settled_day = day
    if account.movement is not None:
        spent_fen = min(account.available_fen, account.movement.spending_fen * days)
        account.balance_fen -= spent_fen
        account.spent_fen += spent_fen


def holder_of(id_type: int, id_number: str, name: str) -> Holder:
    """A small x at the end of a resident's number is a capital one."""
    if id_type == 1 and id_number.endswith("x"):
        id_number = f"{id_number[:-1]}X"
    return Holder(id_type, id_number, name)
