"""Query: the questions of courts and operators, and the dry run. Nothing is changed for longer than a
call."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import apply, approval, claims, effect, follow, orders, planning
from gateway.holds.book import Book
from gateway.holds.case_file import subject_of
from gateway.holds.face import HoldQuery, Refusal
from gateway.holds.guard import living_fault
from gateway.holds.model import EFFECTIVE, RENEW, Claim, Hold, TakenOrder
from gateway.holds.reading import read_order
from gateway.holds.view import Views
from runtime import calendar
from runtime.identity import Identity

ANY_STATE: Final = controls_pb2.CLAIM_STATE_UNSPECIFIED
# What follows from one order, release by release; a dry run that goes further shows the claim as far as it
# got.
FOLLOWING_MAX: Final = 256
# What may be tried.
Wanted: TypeAlias = (
    controls_pb2.ControlOrder | controls_pb2.Claim | controls_pb2.CaseEvent | controls_pb2.ApproveRequest
)
# More claims or holds than there can be.
UNBOUNDED: Final = 2**63 - 1
# A claim and an event are no orders.
NOTHING: Final = TakenOrder(0, "", 0)


@dataclass(frozen=True, slots=True)
class ClaimQuery:
    """Which claims are asked for; as in controls.proto ListClaimsRequest."""

    court: str
    state: controls_pb2.ClaimState.ValueType
    exposed: bool
    case_number: str
    after_claim_id: str
    count_max: int


def claim_view(
    views: Views, book: Book, court: str, claim_id: str, now_ns: int
) -> controls_pb2.ClaimView | None:
    """A claim that the court has now."""
    claim = views.claim(book.claim_numbers.get((court, claim_id), 0))
    if claim is None or claim.court != court:
        return None
    return views.claim_view(claim, now_ns)


def claim_views(
    views: Views, book: Book, wanted: ClaimQuery, now_ns: int, scan_max: int = UNBOUNDED
) -> tuple[list[controls_pb2.ClaimView], str]:
    """Claims of a court by their ids, of the next `scan_max`; and the id of the last one looked at, empty
    when that was the last there is."""
    ids: Sequence[str] = book.court_claims.get(wanted.court, [])
    if wanted.case_number:
        claim = views.claim(book.case_claims.get((wanted.court, wanted.case_number), 0))
        ids = [claim.claim_id] if claim is not None else []
    found: list[controls_pb2.ClaimView] = []
    start = bisect_right(ids, wanted.after_claim_id)
    end = min(len(ids), start + scan_max)
    for index in range(start, end):
        claim = views.claim(book.claim_numbers.get((wanted.court, ids[index]), 0))
        if claim is not None and claim.court == wanted.court:
            found += _if_wanted(views, wanted, claim, now_ns)
        if len(found) >= wanted.count_max:
            return found, ids[index] if index + 1 < len(ids) else ""
    return found, ids[end - 1] if start < end < len(ids) else ""


def _if_wanted(
    views: Views, wanted: ClaimQuery, claim: Claim, now_ns: int
) -> Iterator[controls_pb2.ClaimView]:
    if wanted.exposed and claim.exposed == 0:
        return
    view = views.claim_view(claim, now_ns)
    if wanted.state in (ANY_STATE, view.state) and (view.exposed_fen or not wanted.exposed):
        yield view


def hold_views(
    views: Views, book: Book, wanted: HoldQuery, now_ns: int, scan_max: int = UNBOUNDED
) -> tuple[list[controls_pb2.HoldView], int]:
    """Holds by their ids, of the next `scan_max`; and the id of the last one looked at, 0 when that was the
    last there is."""
    today = calendar.date_of(now_ns)
    found: list[controls_pb2.HoldView] = []
    ids = _ids(views, book, wanted)
    start = bisect_right(ids, wanted.after_hold_id)
    end = min(len(ids), start + scan_max)
    for index in range(start, end):
        hold = views.hold(ids[index])
        claim = views.claim(hold.origin.claim) if hold is not None else None
        if hold is not None and claim is not None and _is_wanted(book, wanted, hold, claim, today, now_ns):
            found.append(views.hold_view(hold, now_ns))
        if len(found) >= wanted.count_max:
            return found, ids[index] if index + 1 < len(ids) else 0
    return found, ids[end - 1] if start < end < len(ids) else 0


def _ids(views: Views, book: Book, wanted: HoldQuery) -> Sequence[int]:
    """Ids, ascending, from the narrowest index."""
    if wanted.case_number and wanted.court:
        claim = views.claim(book.case_claims.get((wanted.court, wanted.case_number), 0))
        return claim.holds if claim is not None else []
    lists: list[Sequence[int]] = []
    if wanted.subject is not None:
        lists.append(book.subject_holds.get(subject_of(wanted.subject), []))
    if wanted.institution is not None:
        lists.append(book.institution_holds.get(wanted.institution, []))
    if wanted.court:
        lists.append(book.court_holds.get(wanted.court, []))
    if lists:
        return min(lists, key=len)
    if wanted.case_number:
        return sorted(
            hold_id
            for (_, case_number), number in book.case_claims.items()
            if case_number == wanted.case_number
            for hold_id in book.claims[number].holds
        )
    return list(book.holds)


def _is_wanted(book: Book, wanted: HoldQuery, hold: Hold, claim: Claim, today: int, now_ns: int) -> bool:  # noqa: PLR0911 - a return for each fault
    origin = hold.origin
    if wanted.court and claim.court != wanted.court:
        return False
    if wanted.case_number and claim.case_number != wanted.case_number:
        return False
    if wanted.institution is not None and origin.property.institution != wanted.institution:
        return False
    if wanted.subject is not None and origin.subject != subject_of(wanted.subject):
        return False
    is_in_force = hold.life == EFFECTIVE and hold.until >= today
    if not wanted.ended and (living_fault(hold) or (hold.life == EFFECTIVE and not is_in_force)):
        return False
    if wanted.expiring_within_days:
        last = calendar.add_days(today, wanted.expiring_within_days)
        renews = any(book.controls[control_id].kind == RENEW for control_id in hold.pending)
        if not is_in_force or hold.until > last or renews:
            return False
    if wanted.idle_for_days:
        idle_ns = wanted.idle_for_days * calendar.DAY_NS
        return is_in_force and now_ns - _last_done_ns(book, hold) >= idle_ns
    return True


def _last_done_ns(book: Book, hold: Hold) -> int:
    """When a court, or the gateway for it, last ordered something about a hold."""
    return max(book.controls[control_id].ordered_ns for control_id in hold.controls)


def statements(
    views: Views, book: Book, institution: int, after_hold_id: int = 0, last_hold_id: int = UNBOUNDED
) -> list[hold_pb2.HoldStatement]:
    """An institution's holds as it last stated them, of those after the one id and up to the other."""
    ids = book.institution_holds.get(institution, [])
    wanted = range(bisect_right(ids, after_hold_id), bisect_right(ids, last_hold_id))
    holds = (views.hold(ids[index]) for index in wanted)
    return [views.statement(hold) for hold in holds if hold is not None and hold.version > 0]


def institutions_with_holds(book: Book) -> list[int]:
    """Every institution that has or had a hold."""
    return sorted(index for index, ids in book.institution_holds.items() if ids)


def preview(book: Book, wanted: Wanted, caller: Identity, now_ns: int) -> controls_pb2.PreviewResponse:
    """Take it on a step that is dropped, and play its full effect."""
    book.open(now_ns)
    try:
        decision = _decide(book, wanted, caller)
        if isinstance(decision, Refusal):
            return controls_pb2.PreviewResponse(rule=decision.rule, text=decision.text)
        number, taken = decision
        response = controls_pb2.PreviewResponse(waits_for_approval=taken.waits_for_approval)
        if not taken.repeated:
            if taken.hold_id:
                follow.after_hold(book, taken.hold_id)
            _settle(book)
            _play(book, taken.control_id)
        claim = book.claims.get(number)
        views = Views(book, drafted=True)
        if claim is not None:  # else it has left the ledger
            response.claim.CopyFrom(views.claim_view(claim, now_ns))
        for control_id in book.open_draft().controls:
            if control_id not in (taken.control_id, taken.hold_id):
                response.follow_ups.append(views.control_view(control_id))
        return response
    finally:
        book.drop()


def _decide(book: Book, wanted: Wanted, caller: Identity) -> Refusal | tuple[int, TakenOrder]:
    """The claim it is about, and what was taken: of an order or an approval, else nothing."""
    if isinstance(wanted, controls_pb2.Claim | controls_pb2.CaseEvent):
        refusal = (
            claims.put(book, wanted, caller)
            if isinstance(wanted, controls_pb2.Claim)
            else claims.record(book, wanted, caller)
        )
        number = book.claim_numbers.get((caller.court, wanted.claim_id), 0)
        return refusal if refusal is not None else (number, NOTHING)
    taken = (
        orders.take(book, read_order(wanted.SerializeToString()), caller)
        if isinstance(wanted, controls_pb2.ControlOrder)
        else approval.approve(book, wanted, caller)
    )
    if isinstance(taken, Refusal):
        return taken
    hold = book.holds.get(taken.hold_id)
    return hold.origin.claim if hold is not None else 0, taken


def _settle(book: Book) -> None:
    for number in tuple(book.touched):
        follow.after_claim(book, number)
        planning.stand(book, number)


def _play(book: Book, control_id: int) -> None:
    """The institutions do all that is asked for, and all that follows from it."""
    if control_id in book.waiting:
        fact = book.fact().approved
        fact.control_id = control_id
        apply.approved(book, fact)
    for _ in range(FOLLOWING_MAX):
        made = (control_id, *book.open_draft().controls)
        due = [one for one in made if one and _is_its_turn(book, one)]
        if not due:
            return
        effect.play(book, due[0])
        _settle(book)


def _is_its_turn(book: Book, control_id: int) -> bool:
    return book.holds[book.controls[control_id].hold_id].pending[:1] == (control_id,)
