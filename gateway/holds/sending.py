"""Sending: which controls are due at which endpoint, and which are out.

Of this process alone: nothing here is in the journal. A control is due when it is kept, first in the line of
its hold, has no outcome and is not out. After a restart whatever was first in line counts as having left,
since it may have.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chakong.institution.v1 import institution_pb2
from gateway.holds.book import Book
from gateway.holds.model import DEDUCT, RELEASE, RENEW, Control, Hold

# Urgent releases, releases, deductions, renewals, freezes.
LANES: Final = 5


@dataclass
class Leaving:
    """A control that is handed out. `message`: it is a field of its batch, and a batch is nothing else."""

    control_id: int
    message: bytes


class Sending:
    """The lanes of each endpoint. Entries may be stale; take looks."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._lanes: dict[int, tuple[deque[Control], ...]] = {}
        self._due: set[int] = set()
        # Of them, where a RELEASE of a wrong freeze is.
        self._urgent: set[int] = set()
        self.out: set[int] = set()

    def endpoints_due(self) -> frozenset[int]:
        """Where there may be something to take."""
        return frozenset(self._due)

    def endpoints_urgent(self) -> frozenset[int]:
        """Where that may be a RELEASE of a wrong freeze."""
        return frozenset(self._urgent)

    def line_up(self, hold: Hold) -> None:
        """The first control on a hold may go."""
        control = self._book.controls[hold.pending[0]]
        endpoint = hold.origin.endpoint
        lanes = self._lanes.get(endpoint)
        if lanes is None:
            lanes = self._lanes[endpoint] = _new_lanes()
        lane = _lane(control)
        lanes[lane].append(control)
        self._is_due(endpoint, lane)

    def restored(self) -> None:
        """The book was read from a snapshot: whatever is first in line may go, the oldest first."""
        for hold in sorted(filter(_is_waiting, self._book.holds.values()), key=lambda one: one.pending[0]):
            self.line_up(hold)

    def take(self, endpoint: int, count_max: int) -> list[Leaving]:
        """Hand out controls, each on another hold, in the order of the lanes."""
        found: list[Leaving] = []
        lanes = self._lanes.get(endpoint)
        if lanes is None:
            return found
        aside: list[Control] = []
        out, left = self.out, self._book.left
        for lane in lanes:
            while lane and len(found) < count_max:
                control = lane.popleft()
                control_id = control.control_id
                if control_id in out:
                    continue
                hold = _turn(self._book, control)
                if hold is None:
                    continue
                newest = self._book.holds[hold.origin.hold_id]
                if newest is not hold and newest.pending[:1] != (control_id,):
                    # An open step ends it or puts another before it; should that be dropped, it is due again.
                    aside.append(control)
                    continue
                out.add(control_id)
                left.add(control_id)
                found.append(Leaving(control_id, message_of(control, hold)))
            lane.extend(aside)
            aside.clear()
        if not any(lanes):
            self._due.discard(endpoint)
        if not lanes[0]:
            self._urgent.discard(endpoint)
        return found

    def give_back(self, control_ids: Iterable[int]) -> None:
        """They are due again, before others."""
        for control_id in control_ids:
            if control_id not in self.out:
                continue
            self.out.discard(control_id)
            control = self._book.controls.get(control_id)
            hold = _turn(self._book, control) if control is not None else None
            if control is None or hold is None:
                continue
            endpoint = hold.origin.endpoint
            lane = _lane(control)
            self._lanes[endpoint][lane].appendleft(control)
            self._is_due(endpoint, lane)

    def _is_due(self, endpoint: int, lane: int) -> None:
        self._due.add(endpoint)
        if lane == 0:
            self._urgent.add(endpoint)

    def forget(self, control_id: int) -> None:
        """It has an outcome."""
        book = self._book
        self.out.discard(control_id)
        book.left.discard(control_id)
        control = book.controls[control_id]
        if book.still is not None:
            number = book.holds[control.hold_id].origin.claim
            book.still.message(number, control_id, control.message)
        control.message = b""


def _new_lanes() -> tuple[deque[Control], ...]:
    return tuple(deque() for _ in range(LANES))


def message_of(control: Control, hold: Hold) -> bytes:
    """A control as it leaves now, as a field of its batch."""
    if not control.message:
        raise AssertionError(f"ledger: control {control.control_id} has an outcome")
    if control.keep_fen < 0:
        return control.message
    # What went out before it is known now.
    batch = institution_pb2.ControlBatch.FromString(control.message)
    batch.controls[0].ceiling_fen = control.asked_fen(hold.deducted)
    batch.controls[0].whole = batch.controls[0].ceiling_fen == 0
    return batch.SerializeToString()


def _turn(book: Book, control: Control) -> Hold | None:
    """Its hold as kept, if the control is kept, without outcome, and first in line."""
    hold = book.kept_hold(control.hold_id)
    if hold is None or not hold.pending or hold.pending[0] != control.control_id:
        return None
    return hold


def _is_waiting(hold: Hold) -> bool:
    return bool(hold.pending)


def _lane(control: Control) -> int:
    if control.kind == RELEASE:
        return 0 if control.urgent else 1
    if control.kind == DEDUCT:
        return 2
    return 3 if control.kind == RENEW else 4
