"""Courts: what courts and their officers ask of the gateway, drawn from the seed.

They know only what they were told. A call that brought no answer is made again later with the same id and the
same content; an answer is remembered, and must be the same the next time.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Protocol

from google.protobuf.message import Message

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.edge.errors import EdgeError, FullError, JournalError, UnavailableError
from runtime.identity import Identity, Role
from tests.simulation.chronicle import Chronicle
from tests.simulation.office import Office
from tests.simulation.promises import Promises
from tests.simulation.town import PEOPLE_COUNT, person

if TYPE_CHECKING:
    from gateway.edge.server import Handlers

COURTS = ("京0105", "沪0101", "粤0104")
PRINCIPALS = (30, 100, 100, 250, 600)
CLAIMS_MAX = 3

# What may be asked for again when there was an answer; a plan or a claim would be another one by then.
REPEATED = (controls_pb2.OrderRequest, controls_pb2.RecordCaseEventRequest, gateway_pb2.SubmitRequest)

Handler = Callable[[Identity, bytes], Awaitable[bytes]]
Which = Callable[["Handlers"], Handler]


@dataclass(slots=True)
class Case:
    """A case with a claim, as its court knows it."""

    claim: controls_pb2.Claim
    court: str
    has_standing: bool = False


@dataclass(slots=True)
class Wish:
    """A call that changes something. `answer` None: none came yet; `is_over`: refused."""

    which: Which
    caller: Identity
    message: Message
    answer: bytes | None = None
    is_over: bool = False
    then: Callable[[bytes], None] | None = None


class World(Protocol):
    """What courts see of the world."""

    office: Office | None
    chronicle: Chronicle
    promises: Promises

    def fail(self, sentence: str) -> None: ...

    def note(self, line: str) -> None: ...

    def ask(self, call: Awaitable[None]) -> None:
        """Let it run beside everything else, until the office crashes."""


@dataclass(slots=True)
class Courts:
    """All courts. What they want is in desires.py; here is how they ask."""

    random: Random
    world: World
    counts: Counter[str]
    cases: list[Case] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    # Inquiries made when nothing goes wrong any more.
    last_orders: set[str] = field(default_factory=set)
    ordinal: int = 0

    def next_id(self, prefix: str) -> str:
        self.ordinal += 1
        return f"{prefix}{self.ordinal}"

    # -- asking

    def wish(
        self,
        which: Which,
        caller: Identity,
        message: Message,
        then: Callable[[bytes], None] | None = None,
    ) -> None:
        """Ask for something, and keep asking until there is an answer."""
        wish = Wish(which, caller, message, then=then)
        self.wishes.append(wish)
        self.ask(wish)

    def ask(self, wish: Wish) -> None:
        """Ask for it (again)."""
        office = self.world.office
        if office is None or not office.is_open:
            self.counts["calls without a gateway"] += 1
            return
        self.world.ask(self._ask(office, wish))

    def ask_again(self) -> str:
        """Something that may not have been heard; or something that was, to see whether it is known."""
        open_ones = self.unanswered()
        known = [
            wish for wish in self.wishes if wish.answer is not None and isinstance(wish.message, REPEATED)
        ]
        if open_ones:
            self.ask(self.random.choice(open_ones))
            return "a call again that had no answer"
        if known:
            self.counts["repeated calls"] += 1
            self.ask(self.random.choice(known))
            return "a call again that had one"
        return "nothing to ask again"

    def unanswered(self) -> list[Wish]:
        return [wish for wish in self.wishes if wish.answer is None and not wish.is_over]

    async def _ask(self, office: Office, wish: Wish) -> None:
        try:
            answer = await wish.which(office.handlers)(wish.caller, wish.message.SerializeToString())
        except JournalError:
            self.counts["calls not durable"] += 1
            return
        except (FullError, UnavailableError) as error:
            self.counts["calls put off"] += 1
            self.world.note(f"put off: {error.message}")
            return
        except EdgeError as error:
            name = error.rule or type(error).__name__
            self.counts[f"refused: {name}"] += 1
            self.world.note(f"refused {name}: {error.message}")
            order_id = _order_id(wish.message)
            if wish.answer is not None and order_id:
                self.world.fail(f"order {order_id} was taken, and is refused when repeated")
            wish.is_over = wish.answer is None
            return
        self._answered(wish, answer)

    def _answered(self, wish: Wish, answer: bytes) -> None:
        before, wish.answer = wish.answer, answer
        if isinstance(wish.message, controls_pb2.OrderRequest):
            self._check_receipt(wish, before)
        elif isinstance(wish.message, gateway_pb2.SubmitRequest):
            self._check_inquiry(wish.message.inquiry, answer, before)
        if before is None and wish.then is not None:
            wish.then(answer)

    def _check_receipt(self, wish: Wish, before: bytes | None) -> None:
        assert isinstance(wish.message, controls_pb2.OrderRequest)
        order = wish.message.order
        receipt = controls_pb2.OrderReceipt.FromString(wish.answer or b"")
        durable = self.world.chronicle.by_order.get((order.court_code, order.order_id))
        if durable != receipt.control_id:
            self.world.fail(
                f"order {order.order_id} was acknowledged as {receipt.control_id}, durable is {durable}"
            )
        if before is not None:
            known = controls_pb2.OrderReceipt.FromString(before)
            if (known.control_id, known.hold_id) != (receipt.control_id, receipt.hold_id):
                self.world.fail(f"order {order.order_id} was acknowledged twice, not alike")
        else:
            self.counts["orders taken"] += 1

    def _check_inquiry(self, inquiry: gateway_pb2.Inquiry, answer: bytes, before: bytes | None) -> None:
        receipt = gateway_pb2.Receipt.FromString(answer)
        durable = self.world.promises.by_order.get((inquiry.court_code, inquiry.order_id))
        if durable != receipt.inquiry_id:
            self.world.fail(
                f"inquiry {inquiry.order_id} was acknowledged as {receipt.inquiry_id}, durable is {durable}"
            )
        if before is None:
            self.counts["inquiries taken"] += 1
        elif not receipt.repeated:
            self.world.fail(f"inquiry {inquiry.order_id} was acknowledged twice, as if it were new")

    # -- cases

    def open_case(self) -> None:
        """A claim of a court against one or several people."""
        number = len(self.cases) + 1
        court = self.random.choice(COURTS)
        claim = controls_pb2.Claim(
            claim_id=f"c{number}",
            court_code=court,
            case_number=f"(2026){court}执{number}号",
            principal_fen=self.random.choice(PRINCIPALS),
            costs_fen=self.random.choice((0, 0, 7)),
        )
        if self.random.random() < 0.25:
            claim.interest_base_fen, claim.interest_ppm_per_day = 100, 10_000
            claim.interest_from = 20260101
        people = self.random.sample(range(1, PEOPLE_COUNT + 1), self.random.choice((1, 1, 2, 3)))
        has_caps = self.random.random() < 0.3
        for one in people:
            debtor = claim.debtors.add(subject=person(one))
            if has_caps and self.random.random() < 0.7:
                debtor.cap_fen = self.random.choice((20, 60, 150))
        case = Case(claim, court)
        self.cases.append(case)
        self.put(case)

    def put(self, case: Case) -> None:
        """Register its claim, or change its figures."""
        claim = controls_pb2.Claim()
        claim.CopyFrom(case.claim)
        caller = court_of(case.claim.court_code)
        self.wish(
            lambda handlers: handlers.controls.claims.put, caller, controls_pb2.PutClaimRequest(claim=claim)
        )


def _order_id(message: Message) -> str:
    """What a call is known by for ever; empty: it is not."""
    if isinstance(message, controls_pb2.OrderRequest):
        return message.order.order_id
    return message.inquiry.order_id if isinstance(message, gateway_pb2.SubmitRequest) else ""


def mandate_of(case: Case) -> type_pb2.Mandate:
    return type_pb2.Mandate(
        court_code=case.court,
        case_number=case.claim.case_number,
        instrument_number="裁定1号",
        instrument_kind=type_pb2.INSTRUMENT_KIND_RULING,
        officer_id="0105001",
        debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
    )


def court_of(code: str) -> Identity:
    return Identity(Role.COURT, code, code)


def officer_of(code: str, name: str) -> Identity:
    return Identity(Role.OFFICER, code, name)
