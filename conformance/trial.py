"""Trial: what a check is given to work with: the fixture, the endpoint, and ways to ask it.

What the fixture does not name ends the check as not run. It judges only what every check would have to
judge: that a reply is not void, that something was answered at all, that a control has an outcome.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from google.protobuf.message import DecodeError

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import Batch, Entry, HoldEvent, Reply
from chakong.type.v1.hold_pb2 import HoldStatement
from conformance import entries, replies
from conformance.fixture import Account, Court, Fixture, Subject
from conformance.line import Line
from conformance.orders import Orders
from conformance.replies import Said
from conformance.verdict import FailedError, NotRunError

# The gateway gives a question up after so many.
TRIES: Final = 4
ABSENT: Final = "chakong-conform-absent"
EVENT_PAGES_MAX: Final = 10_000


class Trial:
    """One run; batch ids are unique within it."""

    def __init__(
        self, fixture: Fixture, line: Line, now_ns: Callable[[], int], control_id_first: int
    ) -> None:
        self.fixture = fixture
        self.line = line
        self.now_ns = now_ns
        self.orders = Orders(line, fixture.agreed.outcome_s, control_id_first, now_ns)
        self._batch_id = 0

    # -- what the fixture names

    @property
    def full(self) -> Account:
        return self.fixture.accounts.full

    @property
    def courts(self) -> tuple[Court, ...]:
        return self.fixture.courts

    def account(self, name: str) -> Account:
        found: Account | None = getattr(self.fixture.accounts, name)
        if found is None:
            raise NotRunError(f"the fixture names no accounts.{name}")
        return found

    def absent(self) -> Account:
        """Where accounts.full is, and not there."""
        return self.full.model_copy(update={"locator": ABSENT})

    def subject(self, name: str) -> Subject:
        found: Subject | None = getattr(self.fixture.subjects, name)
        if found is None:
            raise NotRunError(f"the fixture names no subjects.{name}")
        return found

    def hub(self) -> tuple[int, int]:
        """Two institutions: the one that keeps accounts.full, and another."""
        home = self.full.institution
        other = next((one for one in self.fixture.institutions if one != home), None)
        if other is None:
            raise NotRunError("the fixture names one institution: no hub")
        return home, other

    def need_bench(self) -> Line:
        if not self.fixture.test_bench:
            raise NotRunError("needs TestBench, and the fixture says test_bench = false")
        return self.line

    def need_deducting(self) -> None:
        for one in self.line.describe().capabilities:
            if one.institution == self.full.institution and not one.can_deduct:
                raise NotRunError(f"Describe: institution {one.institution} cannot deduct")

    # -- inquiries

    def take_batch_id(self) -> int:
        self._batch_id += 1
        return self._batch_id

    def ask(self, *asked: Entry, hello: Iterable[int] | None = None) -> Reply:
        """The one reply to a batch of these entries, on a stream of its own; not void, no refusal.

        A refusal is asked again. `hello`: None for everybody whom the fixture names."""
        greeted = tuple(self.fixture.institutions if hello is None else hello)
        refusal = ""
        for _ in range(TRIES):
            batch = entries.batch(self.take_batch_id(), asked)
            (reply,) = self.replies([entries.hello(greeted), batch])
            if not reply.refusal:
                return reply
            refusal = reply.refusal
        raise FailedError(f"an answer within {TRIES} tries", f"refusal: {refusal}")

    def replies(self, messages: Sequence[Batch]) -> list[Reply]:
        """One reply for each batch, in the order of the batches, however they came; FailedError for one that
        is void."""
        found = self.all_replies(messages)
        ordered = [one for one in messages if one.id]
        return [next(reply for reply in found if reply.batch_id == batch.id) for batch in ordered]

    def all_replies(self, messages: Sequence[Batch]) -> list[Reply]:
        """Every reply as it came, at least one for each batch; FailedError for one that is void."""
        hello: Collection[int] = ()
        known: dict[int, tuple[Batch, Collection[int]]] = {}
        for message in messages:
            if message.id:
                known[message.id] = (message, hello)
            else:
                hello = tuple(message.institutions)
        found = [_read(reply) for reply in self.line.inquire(messages)]
        for reply in found:
            if reply.batch_id not in known:
                raise FailedError("replies that name a batch that was sent", f"batch {reply.batch_id}")
            fault = replies.fault(reply, *known[reply.batch_id])
            if fault:
                raise FailedError("a reply that is not void", fault)
        missing = known.keys() - {reply.batch_id for reply in found}
        if missing:
            raise FailedError("a reply to each batch", f"none to batch {min(missing)}, two to another")
        return found

    def said(self, asked: Entry, institution: int) -> tuple[Said, institution_pb2.Finding | None]:
        """What the institution says to one question, asked again while it cannot look."""
        word = Said.UNANSWERED
        for _ in range(TRIES):
            reply = self.ask(asked, hello=[institution])
            word = replies.said(reply, 0, institution)
            if word not in (Said.UNANSWERED, Said.UNAVAILABLE):
                return word, replies.finding(reply, 0, institution)
        raise FailedError(f"an answer within {TRIES} tries", word.value)

    def about(self, account: Account) -> Entry:
        """The question that finds it."""
        return entries.entry(self.courts[0], account.subject, [account.item])

    # -- holds

    def statement(self, institution: int, hold_id: int) -> HoldStatement:
        """As ListHolds has it."""
        for one in self.line.holds(institution, hold_id - 1, 1):
            if one.hold_id == hold_id:
                return one
        raise FailedError("ListHolds: the hold", "none with its id")

    def events_after(self, cursor: int) -> list[HoldEvent]:
        """All that PollEvents has."""
        found: list[HoldEvent] = []
        for _ in range(EVENT_PAGES_MAX):
            page = self.line.poll(cursor)
            if not page or page[-1].seq <= cursor:
                break
            found += page
            cursor = page[-1].seq
        return found

    def last_seq(self) -> int:
        """Of the last event there is; 0: none."""
        events = self.events_after(0)
        return events[-1].seq if events else 0


def _read(reply: bytes) -> Reply:
    try:
        return Reply.FromString(reply)
    except DecodeError:
        # From None: the error may repeat what was sent.
        raise FailedError("a Reply", f"{len(reply)} bytes that are none") from None
