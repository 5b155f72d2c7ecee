"""World: a small directory, people to ask about, and a desk that drives an Engine through one day.

What both the model and the compiled Engine are tested in. It plays courts and endpoints by hand; it judges
nothing.
"""

import datetime
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from chakong.type.v1 import type_pb2 as types

if TYPE_CHECKING:
    from gateway._core import Batch, Checked, Engine

SECOND_NS = 1_000_000_000
# An Engine's timers may be as late as this, and never early.
TICK_NS = 2_000_000
STEPS_MAX = 32
DAY_NS = 86_400 * SECOND_NS
NOON_NS = int(datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC).timestamp()) * SECOND_NS
KEY = bytes(range(16))
COURT = "浙0106"
OTHER_COURT = "苏0507"

# Endpoints: one bank of its own line, a hub of four banks, two units.
DIRECT, HUB, HOUSES, CARS = range(4)
ENDPOINT_COUNT = 4
# Institutions.
BANK, FIRST, SECOND, SMALL, MUTE, HOUSE_UNIT, CAR_UNIT = range(7)
BANKS = (BANK, FIRST, SECOND, SMALL, MUTE)
HUB_BANKS = (FIRST, SECOND, SMALL)  # those of the hub that can be inquired of
BEHIND = {DIRECT: (BANK,), HUB: (FIRST, SECOND, SMALL, MUTE), HOUSES: (HOUSE_UNIT,), CARS: (CAR_UNIT,)}
ITEMS = {
    BANK: (1, 2, 3, 4, 5),
    FIRST: (1, 2, 3, 4, 5),
    SECOND: (1, 2, 3, 4, 5),
    SMALL: (1, 2),  # keeps less than the others
    MUTE: (1, 2, 3, 4, 5),  # cannot be inquired of yet
    HOUSE_UNIT: (6, 7),
    CAR_UNIT: (8,),
}
PROVINCES = {BANK: 33, FIRST: 33, SECOND: 32, SMALL: 33, MUTE: 32, HOUSE_UNIT: 0, CAR_UNIT: 0}
ENDPOINT_OF = {index: endpoint for endpoint, behind in BEHIND.items() for index in behind}


def snapshot(
    version: int = 1,
    *,
    incapable: Iterable[int] = (MUTE,),
    limits: Mapping[int, tuple[int, int]] | None = None,
) -> bytes:
    """The small directory; `limits`: endpoint -> entries and bytes of a batch."""
    packed = struct.pack("<8sIIQ", b"CKDIR001", len(ITEMS), ENDPOINT_COUNT, version)
    mute = set(incapable)
    for index, items in ITEMS.items():
        can = 6 if index in mute else 7
        mask = sum(1 << (code - 1) for code in items)
        packed += struct.pack("<HBBI", ENDPOINT_OF[index], can, PROVINCES[index], mask)
    for endpoint in range(ENDPOINT_COUNT):
        packed += struct.pack("<III", *(limits or {}).get(endpoint, (4096, 1 << 20)), 0)
    return packed


def resident_id(first17: str) -> str:
    """With its check character (GB 11643)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first17))
    return first17 + "10X98765432"[total % 11]


def person(number: int, name: str = "") -> types.Subject:
    """The `number`th of our debtors, from 0."""
    id_number = resident_id(f"33010619850307{number:03d}")
    return types.Subject(id_type=types.ID_TYPE_RESIDENT_ID, id_number=id_number, name=name or f"王{number}")


def inquiry(order_id: str, subject: types.Subject | None = None, **fields: object) -> gateway.Inquiry:
    """A faultless inquiry to everybody about everything; its case bears its order id."""
    made = gateway.Inquiry(
        order_id=order_id,
        court_code=COURT,
        mandate=types.Mandate(
            case_number=f"case {order_id}",
            instrument_number="(2026)浙0106执通1号",
            instrument_kind=types.INSTRUMENT_KIND_INQUIRY_NOTICE,
            officer_id="0106045",
            debtor_role=types.DEBTOR_ROLE_JUDGMENT_DEBTOR,
        ),
        subject=subject if subject is not None else person(0),
        scope=gateway.Scope(reach=gateway.REACH_ALL),
    )
    made.MergeFrom(gateway.Inquiry(**fields))  # type: ignore[arg-type]
    return made


def only(*indexes: int) -> gateway.Scope:
    return gateway.Scope(reach=gateway.REACH_LIST, institutions=indexes)


def bulk(*inquiries: gateway.Inquiry, tag: int = 7) -> bytes:
    return gateway.SubmitBulkRequest(inquiries=inquiries, tag=tag).SerializeToString()


def record(subject: types.Subject, **fields: object) -> types.Record:
    made = types.Record(
        item=1, locator="6222", amount_fen=100, holder_number=subject.id_number, holder_name=subject.name
    )
    made.MergeFrom(types.Record(**fields))  # type: ignore[arg-type]
    return made


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch as its endpoint sees it."""

    batch: "Batch"
    message: institution.Batch
    incapable: frozenset[int] = frozenset({MUTE})  # when it was sent

    def addressed(self, index: int) -> set[int]:
        """Whom the entry is for: those it names, else everybody at the endpoint who can be inquired of."""
        named = self.message.entries[index].institutions
        return set(named) or set(BEHIND[self.batch.endpoint]) - self.incapable

    def asked(self) -> set[tuple[str, int]]:
        """(case number, institution) of every question in it."""
        return self._pairs(institution.KIND_ASK)

    def noted(self) -> set[tuple[str, int]]:
        """(case number, institution) of every further mandate in it."""
        return self._pairs(institution.KIND_NOTE)

    def _pairs(self, kind: institution.Kind.ValueType) -> set[tuple[str, int]]:
        return {
            (entry.mandate.case_number, one)
            for index, entry in enumerate(self.message.entries)
            if entry.kind == kind
            for one in self.addressed(index)
            if not entry.items or set(entry.items) & set(ITEMS[one])
        }

    def reply(self, *findings: institution.Finding, without: Iterable[int] = ()) -> institution.Reply:
        """Everybody at the endpoint answered everything, and this is what was found."""
        behind = [index for index in BEHIND[self.batch.endpoint] if index not in set(without) | {MUTE}]
        answered = institution.Answered(institutions=behind, entry_count=len(self.message.entries))
        return institution.Reply(batch_id=self.batch.id, answered=[answered], findings=findings)


class Desk:
    """An Engine with its clock, a journal that never fails, and open lines."""

    def __init__(self, engine: "Engine", now_ns: int = NOON_NS, *, is_open: bool = True) -> None:
        self.engine = engine
        self.now_ns = now_ns
        self.frame_count = 0
        engine.set_directory(snapshot())
        for endpoint in range(ENDPOINT_COUNT if is_open else 0):
            engine.open_endpoint(endpoint, 16)

    def check(self, *inquiries: gateway.Inquiry, court: str = COURT) -> "Checked":
        return self.engine.check(bulk(*inquiries), court, self.now_ns)

    def admit(self, checked: "Checked") -> list[int]:
        """The ids of the inquiries admitted."""
        if checked.frame:
            self.frame_count += 1
            self.engine.admit(checked.frame, self.frame_count, self.now_ns)
        return list(range(checked.first_inquiry_id, checked.first_inquiry_id + checked.accepted))

    def submit(self, *inquiries: gateway.Inquiry, court: str = COURT) -> list[int]:
        """Check and admit; every inquiry must be accepted."""
        checked = self.check(*inquiries, court=court)
        assert checked.accepted == len(inquiries), gateway.SubmitBulkResponse.FromString(checked.response)
        return self.admit(checked)

    def take(self) -> list[Sent]:
        """All batches that can go now."""
        taken: list[Sent] = []
        while batches := self.engine.take_batches(self.now_ns, 1 << 30):
            taken += [Sent(batch, institution.Batch.FromString(batch.message)) for batch in batches]
        return taken

    def take_one(self, endpoint: int) -> Sent:
        """The only batch for this endpoint; what goes to others is answered with nothing found."""
        taken = self.take()
        for sent in taken:
            if sent.batch.endpoint != endpoint:
                assert self.settle(sent, sent.reply()) == 0
        (one,) = (sent for sent in taken if sent.batch.endpoint == endpoint)
        return one

    def settle(self, sent: Sent, reply: institution.Reply | bytes) -> int:
        """The fault; FAULT_NONE: taken."""
        message = reply if isinstance(reply, bytes) else reply.SerializeToString()
        return self.engine.settle(sent.batch.endpoint, message, self.now_ns).fault

    def settle_all(self) -> None:
        """Whoever is asked answers that there is nothing."""
        for sent in self.take():
            assert self.settle(sent, sent.reply()) == 0

    def fail(self, sent: Sent, cause: int, retry_after_ns: int = 0) -> None:
        retry_ns = self.now_ns + retry_after_ns
        self.engine.fail(sent.batch.endpoint, sent.batch.id, cause, retry_ns, self.now_ns)

    def wait(self, wait_ns: int) -> None:
        """Time passes, and what is due comes due."""
        self.now_ns += wait_ns
        self.engine.advance(self.now_ns)

    def wait_until_due(self, wait_ns: int) -> None:
        """So much time passes, and then some: timers come due within TICK_NS after their time."""
        self.wait(wait_ns + TICK_NS)

    def next_due_ns(self) -> int:
        """When something comes due, told in as many steps as the Engine likes; not before now."""
        for _ in range(STEPS_MAX):
            due_ns = self.engine.next_due()
            if due_ns > self.now_ns:
                return due_ns
            self.engine.advance(self.now_ns)
        raise AssertionError("something is due all the time")

    def answers(self, court: str = COURT) -> list[gateway.Answer]:
        """Answers for a court since the last call; those of others are dropped."""
        found: list[gateway.Answer] = []
        for answers in self.engine.take_answers(self.now_ns):
            message = journal.Answers.FromString(answers.message)
            finals = [row.inquiry_id for row in message.answers if row.stage == gateway.STAGE_FINAL]
            assert answers.count == len(message.answers)
            assert answers.finals == b"".join(number.to_bytes(8, "little") for number in finals)
            found += message.answers if answers.court == court else []
        return found

    def final(self) -> gateway.Answer:
        """The one final answer that came about."""
        (answer,) = (answer for answer in self.answers() if answer.stage == gateway.STAGE_FINAL)
        return answer
