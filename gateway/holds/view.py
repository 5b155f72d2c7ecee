"""View: claims, holds and controls as callers see them.

Of what is kept, unless a draft is asked for; changes nothing.
"""

from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from gateway.holds import encoding, life
from gateway.holds.book import Book
from gateway.holds.model import (
    EFFECTIVE,
    ENDED,
    RENEW,
    REQUESTED,
    SENT,
    Claim,
    Hold,
    Objection,
    Origin,
    Outcome,
    Property,
    Subject,
)
from runtime import calendar
from runtime._wire import message

if TYPE_CHECKING:
    from collections.abc import Callable

MET: Final = controls_pb2.CLAIM_STATE_MET
SHORT: Final = controls_pb2.CLAIM_STATE_SHORT
OVER: Final = controls_pb2.CLAIM_STATE_OVER
FEN_MAX: Final = 2**63 - 1
# About 150 bytes each.
ENDED_MAX: Final = 131_072
ABOUTS_MAX: Final = 65_536


class Views:
    """`drafted`: of the open step instead of what is kept."""

    def __init__(self, book: Book, *, drafted: bool = False) -> None:
        self._book = book
        self.hold: Callable[[int], Hold | None] = book.holds.get if drafted else book.kept_hold
        self.claim: Callable[[int], Claim | None] = book.claims.get if drafted else book.kept_claim
        self.outcome: Callable[[int], Outcome | None] = book.outcomes.get if drafted else book.kept_outcome
        # What never changes any more, as it was told before: controls with an outcome; what holds are on.
        self._ended: dict[int, bytes] = {}
        self._abouts: dict[int, bytes] = {}

    def claim_view(self, claim: Claim, now_ns: int) -> controls_pb2.ClaimView:
        """A claim with its figures on the day of `now_ns`."""
        day = calendar.day_of(now_ns)
        figures = self.figures(claim, day)
        view = controls_pb2.ClaimView(
            claim=claim.message,
            state=state_of(figures.due, figures.cover),
            due_fen=_shown(figures.due),
            cover_fen=_shown(figures.cover),
            gap_fen=_shown(max(0, figures.due - figures.cover)),
            flight_fen=_shown(claim.flight),
            exposed_fen=_shown(figures.exposed),
            credited_fen=_shown(claim.credited),
            indivisible=figures.kept > figures.due and figures.things > 0,
            court_code=claim.court,
            bankrupt=any(debtor.is_bankrupt for debtor in claim.debtors),
            stayed=claim.stayed,
            hold_count=sum(1 for hold_id in claim.holds if self._counts(hold_id)),
        )
        if claim.standing is not None:
            view.standing = True
            view.standing_until = claim.standing.standing_until
        return view

    def _counts(self, hold_id: int) -> bool:
        hold = self.hold(hold_id)
        return hold is not None and hold.life != ENDED and not hold.lapsed

    def figures(self, claim: Claim, day: int) -> "Figures":
        """Due, cover and the rest on that day; holds whose last day has passed since count nothing."""
        days = max(0, day - claim.interest_day) if claim.interest_ppm else 0
        interest = claim.interest_base * claim.interest_ppm * days // 1_000_000
        figures = Figures(
            max(0, claim.base_fen + interest - claim.credited), claim.cover, claim.kept, claim.exposed
        )
        today = calendar.date_of_day(day)
        is_over = claim.kept > figures.due
        if today <= claim.until_min and not is_over:
            return figures
        for hold_id in claim.holds:
            hold = self.hold(hold_id)
            if hold is None or not hold.is_in_force:
                continue
            if hold.until < today:
                figures.cover -= hold.cover - hold.rest
                figures.kept -= hold.kept - hold.rest
                figures.exposed -= hold.exposed
            elif hold.origin.is_thing:
                figures.things += hold.kept - hold.rest
        return figures

    def hold_view(self, hold: Hold, now_ns: int) -> controls_pb2.HoldView:
        """A hold with all its controls."""
        claim = self.claim(hold.origin.claim)
        if claim is None:
            raise AssertionError(f"ledger: hold {hold.origin.hold_id} has no claim")
        return controls_pb2.HoldView.FromString(self.encoded(hold, claim, calendar.date_of(now_ns)))

    def encoded(self, hold: Hold, claim: Claim, today: int) -> bytes:
        """The same on that date as it is written: a HoldView."""
        origin = hold.origin
        stands, end = self.stands(hold, today)
        is_effective = stands == EFFECTIVE
        cover = life.cover(hold.ceiling, hold.controlled, is_effective=is_effective)
        if origin.is_thing and is_effective:
            cover = controls_pb2.COVER_FULL
        ahead = b"".join(message(18, court) for court in hold.ahead) if hold.ahead else None
        objections = b"".join(map(_objection, hold.objections)) if hold.objections else None
        controls = b"".join(map(self._control_field, hold.controls))
        return message(
            1, origin.hold_id, 2, claim.message.claim_id, 3, claim.case_number, 0, self._about(origin),
            6, stands, 7, end, 8, cover, 9, origin.requested_fen, 10, hold.ceiling, 11, origin.is_thing,
            12, hold.controlled, 13, hold.deducted, 14, hold.value, 15, hold.since, 16, hold.until,
            17, hold.position, 0, ahead, 19, origin.replaces, 0, controls, 0, objections,
            22, origin.requested_ns, 23, hold.changed_ns,
        )  # fmt: skip

    def _about(self, origin: Origin) -> bytes:
        """Whose and what a hold is on: it never changes."""
        known = self._abouts.get(origin.hold_id)
        if known is None:
            if len(self._abouts) >= ABOUTS_MAX:
                self._abouts.clear()
            known = message(4, encoding.person(origin.subject), 5, encoding.place(origin.property))
            self._abouts[origin.hold_id] = known
        return known

    def stands(
        self, hold: Hold, today: int
    ) -> tuple[hold_pb2.HoldLife.ValueType, hold_pb2.HoldEnd.ValueType]:
        """Where it stands on that date: after its last day it has ended, unless a renewal may have come in
        time."""
        if hold.life == EFFECTIVE and hold.until < today:
            renews = any(self._book.controls[control_id].kind == RENEW for control_id in hold.pending)
            return (EFFECTIVE, hold.end) if renews else (ENDED, hold_pb2.HOLD_END_EXPIRED)
        if hold.life == REQUESTED and hold.origin.hold_id in self._book.left:
            return SENT, hold.end
        return hold.life, hold.end

    def control_view(self, control_id: int) -> controls_pb2.ControlView:
        """A control and its outcome."""
        return controls_pb2.ControlView.FromString(
            self._encoded_control(control_id, self.outcome(control_id))
        )

    def _control_field(self, control_id: int) -> bytes:
        """A control in the view of its hold. One with an outcome never changes again."""
        known = self._ended.get(control_id)
        if known is not None:
            return known
        outcome = self.outcome(control_id)
        field = message(20, self._encoded_control(control_id, outcome))
        if outcome is not None:
            if len(self._ended) >= ENDED_MAX:
                self._ended.clear()
            self._ended[control_id] = field
        return field

    def _encoded_control(self, control_id: int, outcome: Outcome | None) -> bytes:
        control = self._book.controls[control_id]
        requested_fen, waits = control.requested_fen, False
        if outcome is not None:
            requested_fen = outcome.requested_fen
        elif control.keep_fen >= 0 or control.waits:
            hold = self.hold(control.hold_id)
            if hold is not None and control.keep_fen >= 0:
                requested_fen = control.asked_fen(hold.deducted)
            elif hold is not None:
                waits = control_id not in hold.pending
        outcome_fields = None
        if outcome is not None:
            outcome_fields = message(
                8, outcome.outcome, 9, outcome.refusal, 10, outcome.text, 11, outcome.deducted_fen,
                13, outcome.ended_ns,
            )  # fmt: skip
        return message(
            1, control_id, 2, control.order_id, 3, control.kind, 4, control.hold_id, 5, requested_fen,
            6, control.whole, 7, control.months, 0, outcome_fields, 12, control.ordered_ns, 14, waits,
            15, control.cause,
        )  # fmt: skip

    def statement(self, hold: Hold) -> hold_pb2.HoldStatement:
        """A hold as the institution last stated it."""
        return hold_pb2.HoldStatement(
            hold_id=hold.origin.hold_id,
            institution=hold.origin.property.institution,
            version=hold.version,
            life=hold.life,
            end=hold.end,
            ceiling_fen=hold.ceiling,
            whole=hold.origin.is_thing,
            controlled_fen=hold.controlled,
            deducted_fen=hold.deducted,
            queue_position=hold.position,
            ahead_court_codes=hold.ahead,
            effective_from=hold.since,
            effective_until=hold.until,
            available_fen=max(0, hold.available),
            stated_ns=hold.stated_ns,
        )


class Figures:
    """What a claim comes to on a day. `things`: what things of it count; only reckoned when more is held
    than due."""

    __slots__ = ("cover", "due", "exposed", "kept", "things")

    def __init__(self, due: int, cover: int, kept: int, exposed: int) -> None:
        self.due = due
        self.cover = cover
        self.kept = kept
        self.exposed = exposed
        self.things = 0


def _shown(amount_fen: int) -> int:
    """A sum over holds; thousands that each reach for a very large claim come to more than a field holds."""
    return min(amount_fen, FEN_MAX)


def state_of(due_fen: int, cover_fen: int) -> controls_pb2.ClaimState.ValueType:
    """Met, short or over."""
    if cover_fen == due_fen:
        return MET
    return SHORT if cover_fen < due_fen else OVER


def _objection(objection: Objection) -> bytes:
    """In the view of its hold."""
    content = message(
        1, objection.text, 2, objection.objected_ns, 3, objection.answer_due, 4, objection.is_answered
    )
    return message(21, content)


def subject_message(subject: Subject) -> type_pb2.Subject:
    """A person as a message."""
    return type_pb2.Subject(
        id_type=subject.id_type,  # type: ignore[arg-type]
        id_number=subject.id_number,
        name=subject.name,
    )


def property_message(place: Property) -> hold_pb2.Property:
    """A place as a message."""
    return hold_pb2.Property(
        institution=place.institution,
        item=place.item,
        locator=place.locator,
        kind=place.kind,
        currency=place.currency,
    )
