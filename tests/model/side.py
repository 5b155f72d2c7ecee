"""Side: one of two Engines that are compared, with endpoints of its own that answer by the truth.

What an institution says is a function of subject, items and institution, so that two Engines that pack their
batches differently still hear the same. It compares nothing.
"""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from chakong.type.v1 import type_pb2 as types
from tests.model import face
from tests.model.world import BEHIND, CAR_UNIT, ENDPOINT_COUNT, ITEMS, Sent, person, record, snapshot

if TYPE_CHECKING:
    from gateway._core import Engine

ENDPOINTS = range(ENDPOINT_COUNT)
ROUNDS_MAX = 200
# What an endpoint says that lies, and what it is found out by.
LIES = {
    "garbage": face.FAULT_GARBAGE,
    "another batch": face.FAULT_UNKNOWN_BATCH,
    "unknown index": face.FAULT_UNKNOWN_INDEX,
    "another's institution": face.FAULT_WRONG_INSTITUTION,
    "foreign record": face.FAULT_FOREIGN_RECORD,
    "refusal": face.FAULT_REFUSAL,
}
Pair = tuple[str, str, str, tuple[int, ...], int]  # case number, id number, name, items, institution


def truth(subject: types.Subject, items: Collection[int], one: int) -> institution.Finding | None:
    """What this institution has to say of the subject; None: nothing."""
    text = f"{subject.id_number} {subject.name} {sorted(items)} {one}"
    finding = institution.Finding(institution=one)
    match zlib.crc32(text.encode()) % 9:
        case 0 | 1 | 2:
            finding.outcome = institution.OUTCOME_FOUND
            finding.records.append(record(subject, item=min(items), locator=text))
        case 3:
            finding.outcome = institution.OUTCOME_FOUND
            finding.records.extend(_account(subject, item) for item in items)
        case 4:
            finding.outcome = institution.OUTCOME_FOUND  # another's number under this name
            finding.records.append(record(subject, item=min(items), holder_number="0"))
        case 5:
            finding.outcome = institution.OUTCOME_AMBIGUOUS
        case 6:
            finding.outcome = institution.OUTCOME_REFUSED
            finding.reason = "declined"
        case _:
            return None
    return finding


@dataclass(slots=True, eq=False)
class Side:
    engine: "Engine"
    limits: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    incapable: frozenset[int] = frozenset()
    in_flight: dict[int, list[Sent]] = field(default_factory=lambda: {endpoint: [] for endpoint in ENDPOINTS})
    asked: set[Pair] = field(default_factory=set)
    noted: set[Pair] = field(default_factory=set)
    answers: dict[int, list[gateway.Answer]] = field(default_factory=dict)

    def set_directory(self, version: int, incapable: Collection[int]) -> None:
        self.incapable = frozenset(incapable)
        self.engine.set_directory(snapshot(version, incapable=incapable, limits=self.limits))

    def advance(self, now_ns: int) -> None:
        """Let things come due, and send what can be sent."""
        self.engine.advance(now_ns)
        self.collect(now_ns)
        for _ in range(ROUNDS_MAX):
            batches = self.engine.take_batches(now_ns, 1 << 12)
            if not batches:
                break
            for batch in batches:
                sent = Sent(batch, institution.Batch.FromString(batch.message), self.incapable)
                self.in_flight[batch.endpoint].append(sent)
                self.asked |= self._pairs(sent, institution.KIND_ASK)
                self.noted |= self._pairs(sent, institution.KIND_NOTE)
        else:
            raise AssertionError("batches without end")

    def collect(self, now_ns: int) -> None:
        """Take the answers that came about."""
        for answers in self.engine.take_answers(now_ns):
            for answer in journal.Answers.FromString(answers.message).answers:
                self.answers.setdefault(answer.inquiry_id, []).append(answer)

    def reply(
        self, endpoint: int, now_ns: int, *, without: Collection[int] = (), busy: Collection[int] = ()
    ) -> int:
        """Answer all in flight truthfully, but for those left out or unable to look now; how many batches."""
        taken, self.in_flight[endpoint] = self.in_flight[endpoint], []
        for sent in taken:
            message = self._truthful(sent, without, busy).SerializeToString()
            settled = self.engine.settle(endpoint, message, now_ns)
            assert (settled.fault, settled.batch_id) == (face.FAULT_NONE, sent.batch.id)
        return len(taken)

    def fail(self, endpoint: int, cause: int, now_ns: int) -> int:
        """Nothing usable comes back of what is in flight."""
        taken, self.in_flight[endpoint] = self.in_flight[endpoint], []
        for sent in taken:
            self.engine.fail(endpoint, sent.batch.id, cause, now_ns, now_ns)
        return len(taken)

    def lie(self, endpoint: int, lie: str, now_ns: int) -> None:
        """The endpoint answers, and no answer may be believed."""
        for sent in self.in_flight[endpoint]:
            message, fault = self._spoilt(sent, lie)
            assert self.engine.settle(endpoint, message, now_ns).fault == fault
        self.fail(endpoint, face.CAUSE_REFUSED if lie == "refusal" else face.CAUSE_GARBAGE, now_ns)

    def choke(self, endpoint: int, poison: str, now_ns: int) -> int:
        """The endpoint refuses every batch that asks for this case, and answers the others."""
        taken, self.in_flight[endpoint] = self.in_flight[endpoint], []
        for sent in taken:
            if poison in {case for case, _ in sent.asked()}:
                self.engine.fail(endpoint, sent.batch.id, face.CAUSE_REFUSED, now_ns, now_ns)
            else:
                message = self._truthful(sent, (), ()).SerializeToString()
                assert self.engine.settle(endpoint, message, now_ns).fault == face.FAULT_NONE
        return len(taken)

    def _addressed(self, sent: Sent, index: int) -> list[int]:
        """Whom an entry is for, as far as they keep anything of what it asks for."""
        entry = sent.message.entries[index]
        return sorted(one for one in sent.addressed(index) if _items(entry, one))

    def _pairs(self, sent: Sent, kind: institution.Kind.ValueType) -> set[Pair]:
        return {
            (entry.mandate.case_number, entry.subject.id_number, entry.subject.name, _items(entry, one), one)
            for index, entry in enumerate(sent.message.entries)
            if entry.kind == kind
            for one in self._addressed(sent, index)
        }

    def _truthful(self, sent: Sent, without: Collection[int], busy: Collection[int]) -> institution.Reply:
        entries = sent.message.entries
        reply = institution.Reply(batch_id=sent.batch.id)
        answered = [one for one in BEHIND[sent.batch.endpoint] if one not in without]
        reply.answered.add(institutions=answered, entry_count=len(entries))
        for index, entry in enumerate(entries):
            for one in self._addressed(sent, index) if entry.kind == institution.KIND_ASK else ():
                if one in without:
                    continue
                finding = truth(entry.subject, _items(entry, one), one)
                if one in busy:
                    finding = institution.Finding(institution=one, outcome=institution.OUTCOME_UNAVAILABLE)
                if finding is not None:
                    finding.entry = index
                    reply.findings.append(finding)
        return reply

    def _spoilt(self, sent: Sent, lie: str) -> tuple[bytes, int]:
        reply = self._truthful(sent, (), ())
        asks = [index for index, row in enumerate(sent.message.entries) if row.kind == institution.KIND_ASK]
        match lie:
            case "another batch":
                reply.batch_id = 1 << 60
            case "unknown index":
                reply.answered[0].entry_count += 1
            case "another's institution":
                reply.answered.add(institutions=[0 if sent.batch.endpoint else CAR_UNIT])
            case "refusal":
                reply = institution.Reply(batch_id=reply.batch_id, refusal="busy")
            case "foreign record" if asks:
                del reply.findings[:]
                one = self._addressed(sent, asks[-1])[0]
                reply.findings.add(entry=asks[-1], institution=one, outcome=institution.OUTCOME_FOUND)
                reply.findings[0].records.append(record(person(99, "张三")))
            case _:
                return b"\xff\xff", face.FAULT_GARBAGE
        return reply.SerializeToString(), LIES[lie]


def _account(subject: types.Subject, item: int) -> types.Record:
    return record(subject, item=item, amount_fen=3 * item, held_fen=item - 1, available_fen=2 * item + 1)


def _items(entry: institution.Entry, one: int) -> tuple[int, ...]:
    """What the institution keeps of what is asked for."""
    return tuple(item for item in ITEMS[one] if not entry.items or item in entry.items)
