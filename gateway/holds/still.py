"""Still: the book as it stood after one step, while other steps go on.

Nothing is copied when it is made. Before a hold, a claim, what was found for one, or the message of a control
is changed for the first time, it is put aside here as it stood; a snapshot is written from that. What was
written already is not put aside any more. It changes nothing in the book.
"""

from gateway.holds.model import Claim, Hold, Sighting

Sightings = dict[tuple[int, int, int, str], Sighting]
Ambiguous = dict[tuple[int, int], int]


class Still:
    """`stamp`, `next_id`, `next_claim`: of the step; whatever is newer is not in it. `done`: claims up to
    this number are written."""

    __slots__ = (
        "claims", "cursors", "done", "found", "holds", "messages", "next_claim", "next_id", "now_ns", "stamp",
        "step_seq",
    )  # fmt: skip

    def __init__(
        self, step_seq: int, stamp: int, now_ns: int, next_id: int, next_claim: int, cursors: dict[int, int]
    ) -> None:
        self.step_seq = step_seq
        self.stamp = stamp
        self.now_ns = now_ns
        self.next_id = next_id
        self.next_claim = next_claim
        self.cursors = cursors
        self.done = 0
        self.holds: dict[int, Hold] = {}
        self.claims: dict[int, Claim] = {}
        self.found: dict[int, tuple[Sightings, Ambiguous]] = {}
        self.messages: dict[int, bytes] = {}

    def hold(self, hold: Hold) -> None:
        """This hold is about to change."""
        if self.done < hold.origin.claim < self.next_claim:
            self.holds.setdefault(hold.origin.hold_id, hold)

    def claim(self, claim: Claim) -> None:
        """This claim is about to change."""
        if self.done < claim.number < self.next_claim:
            self.claims.setdefault(claim.number, claim)

    def sighted(self, number: int, sightings: Sightings, ambiguous: Ambiguous) -> None:
        """What was found for this claim is about to change."""
        if self.done < number < self.next_claim and number not in self.found:
            self.found[number] = (sightings.copy(), ambiguous.copy())

    def message(self, number: int, control_id: int, message: bytes) -> None:
        """The message of a control of this claim is about to be let go of."""
        if self.done < number < self.next_claim and control_id < self.next_id:
            self.messages.setdefault(control_id, message)

    def written(self, number: int, hold_ids: list[int]) -> None:
        """All of a claim is written: what was put aside of it goes."""
        self.done = number
        self.claims.pop(number, None)
        self.found.pop(number, None)
        for hold_id in hold_ids:
            self.holds.pop(hold_id, None)
