"""Wire: what the model reads and writes, by way of the protobuf runtime.

A message is split without looking into its inquiries, so that one unreadable inquiry harms no other. It
judges nothing.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal

ITEMS_ALL = (1 << 25) - 1
FRESHNESS_DEFAULT_S = 86_400
SECOND_NS = 1_000_000_000
CAN_INQUIRE = 1

# Every int on the wire of a snapshot is little-endian (gateway/_core.pyi, set_directory).
_HEAD = struct.Struct("<8sIIQ")
_INSTITUTION = struct.Struct("<HBBI")
_ENDPOINT = struct.Struct("<III")
_TABLE_MAX = 4096
_INSTITUTIONS_PER_ENDPOINT_MAX = 128


@dataclass(frozen=True, slots=True)
class Institution:
    endpoint: int
    can: int
    province: int  # 0: a unit
    items: int  # bit code-1


@dataclass(frozen=True, slots=True)
class Limits:
    entries: int
    bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    version: int
    institutions: tuple[Institution, ...]
    endpoints: tuple[Limits, ...]

    def concerned(self, scope: gateway.Scope, items: int) -> list[int]:
        """Indexes of the institutions of the scope that keep at least one of the items."""
        return _concerned(self, scope.SerializeToString(deterministic=True), items)

    def fixed(self) -> tuple[object, ...]:
        """What a later snapshot may not change."""
        rows = tuple((row.endpoint, row.province, row.items) for row in self.institutions)
        return rows, len(self.endpoints)

    def is_reached(self, scope: gateway.Scope, index: int) -> bool:
        province = self.institutions[index].province
        match scope.reach:
            case gateway.REACH_ALL:
                return True
            case gateway.REACH_BANKS:
                return province != 0
            case gateway.REACH_UNITS:
                return province == 0
            case gateway.REACH_PROVINCE:
                return province != 0 and province == int(scope.province)
            case gateway.REACH_LIST:
                return index in scope.institutions
            case _:
                raise AssertionError("a scope that was judged has a known reach")


@lru_cache(maxsize=4096)
def _concerned(directory: Directory, scope_bytes: bytes, items: int) -> list[int]:
    scope = gateway.Scope.FromString(scope_bytes)
    return [
        index
        for index, institution in enumerate(directory.institutions)
        if institution.items & items and directory.is_reached(scope, index)
    ]


def read_directory(snapshot: bytes) -> Directory:
    """Read a snapshot; ValueError when it is none."""
    if len(snapshot) < _HEAD.size:
        raise ValueError(f"snapshot: {len(snapshot)} bytes given, at least {_HEAD.size}")
    magic, institution_count, endpoint_count, version = _HEAD.unpack_from(snapshot)
    if magic != b"CKDIR001" or institution_count > _TABLE_MAX or endpoint_count > _TABLE_MAX:
        raise ValueError("snapshot: not a directory, or too large a one")
    if len(snapshot) != _HEAD.size + institution_count * _INSTITUTION.size + endpoint_count * _ENDPOINT.size:
        raise ValueError(f"snapshot: {len(snapshot)} bytes do not fit its counts")
    middle = _HEAD.size + institution_count * _INSTITUTION.size
    institutions = tuple(Institution(*row) for row in _INSTITUTION.iter_unpack(snapshot[_HEAD.size : middle]))
    endpoints = tuple(Limits(row[0], row[1]) for row in _ENDPOINT.iter_unpack(snapshot[middle:]))
    for index in range(endpoint_count):
        if sum(row.endpoint == index for row in institutions) > _INSTITUTIONS_PER_ENDPOINT_MAX:
            raise ValueError(f"endpoint {index}: more than {_INSTITUTIONS_PER_ENDPOINT_MAX} institutions")
    if any(row.endpoint >= endpoint_count or row.items > ITEMS_ALL for row in institutions):
        raise ValueError("snapshot: an institution with an endpoint or an item that does not exist")
    if any(row.entries < 1 or row.bytes < 1 for row in endpoints):
        raise ValueError("snapshot: an endpoint that takes nothing")
    return Directory(version, institutions, endpoints)


@cache
def _envelope() -> type[Message]:
    """SubmitBulkRequest with its inquiries left as bytes."""
    file = descriptor_pb2.FileDescriptorProto(
        name="tests/model/envelope.proto", package="tests.model", syntax="proto3"
    )
    message = file.message_type.add(name="Envelope")
    field = descriptor_pb2.FieldDescriptorProto
    message.field.add(name="inquiries", number=1, type=field.TYPE_BYTES, label=field.LABEL_REPEATED)
    message.field.add(name="tag", number=2, type=field.TYPE_UINT64, label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tests.model.Envelope"))


def split_bulk(message: bytes) -> tuple[list[bytes], int]:
    """The bytes of each inquiry, and the tag. DecodeError when the message cannot be read."""
    envelope = _envelope()()
    envelope.ParseFromString(message)
    return list(cast("list[bytes]", envelope.inquiries)), cast("int", envelope.tag)  # type: ignore[attr-defined]


def items_mask(items: list[int]) -> int:
    """Codes as bits; none named: all."""
    mask = 0
    for code in items:
        mask |= 1 << (code - 1)
    return mask or ITEMS_ALL


def upper_x(number: str) -> str:
    """A resident id's number with its check character as it counts."""
    return number[:-1] + "X" if number.endswith("x") else number


def normalised(inquiry: gateway.Inquiry) -> gateway.Inquiry:
    """A valid inquiry as it counts: defaults applied, sets sorted, what is ignored dropped, x as X."""
    plain = gateway.Inquiry()
    plain.CopyFrom(inquiry)
    plain.DiscardUnknownFields()
    plain.mandate.court_code = plain.court_code
    if plain.subject.id_type == 1:
        plain.subject.id_number = upper_x(plain.subject.id_number)
    codes = sorted(set(plain.items))
    plain.items[:] = [] if len(codes) == 25 else codes
    indexes = sorted(set(plain.scope.institutions)) if plain.scope.reach == gateway.REACH_LIST else []
    plain.scope.institutions[:] = indexes
    if plain.scope.reach != gateway.REACH_PROVINCE:
        plain.scope.ClearField("province")
    plain.urgency = plain.urgency or gateway.URGENCY_NORMAL
    plain.freshness_s = plain.freshness_s if plain.HasField("freshness_s") else FRESHNESS_DEFAULT_S
    return plain


def content_hash(key: bytes, plain: gateway.Inquiry) -> bytes:
    """16 bytes over everything but the order id."""
    content = gateway.Inquiry()
    content.CopyFrom(plain)
    content.ClearField("order_id")
    written = content.SerializeToString(deterministic=True)
    return hashlib.blake2b(written, digest_size=16, key=key).digest()


def order_key(key: bytes, court: str, order_id: str) -> bytes:
    """16 bytes for an order id of a court."""
    written = f"{court}\0{order_id}".encode()
    return hashlib.blake2b(written, digest_size=16, key=key, person=b"order").digest()


def admitted(plain: gateway.Inquiry, hashed: bytes, deadline_ns: int) -> journal.Admitted:
    """A normalised inquiry as it stands in a frame."""
    return journal.Admitted(
        entry=institution.Entry(mandate=plain.mandate, subject=plain.subject, items=plain.items),
        order_id=plain.order_id,
        content_hash=hashed,
        scope=plain.scope,
        urgency=plain.urgency,
        deadline_ns=deadline_ns,
        freshness_s=plain.freshness_s,
        claim_fen=plain.claim_fen,
    )


def has_nul(message: Message) -> bool:
    """Is there a character NUL in a string of it, or of what is in it?"""
    for _, value in message.ListFields():
        for one in [value] if isinstance(value, str | Message) or not isinstance(value, Iterable) else value:
            if has_nul(one) if isinstance(one, Message) else isinstance(one, str) and "\0" in one:
                return True
    return False
