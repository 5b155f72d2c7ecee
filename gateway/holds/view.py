"""View: claims, holds and controls as callers see them.

Of what is kept, unless a draft is asked for; changes nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from gateway.holds import encoding
from gateway.holds.book import Book
from gateway.holds.life import cover as cover_of
from gateway.holds.model import (
    EFFECTIVE,
    ENDED,
    RENEW,
    REQUESTED,
    SENT,
    Claim,
    Hold,
    Outcome,
    Property,
    Subject,
)
from runtime import calendar

MET: Final = controls_pb2.CLAIM_STATE_MET
SHORT: Final = controls_pb2.CLAIM_STATE_SHORT
OVER: Final = controls_pb2.CLAIM_STATE_OVER
FEN_MAX: Final = 2**63 - 1
# Callers' libraries take 4 MiB unless told otherwise; and the loop does so much in one go. The last hold of a
# message may go beyond.
HOLDS_PER_MESSAGE: Final = 200
MESSAGE_BYTES_MAX: Final = 1 << 20
HOLDS: Final = controls_pb2.WatchHoldsResponse.HOLDS_FIELD_NUMBER
CONTROLS: Final = controls_pb2.HoldView.CONTROLS_FIELD_NUMBER


class Views:
    """`drafted`: of the open step instead of what is kept."""

    def __init__(self, book: Book, *, drafted: bool = False) -> None:
        self._book = book
        self._is_drafted = drafted

    def hold(self, hold_id: int) -> Hold | None:
        """A hold; None: there is none."""
        return self._book.holds.get(hold_id) if self._is_drafted else self._book.kept_hold(hold_id)

    def claim(self, number: int) -> Claim | None:
        """A claim; None: there is none."""
        return self._book.claims.get(number) if self._is_drafted else self._book.kept_claim(number)

    def outcome(self, control_id: int) -> Outcome | None:
        """How a control ended; None: it has not."""
        book = self._book
        return book.outcomes.get(control_id) if self._is_drafted else book.kept_outcome(control_id)

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
        return controls_pb2.HoldView.FromString(self._encoded(hold, claim, calendar.date_of(now_ns), 0))

    def told(
        self, court: str, case_number: str, hold_ids: Sequence[int], first: int, today: int
    ) -> tuple[list[bytes], int]:
        """For a court that watches, holds from `first` on, as fields of one WatchHoldsResponse,
        and where to go on. Only those of this court, and of the case if one is named."""
        found: list[bytes] = []
        size_bytes, place, count = 0, first, len(hold_ids)
        while place < count and len(found) < HOLDS_PER_MESSAGE and size_bytes < MESSAGE_BYTES_MAX:
            hold = self.hold(hold_ids[place])
            place += 1
            claim = self.claim(hold.origin.claim) if hold is not None else None
            if hold is None or claim is None or claim.court != court:
                continue
            if case_number and claim.case_number != case_number:
                continue
            view = self._encoded(hold, claim, today, HOLDS)
            found.append(view)
            size_bytes += len(view)
        return found, place

    def by_court(
        self, hold_ids: Iterable[int], ordered: Collection[int]
    ) -> dict[str, tuple[list[int], list[int]]]:
        """By the court that has their case, holds that the last step changed; apart from the others those of
        `ordered` that it changed by orders alone."""
        found: dict[str, tuple[list[int], list[int]]] = {}
        for hold_id in hold_ids:
            hold = self.hold(hold_id)
            claim = self.claim(hold.origin.claim) if hold is not None else None
            if hold is None or claim is None:
                continue
            both = found.get(claim.court)
            if both is None:
                both = found[claim.court] = ([], [])
            is_new = hold.version == 0 and hold.life == REQUESTED
            is_ordered = hold_id in ordered and (is_new or hold.changed_ns != self._book.now_ns)
            both[is_ordered].append(hold_id)
        return found

    def _encoded(self, hold: Hold, claim: Claim, today: int, field: int) -> bytes:
        """A HoldView on that date, as this field; 0: as the message."""
        life, end = self.stands(hold, today)
        is_effective = life == EFFECTIVE
        cover = cover_of(hold.ceiling, hold.controlled, is_effective)
        if hold.origin.is_thing and is_effective:
            cover = controls_pb2.COVER_FULL
        return encoding.hold_view(hold, claim, life, end, cover, self._encoded_controls(hold), field)

    def _encoded_controls(self, hold: Hold) -> bytes:
        """Its controls, as fields of its view. Those that have ended are encoded once."""
        ids = hold.controls
        place, count, told = hold.told_count, len(ids), hold.told
        while place < count and self.outcome(ids[place]) is not None:
            told += self._encoded_control(ids[place], hold, CONTROLS)
            place += 1
        if not self._is_drafted:
            hold.told_count, hold.told = place, told
        while place < count:
            told += self._encoded_control(ids[place], hold, CONTROLS)
            place += 1
        return told

    def stands(
        self, hold: Hold, today: int
    ) -> tuple[hold_pb2.HoldLife.ValueType, hold_pb2.HoldEnd.ValueType]:
        """Where it stands on that date: after its last day it has ended, unless a renewal may have come in
        time."""
        if hold.life == EFFECTIVE and hold.until < today:
            if self._is_being_renewed(hold):
                return EFFECTIVE, hold.end
            return ENDED, hold_pb2.HOLD_END_EXPIRED
        if hold.life == REQUESTED and hold.origin.hold_id in self._book.left:
            return SENT, hold.end
        return hold.life, hold.end

    def _is_being_renewed(self, hold: Hold) -> bool:
        return any(self._book.controls[control_id].kind == RENEW for control_id in hold.pending)

    def control_view(self, control_id: int) -> controls_pb2.ControlView:
        """A control and its outcome."""
        hold = self.hold(self._book.controls[control_id].hold_id)
        return controls_pb2.ControlView.FromString(self._encoded_control(control_id, hold, 0))

    def _encoded_control(self, control_id: int, hold: Hold | None, field: int) -> bytes:
        control = self._book.controls[control_id]
        outcome = self.outcome(control_id)
        requested_fen, waits = control.requested_fen, False
        if outcome is not None:
            requested_fen = outcome.requested_fen
        elif hold is not None and control.keep_fen >= 0:
            requested_fen = control.asked_fen(hold.deducted)
        elif hold is not None and control.waits:
            waits = control_id not in hold.pending
        return encoding.control_view(control, outcome, requested_fen, waits, field)

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
