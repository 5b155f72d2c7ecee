"""Intake: verdicts on messages, and the order ids that are known or reserved.

What is reserved by a message stays so until its frame is admitted or abandoned. It asks nobody anything.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from google.protobuf.message import DecodeError

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from tests.model import face, wire
from tests.model.validate import faults

MESSAGE_BYTES_MAX = 4 * 1024 * 1024
INQUIRIES_PER_MESSAGE_MAX = 8192
ORDER_ROW_BYTES = 40

Known = tuple[bytes, int]  # content hash, inquiry id


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a message holds until its frame is admitted or abandoned."""

    keys: list[bytes]
    queries: int
    frame_bytes: int


@dataclass(slots=True, eq=False)
class Message:
    """One message while it is judged."""

    court: str
    now_ns: int
    response: gateway.SubmitBulkResponse
    frame: journal.Admission
    keys: list[bytes] = field(default_factory=list)
    query_count: int = 0
    refused_by_reason: Counter[int] = field(default_factory=Counter)


class Intake:
    def __init__(self, key: bytes, first_inquiry_id: int, deadline_default_s: int, orders_max: int) -> None:
        self.key = key
        self.next_inquiry_id = first_inquiry_id
        self.deadline_default_s = deadline_default_s
        self.orders_max = orders_max
        self.orders: dict[bytes, Known] = {}
        self.forgotten = 0
        self.pending: dict[bytes, Known] = {}  # order ids of messages neither admitted nor abandoned
        self.reserved: dict[int, Reserved] = {}  # by first inquiry id

    def check(
        self, message: bytes, court: str, directory: wire.Directory, now_ns: int
    ) -> tuple[face.Checked, Reserved]:
        """The verdict, and what the frame would need; nothing is reserved yet."""
        if len(message) > MESSAGE_BYTES_MAX:
            return _whole(
                face.CHECK_INVALID, f"message: {len(message)} bytes given, at most {MESSAGE_BYTES_MAX}", 0
            )
        try:
            parts, tag = wire.split_bulk(message)
        except DecodeError:
            return _whole(face.CHECK_INVALID, "message: not a readable SubmitBulkRequest", 0)
        if len(parts) > INQUIRIES_PER_MESSAGE_MAX:
            error = f"inquiries: {len(parts)} given, at most {INQUIRIES_PER_MESSAGE_MAX}"
            return _whole(face.CHECK_INVALID, error, tag)
        frame = journal.Admission(admitted_ns=now_ns, court_code=court, first_inquiry_id=self.next_inquiry_id)
        judged = Message(court, now_ns, gateway.SubmitBulkResponse(tag=tag), frame)
        in_message: dict[bytes, Known] = {}
        for index, part in enumerate(parts):
            self._judge(index, part, judged, in_message, directory)
        return _checked(judged, in_message)

    def reserve(self, checked: face.Checked, reserved: Reserved) -> None:
        """Hold order ids and inquiry ids for a frame that is on its way to the journal."""
        if not checked.accepted:
            return
        for row in _rows(checked.orders):
            self.pending[row[0]] = row[1]
        self.reserved[checked.first_inquiry_id] = reserved
        self.next_inquiry_id += checked.accepted

    def release(self, first_inquiry_id: int) -> Reserved | None:
        """Let go what was reserved; None: nothing was (a replay)."""
        reserved = self.reserved.pop(first_inquiry_id, None)
        for key in reserved.keys if reserved is not None else ():
            del self.pending[key]
        return reserved

    def remember(self, key: bytes, known: Known) -> None:
        """Know an order id; the oldest of too many is forgotten."""
        self.orders[key] = known
        for oldest in list(islice(self.orders, max(0, len(self.orders) - self.orders_max))):
            del self.orders[oldest]
            self.forgotten += 1

    def recall(self, rows: bytes) -> None:
        """Know order ids of old; ValueError when these are no rows."""
        if len(rows) % ORDER_ROW_BYTES:
            raise ValueError(f"rows: {len(rows)} bytes given, a multiple of {ORDER_ROW_BYTES} allowed")
        for key, known in _rows(rows):
            self.remember(key, known)

    def _judge(
        self,
        index: int,
        part: bytes,
        judged: Message,
        in_message: dict[bytes, Known],
        directory: wire.Directory,
    ) -> None:
        inquiry = gateway.Inquiry()
        try:
            inquiry.ParseFromString(part)
        except DecodeError:
            _refuse(index, [(gateway.REASON_MALFORMED, "")], judged)
            return
        if wire.has_nul(inquiry):
            _refuse(index, [(gateway.REASON_MALFORMED, "")], judged)
            return
        found = faults(inquiry, judged.court, directory, judged.now_ns)
        key = wire.order_key(self.key, judged.court, inquiry.order_id)
        known = in_message.get(key) or self.pending.get(key) or self.orders.get(key)
        plain = wire.normalised(inquiry)
        hashed = wire.content_hash(self.key, plain)
        if known is not None and not found and known[0] == hashed:
            judged.response.repeated += 1
            judged.response.verdicts.add(index=index, reason=gateway.REASON_SAME_RECEIPT, inquiry_id=known[1])
            return
        if known is not None:
            found = sorted([*found, (gateway.REASON_ORDER_ID_REUSED, "order_id")])
        if found:
            _refuse(index, found, judged)
            return
        deadline_s = plain.deadline_s or self.deadline_default_s
        deadline_ns = judged.now_ns + deadline_s * wire.SECOND_NS
        in_message[key] = (hashed, self.next_inquiry_id + len(judged.keys))
        judged.keys.append(key)
        judged.query_count += len(directory.concerned(plain.scope, wire.items_mask(list(plain.items))))
        judged.frame.inquiries.append(wire.admitted(plain, hashed, deadline_ns))


def _refuse(index: int, found: list[tuple[int, str]], judged: Message) -> None:
    reasons = [gateway.Reason.ValueType(reason) for reason, _ in found]
    violations = [
        gateway.Violation(reason=reason, field=path) for reason, (_, path) in zip(reasons, found, strict=True)
    ]
    judged.response.verdicts.add(index=index, reason=reasons[0], violations=violations)
    judged.response.refused += 1
    judged.refused_by_reason[reasons[0]] += 1


def _checked(judged: Message, in_message: dict[bytes, Known]) -> tuple[face.Checked, Reserved]:
    accepted = len(judged.keys)
    first_inquiry_id = judged.frame.first_inquiry_id if accepted else 0
    judged.response.accepted = accepted
    judged.response.first_inquiry_id = first_inquiry_id
    frame = judged.frame.SerializeToString() if accepted else b""
    checked = face.Checked(
        status=face.CHECK_OK,
        error="",
        response=judged.response.SerializeToString(),
        frame=frame,
        orders=b"".join(
            key + in_message[key][0] + in_message[key][1].to_bytes(8, "little") for key in judged.keys
        ),
        accepted=accepted,
        repeated=judged.response.repeated,
        refused=judged.response.refused,
        first_inquiry_id=first_inquiry_id,
        refused_by_reason=dict(judged.refused_by_reason),
    )
    return checked, Reserved(judged.keys, judged.query_count, len(frame))


def _whole(status: int, error: str, tag: int) -> tuple[face.Checked, Reserved]:
    response = gateway.SubmitBulkResponse(tag=tag, error=gateway.BulkError(code=status, message=error))
    checked = face.Checked(
        status=status,
        error=error,
        response=response.SerializeToString(),
        frame=b"",
        orders=b"",
        accepted=0,
        repeated=0,
        refused=0,
        first_inquiry_id=0,
        refused_by_reason={},
    )
    return checked, Reserved([], 0, 0)


def full(checked: face.Checked, error: str) -> face.Checked:
    """The verdict on a message for which there is no room."""
    tag = gateway.SubmitBulkResponse.FromString(checked.response).tag
    return _whole(face.CHECK_FULL, error, tag)[0]


def _rows(rows: bytes) -> list[tuple[bytes, Known]]:
    cut = [rows[start : start + ORDER_ROW_BYTES] for start in range(0, len(rows), ORDER_ROW_BYTES)]
    return [(row[:16], (row[16:32], int.from_bytes(row[32:], "little"))) for row in cut]
