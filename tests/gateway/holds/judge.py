"""Judge: the rules, reckoned anew from views alone, without anything that the ledger carries along.

cover, gap, flight and exposed as the contract says; (1) when a FREEZE leaves first; (2) and (3) after every
step; (4) by the banks' books.
"""

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds.query import ClaimQuery
from runtime import calendar
from tests.gateway.holds.world import COURT, DEDUCT, FREEZE, RELEASE, World

EFFECTIVE, ENDED, QUEUED = (
    hold_pb2.HOLD_LIFE_EFFECTIVE,
    hold_pb2.HOLD_LIFE_ENDED,
    hold_pb2.HOLD_LIFE_QUEUED,
)
FLYING = (hold_pb2.HOLD_LIFE_REQUESTED, hold_pb2.HOLD_LIFE_SENT)
UNKNOWN = hold_pb2.HOLD_LIFE_UNKNOWN

Hold = controls_pb2.HoldView
Control = controls_pb2.ControlView


class Judge:
    """Knows beside the views what a view does not tell: credits by hold, and what was seen to be
    available."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.credited: dict[int, int] = {}
        self.expected: dict[int, int | None] = {}
        self.values: dict[int, int] = {}

    # -- figures

    def claims(self) -> list[controls_pb2.ClaimView]:
        any_state = controls_pb2.CLAIM_STATE_UNSPECIFIED
        return self.world.ledger.claim_views(
            ClaimQuery(COURT, any_state, False, "", "", 1_000), self.world.now_ns
        )

    def holds_of(self, claim: controls_pb2.ClaimView, among: list[Hold] | None = None) -> list[Hold]:
        holds = self.world.holds() if among is None else among
        return [one for one in holds if one.claim_id == claim.claim.claim_id]

    def due(self, view: controls_pb2.ClaimView) -> int:
        claim = view.claim
        interest = 0
        if claim.interest_ppm_per_day:
            days = calendar.day_of(self.world.now_ns) - calendar.day_of_date(claim.interest_from)
            interest = claim.interest_base_fen * claim.interest_ppm_per_day * max(0, days) // 1_000_000
        return max(0, claim.principal_fen + claim.costs_fen + interest - view.credited_fen)

    def controls(self, hold: Hold) -> int:
        """What it covers: controlled, or the court's value."""
        if hold.life != EFFECTIVE or calendar.date_of(self.world.now_ns) > hold.effective_until:
            return 0
        return hold.value_fen if hold.whole else hold.controlled_fen

    def stands(self, hold: Hold) -> bool:
        """Neither ended nor past its last day, even where a renewal may have come in time."""
        today = calendar.date_of(self.world.now_ns)
        return hold.life != ENDED and (hold.life != EFFECTIVE or today <= hold.effective_until)

    def rest(self, hold: Hold) -> int:
        return max(0, hold.deducted_fen - self.credited.get(hold.hold_id, 0))

    def cover(self, holds: list[Hold]) -> int:
        total = sum(self.controls(one) + self.rest(one) for one in holds)
        for newer, older in self.pairs(holds):
            total -= min(self.controls(newer), self.controls(older))
        return total

    def pairs(self, holds: list[Hold]) -> list[tuple[Hold, Hold]]:
        """Replacements that are not over: both stand, and the older is being let go of or the newer is not
        in force."""
        by_id = {one.hold_id: one for one in holds}
        # An earlier one was over before another could begin.
        newest = {one.replaces_hold_id: one for one in holds if one.replaces_hold_id and not self.waits(one)}
        found = []
        for older_id, newer in newest.items():
            older = by_id[older_id]
            if self.stands(newer) and self.stands(older):
                is_let_go = any(one.cause == "REPLACED" for one in self.releases(older))
                if newer.life != EFFECTIVE or is_let_go:
                    found.append((newer, older))
        return found

    def waits(self, hold: Hold) -> bool:
        return hold.controls[0].waits_for_approval

    def releases(self, hold: Hold) -> list[Control]:
        return [one for one in hold.controls if one.kind == RELEASE and not one.outcome]

    def deducting(self, hold: Hold) -> int:
        """What a DEDUCT that may have left takes."""
        return sum(
            hold.controlled_fen if one.whole else one.requested_fen
            for one in hold.controls
            if one.kind == DEDUCT and not one.outcome and not one.waits_for_approval
        )

    def flight(self, holds: list[Hold]) -> int:
        return sum(self.brings(one) for one in holds if one.life in FLYING and not self.waits(one))

    def brings(self, hold: Hold) -> int:
        expected = self.expected.get(hold.hold_id)
        return hold.requested_fen if expected is None else min(hold.requested_fen, expected)

    def after_releases(self, hold: Hold) -> tuple[int, int]:
        """Ceiling and what it covers when every RELEASE on its way is done."""
        ceiling = hold.ceiling_fen
        for one in self.releases(hold):
            ceiling = 0 if one.whole else min(ceiling, one.requested_fen)
            if one.whole and hold.whole:
                return 0, 0
        covers = self.controls(hold)
        return ceiling, covers if hold.whole else min(covers, ceiling)

    # -- rules

    def check(self) -> None:
        """Everything that must hold after every step."""
        all_holds = self.world.holds()
        for view in self.claims():
            holds = self.holds_of(view, all_holds)
            due, cover = self.due(view), self.cover(holds)
            living = [one for one in holds if self.stands(one) and not self.waits(one)]
            assert view.due_fen == due
            assert view.cover_fen == cover
            assert view.gap_fen == max(0, due - cover)
            assert view.flight_fen == self.flight(holds)
            assert view.exposed_fen == sum(
                max(0, one.ceiling_fen - (one.controlled_fen if one.life == EFFECTIVE else 0))
                for one in living
                if not one.whole
            )
            self._reach(view, holds, living)
            self._excess(view, holds, living)

    def _reach(self, view: controls_pb2.ClaimView, holds: list[Hold], living: list[Hold]) -> None:
        """Rule (2)."""
        replaced = {newer.hold_id: self.controls(older) for newer, older in self.pairs(holds)}
        for hold in living:
            if hold.whole:
                continue
            ceiling, covers = self.after_releases(hold)
            reach = ceiling - covers
            assert reach <= view.gap_fen + replaced.get(hold.hold_id, 0), (hold.hold_id, reach, view.gap_fen)

    def _excess(self, view: controls_pb2.ClaimView, holds: list[Hold], living: list[Hold]) -> None:
        """Rule (3)."""
        rest = sum(self.rest(one) for one in holds)
        deducting = sum(self.deducting(one) for one in living)
        money = rest + sum(self.after_releases(one)[1] for one in living if not one.whole)
        things = [self.after_releases(one)[1] for one in living if one.whole]
        worth = sum(things)
        due = view.due_fen
        for value in filter(None, things):
            assert money + worth - value < due, "a thing is held that is not needed"
        if worth and (money + worth - due) * 5 <= due:
            return
        allowed = max(0, due - worth)
        assert money <= max(allowed, rest + deducting), (money, worth, due)

    def check_leaving(self, view: controls_pb2.ClaimView, hold: Hold) -> None:
        """Rule (1), for a FREEZE that leaves for the first time."""
        holds = self.holds_of(view)
        by_id = {one.hold_id: one for one in holds}
        room = self.controls(by_id[hold.replaces_hold_id]) if hold.replaces_hold_id in by_id else 0
        assert hold.requested_fen <= view.gap_fen + room
        own = 0 if hold.life in FLYING else self.brings(hold)
        if not hold.whole:
            assert view.cover_fen + view.flight_fen + own <= view.due_fen + room

    def check_quiet(self) -> None:
        """Rule (4), when nothing is on its way: the books agree, and no more is held than is due."""
        world = self.world
        for bank in world.banks.values():
            ours = [
                one
                for institution in world.ledger.institutions_with_holds()
                if world.bank_of(institution) is bank
                for one in world.ledger.statements(institution)
            ]
            theirs = bank.statements()
            for one in (*ours, *theirs):
                one.available_fen = one.stated_ns = 0
            assert sorted(ours, key=lambda one: one.hold_id) == theirs
            assert all(count == 1 for count in bank.effects.values())
        for hold in world.holds():
            for control in hold.controls:
                assert control.outcome or control.waits_for_approval, (hold.hold_id, control)
                if control.outcome == hold_pb2.CONTROL_OUTCOME_DONE:
                    bank = world.bank_of(hold.property.institution)
                    assert bank.effects.get(control.control_id) == 1
        for view in self.claims():
            held = sum(
                world.bank_of(one.property.institution).holds[one.hold_id][0].controlled
                for one in self.holds_of(view)
                if one.hold_id in world.bank_of(one.property.institution).holds
            )
            assert held <= view.due_fen


__all__ = ["DEDUCT", "FREEZE", "QUEUED", "UNKNOWN", "Judge"]
