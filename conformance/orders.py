"""Orders: controls sent until they have an outcome, and the holds that they leave behind.

It sends a control again as the gateway does, with the same id, while it is UNAVAILABLE or its receipt is
missing. What a check holds is let go after it. It does not say what a receipt should say.
"""

import time
from collections.abc import Callable
from typing import Final

from chakong.institution.v1.institution_pb2 import Control, ControlReceipt
from chakong.type.v1 import hold_pb2
from chakong.type.v1.hold_pb2 import HoldStatement
from conformance import controls
from conformance.controls import KINDS, told
from conformance.fixture import Account, Court
from conformance.line import Line
from conformance.verdict import FailedError, require

SECOND_NS: Final = 1_000_000_000
PAUSE_S: Final = 0.02
PAUSE_S_MAX: Final = 1.0
# With pauses that double from PAUSE_S to PAUSE_S_MAX more than an hour's worth, the longest outcome_s.
TRIES_MAX: Final = 4_000
UNAVAILABLE: Final = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE
UNSPECIFIED: Final = hold_pb2.CONTROL_OUTCOME_UNSPECIFIED
REFUSED: Final = hold_pb2.CONTROL_OUTCOME_REFUSED
ID_REUSED: Final = hold_pb2.CONTROL_REFUSAL_ID_REUSED


class Orders:
    """`control_id_first`: the first of the ids that are used; `now_ns`: the machine's clock."""

    def __init__(
        self, line: Line, outcome_s: float, control_id_first: int, now_ns: Callable[[], int]
    ) -> None:
        self._line = line
        self._outcome_s = outcome_s
        self._now_ns = now_ns
        self._next_id = control_id_first
        self._frozen: dict[int, Control] = {}  # by hold, FREEZEs that may have left something held

    def take_id(self) -> int:
        """One that was not used before."""
        self._next_id += 1
        return self._next_id - 1

    def freeze(self, account: Account, court: Court, ceiling_fen: int = 0, months: int = 1) -> Control:
        """A FREEZE that was not sent yet; `ceiling_fen` 0: the whole."""
        return controls.freeze(self.take_id(), account, court, ceiling_fen, months)

    def frozen(
        self, account: Account, court: Court, ceiling_fen: int = 0, months: int = 1
    ) -> tuple[Control, HoldStatement]:
        """A FREEZE that must be DONE, and the hold after it."""
        control = self.freeze(account, court, ceiling_fen, months)
        return control, self.done(control)

    def release(self, frozen: Control, ceiling_fen: int = 0) -> HoldStatement:
        """A RELEASE that must be DONE; `ceiling_fen` 0: of all."""
        return self.done(controls.release(self.take_id(), frozen, ceiling_fen))

    def release_receipt(self, frozen: Control) -> ControlReceipt:
        """A RELEASE of all, whatever comes of it."""
        return self.outcome(controls.release(self.take_id(), frozen))

    def renew(self, frozen: Control, months: int) -> ControlReceipt:
        return self.outcome(controls.renew(self.take_id(), frozen, months))

    def deduct(self, frozen: Control, payee_account: str, amount_fen: int = 0) -> ControlReceipt:
        """`amount_fen` 0: all that is controlled."""
        return self.outcome(controls.deduct(self.take_id(), frozen, payee_account, amount_fen))

    def done(self, control: Control) -> HoldStatement:
        """The hold after a control that must be DONE."""
        receipt = self.outcome(control)
        require(f"{KINDS[control.kind]}", "DONE", told(receipt))
        return receipt.hold

    def outcome(self, control: Control) -> ControlReceipt:
        """Its receipt, whatever it says. FailedError when none comes in time."""
        due_ns = self._now_ns() + round(self._outcome_s * SECOND_NS)
        pause_s = PAUSE_S
        for _ in range(TRIES_MAX):
            receipts = [one for one in self.send(control) if one.control_id == control.control_id]
            if receipts and receipts[0].outcome not in (UNAVAILABLE, UNSPECIFIED):
                return receipts[0]
            if self._now_ns() + round(pause_s * SECOND_NS) >= due_ns:
                break
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_S_MAX)
        last = told(receipts[0]) if receipts else "no receipt"
        raise FailedError(f"{KINDS[control.kind]}: an outcome within {self._outcome_s:g} s", last)

    def send(self, *ordered: Control) -> list[ControlReceipt]:
        """One call; the receipts as they came."""
        for control in ordered:
            if control.kind == hold_pb2.CONTROL_KIND_FREEZE and control.hold_id == control.control_id:
                self._frozen.setdefault(control.hold_id, control)
        receipts = self._line.control(ordered)
        for receipt in receipts:
            if receipt.outcome == REFUSED and receipt.refusal != ID_REUSED:
                self._frozen.pop(receipt.control_id, None)
        return receipts

    def free_fen(self, account: Account, court: Court) -> int:
        """What of an account nobody holds and no law protects, by the institution's own word: a hold on one
        fen is made and let go."""
        control, _ = self.frozen(account, court, 1)
        return self.release(control).available_fen

    def let_go(self) -> list[int]:
        """Release every hold that was made and may live; hold ids of those that could not be."""
        left = []
        for hold_id in sorted(self._frozen, reverse=True):
            try:
                self.outcome(controls.release(self.take_id(), self._frozen.pop(hold_id)))
            except FailedError:
                # The caller says that it is left behind.
                left.append(hold_id)
        return left
