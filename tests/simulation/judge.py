"""Judge: the rules of holds, reckoned anew from views, from the frames and from the institutions' books.

It carries along nothing that the ledger carries along. `after_step` whenever something became durable or
books changed; `leaving` when controls leave. What is broken is told to `fail` as a sentence.
"""

from collections.abc import Callable, Sequence

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import HoldQuery, Ledger, installed_law
from runtime import calendar
from simulator.books.property import Hold as BooksHold
from tests.simulation.chronicle import Chronicle, Kept
from tests.simulation.town import Town

EFFECTIVE, ENDED = hold_pb2.HOLD_LIFE_EFFECTIVE, hold_pb2.HOLD_LIFE_ENDED
FLYING = (hold_pb2.HOLD_LIFE_REQUESTED, hold_pb2.HOLD_LIFE_SENT)
FREEZE, RELEASE, DEDUCT = (
    hold_pb2.CONTROL_KIND_FREEZE,
    hold_pb2.CONTROL_KIND_RELEASE,
    hold_pb2.CONTROL_KIND_DEDUCT,
)
EVERYTHING = HoldQuery(ended=True, count_max=1_000_000)

Hold = controls_pb2.HoldView
Claim = controls_pb2.ClaimView


class Judge:
    """`trusts_books` False: an institution lies, and nothing is said about its books."""

    def __init__(
        self,
        chronicle: Chronicle,
        town: Town,
        now_ns: Callable[[], int],
        fail: Callable[[str], None],
        unknown_after_ns: int,
        *,
        trusts_books: bool,
    ) -> None:
        self._chronicle = chronicle
        self._town = town
        self._now_ns = now_ns
        self._fail = fail
        self._unknown_after_ns = unknown_after_ns
        self._trusts_books = trusts_books
        self._now = 0
        self._today = 0

    # -- when controls leave

    def leaving(self, ledger: Ledger, controls: Sequence[institution_pb2.Control]) -> None:
        """Controls leave the gateway at this moment."""
        for control in controls:
            control_id = control.control_id
            kept = self._chronicle.controls.get(control_id)
            if kept is None:
                self._fail(f"control {control_id} was sent without its durable frame")
                continue
            if kept.outcome is not None:
                self._fail(f"control {control_id} was sent again after its outcome was durable")
            if kept.waits:
                self._fail(f"control {control_id} was sent before an officer approved it")
            before = self._chronicle.open_before(control.hold_id, control_id)
            if before:
                self._fail(
                    f"control {control_id} was sent before the outcome of {before[0]} on the same hold"
                )
            self._check_content(kept, control)
            if self._chronicle.leaves(control):
                if control.kind == FREEZE:
                    self._check_first(ledger, kept)
                elif control.kind == DEDUCT:
                    self._check_payee(kept, control)

    def _check_content(self, kept: Kept, control: institution_pb2.Control) -> None:
        fact = kept.fact
        if fact.HasField("keep_fen"):
            return  # reckoned when it leaves
        if fact.control != control:
            self._fail(f"control {control.control_id} was sent with another content than is durable")

    def _check_payee(self, kept: Kept, control: institution_pb2.Control) -> None:
        court = self._chronicle.courts[kept.fact.claim][0]
        if control.payee_account != installed_law().payee(court):
            self._fail(f"DEDUCT {control.control_id} left for another account than that of {court}")

    def _check_first(self, ledger: Ledger, kept: Kept) -> None:
        """Rule (1), when a FREEZE leaves for the first time."""
        self._look()
        views = ledger.hold_views(EVERYTHING, self._now)
        by_id = {one.hold_id: one for one in views}
        hold = by_id[kept.hold_id]
        claim = self._claim_of(ledger, kept.fact.claim)
        if claim is None:
            self._fail(f"hold {kept.hold_id} is of no claim")
            return
        replaced = by_id.get(hold.replaces_hold_id)
        room = self._covers(replaced) if replaced is not None else 0
        if hold.requested_fen > claim.gap_fen + room:
            self._fail(
                f"(1) FREEZE {hold.hold_id} left for {hold.requested_fen}, gap {claim.gap_fen} + {room}"
            )
        own = 0 if hold.life in FLYING else self._brings(hold)
        brought = claim.cover_fen + claim.flight_fen + own
        if not hold.whole and brought > claim.due_fen + room:
            self._fail(f"(1) FREEZE {hold.hold_id} left, {brought} may be held of {claim.due_fen} + {room}")

    # -- after every step

    def after_step(self, ledger: Ledger) -> None:
        """What must hold whenever something became durable, or books changed."""
        self._look()
        self.after_books(ledger)
        stats = ledger.stats()
        if "NOT_JUDGED" in stats.refusals or "not_judged" in stats.faults:
            self._fail("the ledger failed over an input by a fault of its own")
        views = ledger.hold_views(EVERYTHING, self._now)
        by_id = {one.hold_id: one for one in views}
        for number, hold_ids in self._chronicle.by_claim.items():
            claim = self._claim_of(ledger, number)
            if claim is None:
                self._fail(f"claim {number} is nowhere")
                continue
            # What became durable a moment ago is not kept yet.
            holds = [by_id[one] for one in hold_ids if one in by_id]
            self._deadlines(holds)
            self._figures(claim, holds)
            self._reach(claim, holds)
            self._excess(claim, holds)

    def after_books(self, ledger: Ledger) -> None:
        """What the institutions' books must show at any time."""
        if not self._trusts_books:
            self._chronicle.done.clear()
            return
        self._look()
        self._effects()
        there = {one.hold_id: one for one in self._town.every_hold()}
        for number, hold_ids in self._chronicle.by_claim.items():
            claim = self._claim_of(ledger, number)
            if claim is not None:
                self._held(ledger, claim, hold_ids, there)

    def _effects(self) -> None:
        for control_id in self._chronicle.left:
            if self.effects(control_id) > 1:
                self._fail(f"control {control_id} took effect {self.effects(control_id)} times")
        for control_id in self._chronicle.done:
            if self.effects(control_id) != 1:
                self._fail(f"control {control_id} is done and took effect {self.effects(control_id)} times")
        self._chronicle.done.clear()

    def effects(self, control_id: int) -> int:
        """How often a control changed its institution's books."""
        institution = self._chronicle.controls[control_id].fact.control.property.institution
        return self._town.books_of[institution].effects(control_id)

    def _held(self, ledger: Ledger, claim: Claim, hold_ids: list[int], there: dict[int, BooksHold]) -> None:
        """Rule (4): by the books held <= due + credits not yet reported + orders of unknown outcome.

        A hold with nothing unreported and nothing on its way counts in full, another only so far as it is
        known to be held.
        """
        held = rest = 0
        for hold_id in hold_ids:
            rest += self._rest_known(hold_id)
            hold = there.get(hold_id)
            if hold is None or hold.controlled_fen == 0 or hold.account.is_thing:
                continue
            is_open = any(
                one.outcome is None and not one.waits for one in self._chronicle.by_hold.get(hold_id, ())
            )
            if is_open or hold.version > self._chronicle.versions.get(hold_id, 0):
                held += self._surely_held(ledger.hold_view(hold_id, self._now), hold.controlled_fen)
            else:
                held += hold.controlled_fen
        due = self._due(claim)
        if held > max(0, due - rest):
            self._fail(f"(4) {held} held by the books for {claim.claim.claim_id}, due {due}, debited {rest}")

    def _surely_held(self, view: Hold | None, there_fen: int) -> int:
        """Of what is there: what was known and is neither being released nor on its way to the court."""
        if view is None:
            return 0
        return min(there_fen, max(0, self._after_releases(view)[1] - self._deducting(view)))

    # -- (2) and (3), and the figures

    def _deadlines(self, holds: list[Hold]) -> None:
        """A FREEZE without outcome counts as on its way until its deadline, and no longer."""
        for hold in holds:
            kept = self._chronicle.controls[hold.hold_id]
            is_over = kept.since_ns + self._unknown_after_ns <= self._chronicle.stepped_ns
            if hold.life in FLYING and not _waits(hold) and is_over:
                self._fail(f"hold {hold.hold_id} is past its deadline, and counts as on its way")

    def _figures(self, claim: Claim, holds: list[Hold]) -> None:
        due, cover, flight = self._due(claim), self._cover(holds), self._flight(holds)
        exposed = sum(
            max(0, one.ceiling_fen - (one.controlled_fen if one.life == EFFECTIVE else 0))
            for one in holds
            if self._stands(one) and not _waits(one) and not one.whole
        )
        named = claim.claim.claim_id
        for name, said, is_so in (
            ("due", claim.due_fen, due),
            ("cover", claim.cover_fen, cover),
            ("gap", claim.gap_fen, max(0, due - cover)),
            ("flight", claim.flight_fen, flight),
            ("exposed", claim.exposed_fen, exposed),
        ):
            if said != is_so:
                self._fail(f"{name} of {named} is said to be {said}, and is {is_so}")

    def _reach(self, claim: Claim, holds: list[Hold]) -> None:
        """Rule (2)."""
        replaced = {newer.hold_id: self._covers(older) for newer, older in self._pairs(holds)}
        for hold in holds:
            if hold.whole or not self._stands(hold) or _waits(hold):
                continue
            ceiling, _ = self._after_releases(hold)
            # As it is said: of a queued hold only a liar says more than 0.
            reach = ceiling - min(hold.controlled_fen, ceiling)
            allowed = claim.gap_fen + replaced.get(hold.hold_id, 0)
            if reach > allowed:
                self._fail(f"(2) hold {hold.hold_id} reaches for {reach} more, gap {allowed}")

    def _excess(self, claim: Claim, holds: list[Hold]) -> None:
        """Rule (3)."""
        living = [one for one in holds if self._stands(one) and not _waits(one)]
        rest = sum(self._rest(one) for one in holds)
        deducting = sum(self._deducting(one) for one in living)
        money = rest + sum(self._after_releases(one)[1] for one in living if not one.whole)
        things = [self._after_releases(one)[1] for one in living if one.whole]
        worth, due = sum(things), claim.due_fen
        for value in filter(None, things):
            if money + worth - value >= due:
                self._fail(f"(3) a thing of {value} is held for {claim.claim.claim_id} and not needed")
        if worth and (money + worth - due) * 5 <= due:
            return
        if money > max(0, due - worth, rest + deducting):
            self._fail(f"(3) {money} held for {claim.claim.claim_id}, due {due}, things worth {worth}")

    def _due(self, view: Claim) -> int:
        claim = view.claim
        interest = 0
        if claim.interest_ppm_per_day:
            days = calendar.day_of(self._now) - calendar.day_of_date(claim.interest_from)
            interest = claim.interest_base_fen * claim.interest_ppm_per_day * max(0, days) // 1_000_000
        return max(0, claim.principal_fen + claim.costs_fen + interest - view.credited_fen)

    def _covers(self, hold: Hold) -> int:
        if hold.life != EFFECTIVE or self._today > hold.effective_until:
            return 0
        return hold.value_fen if hold.whole else hold.controlled_fen

    def _stands(self, hold: Hold) -> bool:
        """Neither ended nor past its last day, even where a renewal may have come in time."""
        return hold.life != ENDED and (hold.life != EFFECTIVE or self._today <= hold.effective_until)

    def _rest(self, hold: Hold) -> int:
        return max(0, hold.deducted_fen - self._chronicle.credited.get(hold.hold_id, 0))

    def _rest_known(self, hold_id: int) -> int:
        chronicle = self._chronicle
        return max(0, chronicle.deducted.get(hold_id, 0) - chronicle.credited.get(hold_id, 0))

    def _cover(self, holds: list[Hold]) -> int:
        total = sum(self._covers(one) + self._rest(one) for one in holds)
        for newer, older in self._pairs(holds):
            total -= min(self._covers(newer), self._covers(older))
        return total

    def _pairs(self, holds: list[Hold]) -> list[tuple[Hold, Hold]]:
        """Replacements that are not over: both stand, and the older is being let go of or the newer is not in
        force."""
        by_id = {one.hold_id: one for one in holds}
        found: dict[int, tuple[Hold, Hold]] = {}
        for newer in holds:
            older = by_id.get(newer.replaces_hold_id)
            if older is None or ENDED in (newer.life, older.life) or _waits(newer):
                continue
            if newer.life != EFFECTIVE or any(one.cause == "REPLACED" for one in _releases(older)):
                found[older.hold_id] = (newer, older)  # an earlier one was over before another could begin
        return list(found.values())

    def _deducting(self, hold: Hold) -> int:
        return sum(
            hold.controlled_fen if one.whole else one.requested_fen
            for one in hold.controls
            if one.kind == DEDUCT and not one.outcome and not one.waits_for_approval
        )

    def _flight(self, holds: list[Hold]) -> int:
        return sum(self._brings(one) for one in holds if one.life in FLYING and not _waits(one))

    def _brings(self, hold: Hold) -> int:
        fact = self._chronicle.controls[hold.hold_id].fact
        return (
            min(hold.requested_fen, fact.available_fen)
            if fact.HasField("available_fen")
            else hold.requested_fen
        )

    def _after_releases(self, hold: Hold) -> tuple[int, int]:
        """Ceiling and what it covers when every RELEASE on its way is done."""
        ceiling = hold.ceiling_fen
        for one in _releases(hold):
            ceiling = 0 if one.whole else min(ceiling, one.requested_fen)
            if one.whole and hold.whole:
                return 0, 0
        covers = self._covers(hold)
        return ceiling, covers if hold.whole else min(covers, ceiling)

    # -- looking

    def _look(self) -> None:
        self._now = self._now_ns()
        self._today = calendar.date_of(self._now)

    def _claim_of(self, ledger: Ledger, number: int) -> Claim | None:
        _, claim_id = self._chronicle.claims[number]
        for court in self._chronicle.courts[number]:
            view = ledger.claim_view(court, claim_id, self._now)
            if view is not None:
                return view
        return None


def _waits(hold: Hold) -> bool:
    return hold.controls[0].waits_for_approval


def _releases(hold: Hold) -> list[controls_pb2.ControlView]:
    return [one for one in hold.controls if one.kind == RELEASE and not one.outcome]
