"""Planning: a court's call for a plan, carrying one out, and standing orders.

A plan is carried out only as it was shown, by its hash; every FREEZE of it is judged again when its turn
comes.
"""

from hashlib import blake2b

from chakong.gateway.v1 import controls_pb2
from chakong.journal.v1 import ledger_pb2
from gateway.holds import case_file, guard, making, orders
from gateway.holds.book import Book
from gateway.holds.cover import gap, gap_of
from gateway.holds.face import Refusal
from gateway.holds.lapse import lapse_of_claim
from gateway.holds.making import Signature, Target
from gateway.holds.model import FREEZE, NONE, Claim
from gateway.holds.plan import Plan, Step, guard_living, lay
from gateway.holds.view import Views, property_message, subject_message
from runtime import calendar
from runtime.identity import Identity


def plan(
    book: Book, request: controls_pb2.PlanFreezeRequest, caller: Identity
) -> Refusal | controls_pb2.PlanView:
    """Show a plan; with `carry_out` make it orders, if it is the one that was shown."""
    number = book.claim_numbers.get((caller.court, request.claim_id))
    if number is None:
        return guard.no_such_claim(book)
    lapse_of_claim(book, number)
    claim = book.claims[number]
    basis = guard.basis_of(book, request.mandate.SerializeToString(), caller.court)
    refusal = (
        guard.court_fault(book, claim, caller.court, FREEZE)
        or basis.refusal
        or guard.case_number_fault(claim, basis)
        or guard.notice_fault(request.notice_number)
        or _standing_fault(book, request.standing_until)
    )
    if refusal is not None:
        return refusal
    laid = lay(book, claim, set(request.inquiry_ids), by_itself=False)
    view = _view(claim, laid)
    if request.carry_out:
        if request.carry_out != view.plan_hash:
            return Refusal(
                controls_pb2.RULE_PLAN_CHANGED, "carry_out: the plan has changed since it was shown"
            )
        view.control_ids.extend(_carry_out_request(book, claim, laid, request, caller))
    view.claim.CopyFrom(Views(book, drafted=True).claim_view(book.claims[number], book.now_ns))
    return view


def _standing_fault(book: Book, until: int) -> Refusal | None:
    if until and not (calendar.is_date(until) and until >= book.today):
        return guard.malformed(f"standing_until: {until} given, a date as yyyymmdd from {book.today} on")
    return None


def _view(claim: Claim, laid: Plan) -> controls_pb2.PlanView:
    view = controls_pb2.PlanView()
    for step in laid.steps:
        view.steps.add(
            subject=subject_message(claim.debtors[step.debtor].subjects[step.holder]),
            property=property_message(step.property),
            ceiling_fen=step.ceiling_fen,
            whole=step.ceiling_fen == 0,
            expected_fen=step.expected_fen,
            replaces_hold_id=step.replaces,
        )
    digest = blake2b(claim.claim_id.encode(), digest_size=orders.HASH_BYTES)
    digest.update(view.SerializeToString())
    view.plan_hash = digest.digest()
    for omission in laid.omissions:
        view.omissions.add(property=property_message(omission.property), rule=omission.rule)
    return view


def _carry_out_request(
    book: Book, claim: Claim, laid: Plan, request: controls_pb2.PlanFreezeRequest, caller: Identity
) -> list[int]:
    basis = ledger_pb2.Standing(
        claim=claim.number,
        standing_until=request.standing_until,
        mandate=request.mandate,
        notice_number=request.notice_number,
        inquiry_ids=request.inquiry_ids,
    )
    basis.mandate.DiscardUnknownFields()
    basis.mandate.court_code = caller.court
    if request.standing_until:
        fact = book.fact().standing
        fact.CopyFrom(basis)
        case_file.standing(book, fact)
    return carry_out(book, claim.number, laid, basis, making.PLAN)


def carry_out(book: Book, number: int, laid: Plan, basis: ledger_pb2.Standing, cause: str) -> list[int]:
    """Make orders of a plan's steps, so far as they fit when their turn comes."""
    made = []
    court = book.claims[number].court
    signed = guard.basis_of(book, basis.mandate.SerializeToString(), court)
    for step in laid.steps:
        claim = book.claims[number]
        if not _fits(book, claim, step):
            continue
        order_id = f"{guard.OWN_PREFIX}{book.next_id}"
        signature = Signature(court, order_id, b"", "", cause, signed, basis.notice_number)
        months = book.law.months_max(step.property.item, book.today)
        available = step.available_fen if step.ceiling_fen else NONE
        target = Target(
            step.debtor,
            claim.debtors[step.debtor].subjects[step.holder],
            step.property,
            step.ceiling_fen,
            available,
            months,
            step.replaces,
        )
        control_id = making.freeze(book, claim, target, signature)
        book.followed.append(control_id)
        made.append(control_id)
    return made


def _fits(book: Book, claim: Claim, step: Step) -> bool:
    if len(book.holds) >= book.limits.holds_max:
        return False
    replaced = book.holds[step.replaces] if step.replaces else None
    if replaced is not None and (replaced.pair or not guard_living(replaced)):
        return False
    if step.ceiling_fen == 0:
        return gap_of(claim, step.debtor, book.day) > 0
    return (
        guard.amount_fault(book, claim, step.debtor, step.ceiling_fen, step.available_fen, replaced) is None
    )


def stand(book: Book, number: int) -> bool:
    """A standing order that finds a gap goes on; one whose day has passed is over. Whether it ordered
    anything."""
    claim = book.claims[number]
    standing = claim.standing
    if standing is None:
        return False
    if standing.standing_until < book.today:
        fact = book.fact().standing
        fact.claim = number
        case_file.standing(book, fact)
        return False
    if gap(claim, book.day) - claim.flight <= 0:
        return False
    laid = lay(book, claim, set(standing.inquiry_ids), by_itself=True)
    return bool(carry_out(book, number, laid, standing, making.STANDING))
