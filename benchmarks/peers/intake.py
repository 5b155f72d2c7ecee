"""Intake of the twin: the verdict on a message, its acknowledgement, the canonical frame of the accepted.

One pass over protobuf objects; a valid inquiry costs one canonical row, one serialised entry and one hash.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from google.protobuf.message import DecodeError

from benchmarks.peers.reach import Reach
from benchmarks.peers.validation import Fault, faults
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from chakong.type.v1 import type_pb2 as types

CHECK_OK, CHECK_INVALID = 0, 3
MESSAGE_BYTES_MAX = 4 << 20
INQUIRIES_MAX = 8_192
SECOND_NS = 1_000_000_000
DEADLINE_DEFAULT_S = 86_400
FRESHNESS_DEFAULT_S = 86_400
ITEM_COUNT = 25
BEIJING = timedelta(hours=8)
ORDER_ROW_BYTES = 40
NUMBERS = struct.Struct("<IIIq")  # urgency, freshness, deadline, claim


@dataclass(slots=True)
class Accepted:
    """What is needed of an inquiry to take it up. `entry`: its bytes in a batch, without kind and
    institutions."""

    inquiry_id: int
    row: journal.Admitted
    entry: bytes
    concerned: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on one message, with the names of the Engine's."""

    status: int
    response: bytes
    error: str = ""
    court: str = ""
    frame: bytes = b""
    repeated: int = 0
    refused: int = 0
    inquiries: tuple[Accepted, ...] = ()

    @property
    def accepted(self) -> int:
        return len(self.inquiries)


class Intake:
    def __init__(self, reach: Reach, key: bytes) -> None:
        self._reach = reach
        self._key = key
        # Of court and order id: content hash (16 bytes) and inquiry id (8). Python's own hash of the key is
        # secret too.
        self._orders: dict[bytes, bytes] = {}
        self._next_inquiry_id = 1

    @property
    def order_count(self) -> int:
        return len(self._orders)

    def recall_orders(self, rows: bytes) -> None:
        """Order ids used before, in the Engine's rows. They fill the table; since their keys are hashes of
        another make, no order is recognised by them."""
        for at in range(0, len(rows), ORDER_ROW_BYTES):
            self._orders[rows[at : at + 16]] = rows[at + 16 : at + ORDER_ROW_BYTES]

    def check(self, message: bytes, court: str, now_ns: int) -> Checked:
        """Judge a SubmitBulkRequest; order ids of what is accepted are known from then on."""
        if len(message) > MESSAGE_BYTES_MAX:
            return _invalid(f"message: {len(message)} bytes given, at most {MESSAGE_BYTES_MAX}")
        try:
            bulk = gateway.SubmitBulkRequest.FromString(message)
        except DecodeError:
            return _invalid("message: not a readable SubmitBulkRequest")
        if len(bulk.inquiries) > INQUIRIES_MAX:
            return _invalid(f"inquiries: {len(bulk.inquiries)} given, at most {INQUIRIES_MAX}")
        first_id = self._next_inquiry_id
        frame = journal.Admission(admitted_ns=now_ns, court_code=court, first_inquiry_id=first_id)
        response = gateway.SubmitBulkResponse(tag=bulk.tag)
        today = (datetime.fromtimestamp(now_ns // SECOND_NS, UTC) + BEIJING).date()
        accepted: list[Accepted] = []
        for index, inquiry in enumerate(bulk.inquiries):
            found = faults(inquiry, court, today)
            concerned = self._concerned(inquiry, found)
            key = f"{court}\0{inquiry.order_id}".encode()
            known = self._orders.get(key)
            if not found:
                row = frame.inquiries.add()
                entry, content = self._canonical(inquiry, row, court, now_ns)
                if known is None:
                    self._orders[key] = content + self._next_inquiry_id.to_bytes(8, "little")
                    accepted.append(Accepted(self._next_inquiry_id, row, entry, concerned))
                    self._next_inquiry_id += 1
                    continue
                del frame.inquiries[-1]
                if known[:16] == content:
                    first = int.from_bytes(known[16:], "little")
                    response.verdicts.add(index=index, reason=gateway.REASON_SAME_RECEIPT, inquiry_id=first)
                    response.repeated += 1
                    continue
            if known is not None:
                found.append((gateway.REASON_ORDER_ID_REUSED, "order_id"))
            _refuse(response, index, found)
        return _checked(court, frame, response, accepted)

    def _concerned(self, inquiry: gateway.Inquiry, found: list[Fault]) -> int:
        """Institutions of the scope that keep any of the items; what is wrong with that goes into `found`."""
        scope = inquiry.scope
        if not 1 <= scope.reach <= 5:
            return 0
        reached = self._reach.scope(scope)
        if reached is None:
            is_list = scope.reach == gateway.REACH_LIST
            reason = gateway.REASON_UNKNOWN_INSTITUTION if is_list else gateway.REASON_UNKNOWN_VALUE
            found.append((reason, "scope.institutions" if is_list else "scope.province"))
            return 0
        items = tuple(inquiry.items)
        known = tuple(sorted({code for code in items if 1 <= code <= ITEM_COUNT})) if items else items
        concerned = reached & self._reach.keepers(known)
        if not concerned and (known or not items):
            found.append((gateway.REASON_NOBODY_CONCERNED, "scope"))
        return concerned

    def _canonical(
        self, inquiry: gateway.Inquiry, row: journal.Admitted, court: str, now_ns: int
    ) -> tuple[bytes, bytes]:
        """Fill the frame's row; the bytes of its entry and the hash of its content."""
        entry = row.entry
        entry.mandate.CopyFrom(inquiry.mandate)
        entry.mandate.court_code = court
        entry.subject.CopyFrom(inquiry.subject)
        subject = entry.subject
        if subject.id_type == types.ID_TYPE_RESIDENT_ID and subject.id_number.endswith("x"):
            subject.id_number = subject.id_number.upper()
        if inquiry.items and len(items := sorted(set(inquiry.items))) < ITEM_COUNT:
            entry.items.extend(items)
        row.order_id = inquiry.order_id
        scope = inquiry.scope
        row.scope.reach = scope.reach
        if scope.reach == gateway.REACH_LIST:
            row.scope.institutions.extend(sorted(set(scope.institutions)))
        elif scope.reach == gateway.REACH_PROVINCE:
            row.scope.province = scope.province
        row.urgency = inquiry.urgency or gateway.URGENCY_NORMAL
        row.freshness_s = inquiry.freshness_s if inquiry.HasField("freshness_s") else FRESHNESS_DEFAULT_S
        row.claim_fen = inquiry.claim_fen
        row.deadline_ns = now_ns + (inquiry.deadline_s or DEADLINE_DEFAULT_S) * SECOND_NS
        encoded = entry.SerializeToString()
        numbers = NUMBERS.pack(row.urgency, row.freshness_s, inquiry.deadline_s, inquiry.claim_fen)
        # The entry's length keeps it apart from the scope.
        text = b"%d:%b%b%b" % (len(encoded), encoded, numbers, row.scope.SerializeToString())
        row.content_hash = blake2b(text, digest_size=16, key=self._key).digest()
        return encoded, row.content_hash


def _refuse(response: gateway.SubmitBulkResponse, index: int, found: list[Fault]) -> None:
    found.sort()
    verdict = response.verdicts.add(index=index, reason=found[0][0])
    for reason, path in found:
        verdict.violations.add(reason=reason, field=path)
    response.refused += 1


def _checked(
    court: str,
    frame: journal.Admission,
    response: gateway.SubmitBulkResponse,
    accepted: list[Accepted],
) -> Checked:
    response.accepted = len(accepted)
    if accepted:
        response.first_inquiry_id = frame.first_inquiry_id
    return Checked(
        CHECK_OK,
        response.SerializeToString(),
        "",
        court,
        frame.SerializeToString() if accepted else b"",
        response.repeated,
        response.refused,
        tuple(accepted),
    )


def _invalid(error: str) -> Checked:
    return Checked(CHECK_INVALID, b"", error=error)
