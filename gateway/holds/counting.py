"""Counting: figures for metrics, carried along with every kept step; none is reckoned over all holds."""

from collections import Counter, deque
from itertools import islice
from typing import Final

from chakong.gateway.v1 import controls_pb2
from gateway.holds.book import Book, Draft
from gateway.holds.cover import due
from gateway.holds.face import Fault, Refusal, Stats
from gateway.holds.model import EFFECTIVE, ENDED, FREEZE, QUEUED, REQUESTED, UNKNOWN, Hold
from gateway.holds.sending import Sending
from gateway.holds.view import state_of

LIVES: Final = {
    REQUESTED: "requested",
    UNKNOWN: "unknown",
    QUEUED: "queued",
    EFFECTIVE: "effective",
    ENDED: "ended",
}
STATES: Final = {
    controls_pb2.CLAIM_STATE_MET: "met",
    controls_pb2.CLAIM_STATE_SHORT: "short",
    controls_pb2.CLAIM_STATE_OVER: "over",
}

# Behind so many controls that wait for an officer the oldest other one is not looked for.
LOOK_AHEAD: Final = 4_096


class Counting:
    """What stats() tells."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._lives: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._claim_states: dict[int, str] = {}
        self._states_day = 0
        self._exposed: int = 0
        self._controls_open = 0
        # Controls in the order in which they were ordered; whatever ended at the front is taken off.
        self._ordered: deque[int] = deque()
        self._refusals: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self.seq = 0

    def refused(self, refusal: Refusal) -> None:
        """An order was refused."""
        self._refusals[refusal.name] += 1

    def faulty(self, fault: Fault) -> None:
        """An institution said what cannot be."""
        self._faults[fault.kind.value] += 1

    def kept(self, draft: Draft, seq: int) -> None:
        """A step counts."""
        self.seq = seq
        lives, holds = self._lives, self._book.holds
        for hold_id, before in draft.holds.items():
            hold = holds[hold_id]
            if before is not None:
                if before.life == hold.life and before.lapsed == hold.lapsed:
                    continue
                lives[_life(before)] -= 1
            lives[_life(hold)] += 1
        for number, claim_before in draft.claims.items():
            claim = self._book.claims[number]
            self._exposed += claim.exposed - (0 if claim_before is None else claim_before.exposed)
            self._count_claim(number)
        self._ordered.extend(draft.controls)
        self._controls_open += len(draft.controls) - len(draft.ended)

    def left(self, number: int, hold_count: int) -> None:
        """A claim left with so many holds, all of which had ended."""
        self._lives["ended"] -= hold_count
        self._states[self._claim_states.pop(number)] -= 1

    def holds_left(self, hold_count: int) -> None:
        """So many holds left that had ended; their claim goes on."""
        self._lives["ended"] -= hold_count

    def restored(self) -> None:
        """The book was read from a snapshot."""
        book = self._book
        for hold in book.holds.values():
            self._lives[_life(hold)] += 1
        for number, claim in book.claims.items():
            self._exposed += claim.exposed
            self._count_claim(number)
        self._ordered.extend(sorted(book.controls.keys() - book.outcomes.keys()))
        self._controls_open = len(self._ordered)

    def _count_claim(self, number: int) -> None:
        claim = self._book.claims[number]
        state = STATES[state_of(due(claim, self._book.day), claim.cover)]
        before = self._claim_states.get(number)
        if before != state:
            if before is not None:
                self._states[before] -= 1
            self._states[state] += 1
            self._claim_states[number] = state

    def stats(self, sending: Sending) -> Stats:
        """As of the last step that was kept; interest of a new day is reckoned once a day."""
        book = self._book
        if self._states_day != book.day and book.draft is None:
            self._states_day = book.day
            for number, claim in book.claims.items():
                if claim.interest_ppm:
                    self._count_claim(number)
        lives = {name: self._lives[name] for name in LIVES.values()}
        sent = sum(1 for one in book.left if self._is_sent(one))
        lives["sent"] = sent
        lives["requested"] -= sent
        return Stats(
            claims=len(self._claim_states),
            holds=sum(self._lives.values()),
            claims_by_state={name: self._states[name] for name in STATES.values()},
            holds_by_life=lives,
            controls_open=self._controls_open,
            controls_out=len(sending.out),
            controls_waiting=len(book.waiting),
            exposed_fen=self._exposed,
            oldest_open_ns=self._oldest_open_ns(),
            refusals=dict(self._refusals),
            faults=dict(self._faults),
        )

    def _oldest_open_ns(self) -> int:
        book = self._book
        while self._ordered and self._has_ended(self._ordered[0]):
            self._ordered.popleft()
        for control_id in islice(self._ordered, LOOK_AHEAD):
            if not self._has_ended(control_id) and control_id not in book.waiting:
                return book.controls[control_id].ordered_ns
        return 0

    def _has_ended(self, control_id: int) -> bool:
        return control_id not in self._book.controls or self._book.kept_outcome(control_id) is not None

    def _is_sent(self, control_id: int) -> bool:
        control = self._book.controls.get(control_id)
        hold = self._book.kept_hold(control.hold_id) if control is not None else None
        return control is not None and control.kind == FREEZE and hold is not None and hold.life == REQUESTED


def _life(hold: Hold) -> str:
    return "ended" if hold.lapsed else LIVES[hold.life]
