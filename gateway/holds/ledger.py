"""Ledger: claims, controls and holds, event-sourced and sans-I/O.

Inputs are decided on an open step; `finish` gives the body of one journal frame. When it is durable, `keep`
makes the step count: then receipts may go out and controls may be sent. If it never becomes durable, `drop`
leaves no trace, and the receipts of that step count as never heard: give their controls back. `replay`
applies what stands in a frame, in the order of seqs, and decides nothing. One step at a time; questions,
`take` and `give_back` may come at any time and see only what is kept.

A receipt UNAVAILABLE makes its control due again by itself. `Fault.is_taken` says whether what was said
counts nevertheless (more than was ordered: it is released at once). A fault of kind GAP: read on from
`cursor`. After a restart the first control in line of each hold counts as having left.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, TypeVar

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import ledger_pb2, snapshot_pb2
from chakong.type.v1 import hold_pb2
from gateway.directory import Directory
from gateway.holds import (
    apply,
    approval,
    claims,
    deciding,
    encoding,
    forgetting,
    outcome,
    planning,
    query,
    sightings,
    snapshot,
    ticking,
)
from gateway.holds.book import Book, Draft
from gateway.holds.counting import Counting
from gateway.holds.face import Fault, HoldQuery, Limits, Refusal, Stats
from gateway.holds.law import Law
from gateway.holds.model import TakenOrder
from gateway.holds.past import left_text
from gateway.holds.reading import Order, Receipt
from gateway.holds.restoring import restore
from gateway.holds.sending import Leaving, Sending
from gateway.holds.view import Views
from runtime import calendar
from runtime.identity import Identity

# No life gives more ids a second; so the ids of a life that begins later are all higher. A number of JSON
# holds them until the year 2242.
IDS_PER_SECOND_BITS: Final = 20
SECOND_NS: Final = 1_000_000_000

T = TypeVar("T")


class Ledger:
    """All claims and holds of all courts. Not thread-safe; one owner drives it."""

    def __init__(self, law: Law, directory: Directory, limits: Limits) -> None:
        self._book = Book(law, directory, limits)
        self._sending = Sending(self._book)
        self._views = Views(self._book)
        self._counting = Counting(self._book)
        # A step that is finished and neither kept nor dropped.
        self._finished: Draft | None = None

    def set_directory(self, directory: Directory) -> None:
        """Institutions can do other things now; indexes stay."""
        self._book.directory = directory
        self._book.able.clear()

    def begin(self, now_ns: int) -> None:
        """Open a step. Its moment is never before that of an earlier one."""
        if self._book.draft is not None:
            raise AssertionError("ledger: a step is open")
        self._book.open(now_ns)

    def put_claim(self, claim: controls_pb2.Claim, caller: Identity) -> Refusal | None:
        """Register a claim or change its figures; None: taken, or the same as before."""
        return self._judged(lambda: claims.put(self._book, claim, caller))

    def record(self, event: controls_pb2.CaseEvent, caller: Identity) -> Refusal | tuple[int, ...]:
        """What happened to a case; the ids of the controls that followed."""
        refusal = self._judged(lambda: claims.record(self._book, event, caller))
        return refusal if refusal is not None else tuple(self._book.followed)

    def order(self, order: Order, caller: Identity) -> Refusal | TakenOrder:
        """One control. It counts once the step is kept."""
        return self.orders((order,), caller)[0]

    def orders(self, together: Sequence[Order], caller: Identity) -> list[Refusal | TakenOrder]:
        """Each of them."""
        self._clear()
        return [deciding.order(self._book, self._counting, one, caller) for one in together]

    def approve(self, request: controls_pb2.ApproveRequest, caller: Identity) -> Refusal | TakenOrder:
        """Another officer's word on an order that waits for it."""
        return self._judged(lambda: approval.approve(self._book, request, caller))

    def plan(
        self, request: controls_pb2.PlanFreezeRequest, caller: Identity
    ) -> Refusal | controls_pb2.PlanView:
        """Lay a claim over what was found; with `carry_out` order it."""
        return self._judged(lambda: planning.plan(self._book, request, caller))

    @property
    def has_claims(self) -> bool:
        """Whether there is any claim."""
        return bool(self._book.claims)

    def wants(self, court: str, case_number: str) -> bool:
        """Whether answers for this case are of use: it has a claim."""
        return (court, case_number) in self._book.case_claims

    def sight(self, court: str, answer: gateway_pb2.Answer) -> None:
        """What was found for a case that has a claim."""
        self._judged(lambda: sightings.take(self._book, court, answer))

    def receipt(self, endpoint: int, receipt: Receipt) -> Fault | None:
        """An institution's word on a control."""
        return self.receipts(endpoint, (receipt,))[0]

    def receipts(self, endpoint: int, together: Sequence[Receipt]) -> list[Fault | None]:
        """Each of them."""
        self._clear()
        return [
            deciding.receipt(self._book, self._counting, self._sending, endpoint, one) for one in together
        ]

    def event(self, endpoint: int, event: institution_pb2.HoldEvent) -> Fault | None:
        """What an institution said by itself."""
        self._clear()
        fault = outcome.event(self._book, endpoint, event)
        if fault is not None:
            self._counting.faulty(fault)
        if self._book.touched:
            deciding.after(self._book, event.hold.hold_id)
        return fault

    def tick(self) -> None:
        """What time alone brings."""
        self._clear()
        ticking.tick(self._book)
        deciding.follow_up(self._book)

    def accidents(self) -> list[Exception]:
        """Faults of our own since the last call: of each an input was refused."""
        found, self._book.accidents = self._book.accidents, []
        return found

    def finish(self) -> bytes:
        """The frame's body. Empty: there is nothing to keep, and the step is dropped."""
        draft = self._book.open_draft()
        if not draft.facts:
            self._book.drop_empty()
            return b""
        self._finished = draft
        return encoding.step(draft.now_ns, draft.facts)

    def keep(self, seq: int) -> tuple[int, ...]:
        """The step is durable as this frame. The ids of holds that changed."""
        draft = self._book.close()
        self._finished = None
        return self._count(draft, seq)

    def drop(self) -> None:
        """The step never became durable: nothing happened."""
        self._finished = None
        self._book.drop()

    def replay(self, body: bytes, seq: int) -> None:
        """Apply a frame of the journal."""
        step = ledger_pb2.Step.FromString(body)
        book = self._book
        book.open(step.stepped_ns)
        for fact in step.facts:
            apply.apply(book, fact)
        draft = book.close()
        self._count(draft, seq)
        for hold_id in draft.holds:
            hold = book.holds.get(hold_id)
            if hold is not None and hold.pending:
                book.left.difference_update(hold.pending[1:])
                book.left.add(hold.pending[0])

    def begin_life(self, now_ns: int) -> None:
        """After the last frame was replayed, before the first step: ids go on above all that any earlier life
        gave, also those of steps that are lost because an older copy of the journal was put in its place."""
        book = self._book
        book.next_id = max(book.next_id, now_ns // SECOND_NS << IDS_PER_SECOND_BITS)

    def snapshot(self, step_seq: int, answers_seq: int) -> snapshot.Sheets:
        """Sheets of the ledger as it is now, after step `step_seq`; None wherever the caller may turn to
        other things, steps among them. Between steps; one at a time; close it."""
        return snapshot.begin(self._book, step_seq, answers_seq)

    def restore(self, sheets: Iterable[snapshot_pb2.Sheet]) -> int:
        """Instead of the first `replay`: read a snapshot; its `answers_seq`. ValueError when it is none."""
        answers_seq = restore(self._book, sheets)
        self._counting.restored()
        self._sending.restored()
        return answers_seq

    def _clear(self) -> None:
        book = self._book
        if book.draft is None or self._finished is not None:
            raise AssertionError("ledger: no step is open for inputs")
        if book.touched:
            book.clear_input()

    def _judged(self, decide: Callable[[], T]) -> T | Refusal:
        """One input, and what follows from it."""
        self._clear()
        book = self._book
        fact_count = len(book.step.facts)
        decision: T | Refusal
        try:
            decision = decide()
        except Exception as error:
            decision = Refusal(deciding.NOT_JUDGED, book.accident(fact_count, error))
        if isinstance(decision, Refusal):
            self._counting.refused(decision)
        else:
            deciding.follow_up(book)
        return decision

    def _count(self, draft: Draft, seq: int) -> tuple[int, ...]:
        """A step became part of what is kept."""
        book = self._book
        self._counting.kept(draft, seq)
        deciding.line_up(book, self._sending, draft)
        forgetting.note(book, draft)
        forgetting.leave(book, draft, self._counting)
        return tuple(draft.holds)

    # -- sending: only of what is kept

    def endpoints_due(self) -> frozenset[int]:
        """Where there may be something to take."""
        return self._sending.endpoints_due()

    def endpoints_urgent(self) -> frozenset[int]:
        """Those of them whose turn should not be waited for."""
        return self._sending.endpoints_urgent()

    def take(self, endpoint: int, count_max: int) -> list[Leaving]:
        """Controls whose turn it is, each on another hold."""
        return self._sending.take(endpoint, count_max)

    def give_back(self, control_ids: Iterable[int]) -> None:
        """Not delivered, or no receipt came: they are due again."""
        self._sending.give_back(control_ids)

    def cursor(self, endpoint: int) -> int:
        """The last event that is kept."""
        return self._book.kept_cursor(endpoint)

    def next_due_ns(self) -> int:
        """When tick has something to do; 0: never."""
        return self._book.timetable.next_due_ns(self._is_heard)

    def _is_heard(self, hold_id: int) -> bool:
        hold = self._book.kept_hold(hold_id)
        return hold is not None and not hold.is_flying

    # -- questions: of what is kept

    def preview(self, wanted: query.Wanted, caller: Identity, now_ns: int) -> controls_pb2.PreviewResponse:
        """What an order, a claim, an event or an approval would do now, and what would follow if all has its
        full effect."""
        return query.preview(self._book, wanted, caller, now_ns)

    def claim_view(self, court: str, claim_id: str, now_ns: int) -> controls_pb2.ClaimView | None:
        """A claim that the court has."""
        return query.claim_view(self._views, self._book, court, claim_id, now_ns)

    def claim_views(self, wanted: query.ClaimQuery, now_ns: int) -> list[controls_pb2.ClaimView]:
        """Claims of a court by their ids."""
        return query.claim_views(self._views, self._book, wanted, now_ns)[0]

    def claims_among(
        self, wanted: query.ClaimQuery, scan_max: int, now_ns: int
    ) -> tuple[list[controls_pb2.ClaimView], str]:
        """The same among the next `scan_max`, and the id to go on after; empty: that was all."""
        return query.claim_views(self._views, self._book, wanted, now_ns, scan_max)

    def hold_view(self, hold_id: int, now_ns: int) -> controls_pb2.HoldView | None:
        """A hold, whoever's it is."""
        hold = self._book.kept_hold(hold_id)
        return self._views.hold_view(hold, now_ns) if hold is not None else None

    def told(
        self, court: str, case_number: str, hold_ids: Sequence[int], first: int, now_ns: int
    ) -> tuple[list[bytes], int]:
        """For a court that watches, holds as it is told of them, and where to go on. See Views."""
        return self._views.told(court, case_number, hold_ids, first, calendar.date_of(now_ns))

    def by_court(
        self, hold_ids: Iterable[int], ordered: Collection[int]
    ) -> dict[str, tuple[list[int], list[int]]]:
        """Of holds that the last step changed, for each court its own. See Views."""
        return self._views.by_court(hold_ids, ordered)

    def hold_of_order(self, court: str, order_id: str) -> int:
        """The hold that an order of this court is about; 0: none."""
        control_id = self._book.orders.get((court, order_id), 0)
        control = self._book.controls.get(control_id)
        return control.hold_id if control and self._book.kept_hold(control.hold_id) else 0

    def hold_of_control(self, control_id: int) -> int:
        """The hold that a control is about; 0: none."""
        control = self._book.controls.get(control_id)
        return control.hold_id if control is not None else 0

    def court_of_hold(self, hold_id: int) -> str | None:
        """The court that has the case of this hold now."""
        hold = self._book.kept_hold(hold_id)
        claim = self._book.kept_claim(hold.origin.claim) if hold is not None else None
        return claim.court if claim is not None else None

    def hold_views(self, wanted: HoldQuery, now_ns: int) -> list[controls_pb2.HoldView]:
        """Holds by their ids."""
        return query.hold_views(self._views, self._book, wanted, now_ns)[0]

    def holds_among(
        self, wanted: HoldQuery, scan_max: int, now_ns: int
    ) -> tuple[list[controls_pb2.HoldView], int]:
        """The same among the next `scan_max`, and the id to go on after; 0: that was all."""
        return query.hold_views(self._views, self._book, wanted, now_ns, scan_max)

    def statements(
        self, institution: int, after_hold_id: int = 0, last_hold_id: int = query.UNBOUNDED
    ) -> list[hold_pb2.HoldStatement]:
        """Its holds in that range of ids as it last stated them, those that it never did left out."""
        return query.statements(self._views, self._book, institution, after_hold_id, last_hold_id)

    def institutions_with_holds(self) -> list[int]:
        """Every institution that has or had a hold."""
        return query.institutions_with_holds(self._book)

    def had_hold(self, hold_id: int) -> bool:
        """Whether this hold was here and left with its claim."""
        return self._book.past.had_hold(hold_id)

    @property
    def left_text(self) -> str:
        """What to tell those who ask for something that is not there."""
        return left_text(self._book.limits.ended_keep_ns)

    def stats(self) -> Stats:
        """Figures for metrics."""
        return self._counting.stats(self._sending)
