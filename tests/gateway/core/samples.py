"""Samples: inquiries for tests of the codec, good, bad and unreadable, and the runtime's word on each.

The protobuf runtime is the oracle for what is readable and what stands in which field. It does not judge.
"""

import re

from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types
from tests.model.wire import has_nul

COURT = "京0105"
TODAY = 20260101
GROUP = 3

# How long an example takes says more about the machine than about the codec.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# The runtime reads at most five bytes of a tag or a length; the codec may take what it refuses for more.
LONG_HEAD = re.compile(rb"[\x80-\xff]{5}")


def sample() -> gateway.Inquiry:
    """A faultless inquiry with every field set."""
    return gateway.Inquiry(
        order_id="0105-2026-0000001",
        court_code=COURT,
        mandate=types.Mandate(
            court_code=COURT,
            case_number="(2026)京0105执10001号",
            instrument_number="(2026)京0105执通1号",
            instrument_kind=types.INSTRUMENT_KIND_INQUIRY_NOTICE,
            officer_id="0105003",
            debtor_role=types.DEBTOR_ROLE_JUDGMENT_DEBTOR,
        ),
        subject=types.Subject(id_type=types.ID_TYPE_RESIDENT_ID, id_number="11010519491231002X", name="曹明"),
        scope=gateway.Scope(reach=gateway.REACH_LIST, institutions=[3, 1, 2000, 3]),
        items=[23, 5, 14],
        urgency=gateway.URGENCY_URGENT,
        freshness_s=3600,
        deadline_s=86_400,
        claim_fen=75_187_927,
    )


def set_field(message: Message, path: str, value: object) -> None:
    """Set the field of that path; a list replaces what was there, None clears it."""
    *parents, name = path.split(".")
    for parent in parents:
        message = getattr(message, parent)
    message.ClearField(name)
    if isinstance(value, list):
        getattr(message, name).extend(value)
    elif value is not None:
        setattr(message, name, value)


def runtime_reads(raw: bytes) -> gateway.Inquiry | None:
    """None: not at all, or a string in it has a character NUL, which only we refuse."""
    try:
        inquiry = gateway.Inquiry.FromString(raw)
    except DecodeError:
        return None
    return None if has_nul(inquiry) else inquiry


def has_group(message: Message) -> bool:
    """Whether the runtime stepped over an unknown group, here or in a message within."""
    parts = [field for field, _ in message.ListFields() if field.message_type and not field.is_repeated]
    unknown = UnknownFieldSet(message)
    is_here = any(unknown[at].wire_type == GROUP for at in range(len(unknown)))
    return is_here or any(has_group(getattr(message, field.name)) for field in parts)


def varint(value: int, spare_bytes: int = 0) -> bytes:
    """As protobuf writes it, or with `spare_bytes` needless ones."""
    out = bytearray()
    while value >= 0x80 or spare_bytes:
        spare_bytes -= value < 0x80
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


# -- strategies

characters = st.characters(codec="utf-8", exclude_characters="\0")
texts = st.text(characters, max_size=8) | st.sampled_from(
    ["", " ", "  ", "33", "3", "99", COURT, "曹明", "x" * 33, "名" * 90]
)
numbers = (
    st.sampled_from(["11010519491231002X", "11010519491231002x", "110105194912310021", "110105200113320001"])
    | st.sampled_from(["93370102FX9A4UWCQ0", "93370102FX9A4UWCQ1", "P64275338", "A123", "A" * 21, ""])
    | st.text(characters, max_size=21)
)
small = st.integers(0, 6)
enums = small | st.sampled_from([-1, 99, 2**31 - 1, -(2**31)])
indexes = st.integers(0, 5000) | st.integers(0, 2**32 - 1)
seconds = st.sampled_from([0, 1, 86_400, 604_800, 604_801, 2_592_000, 2_592_001, 2**32 - 1])

mandates = st.builds(
    types.Mandate,
    court_code=texts,
    case_number=texts,
    instrument_number=texts,
    instrument_kind=enums,
    officer_id=texts,
    debtor_role=enums,
)
subjects = st.builds(types.Subject, id_type=enums, id_number=numbers, name=texts)
scopes = st.builds(gateway.Scope, reach=enums, province=texts, institutions=st.lists(indexes, max_size=12))


def inquiries(index: st.SearchStrategy[int] = indexes) -> st.SearchStrategy[gateway.Inquiry]:
    """Readable inquiries of any kind, most of them with faults."""
    return st.builds(
        gateway.Inquiry,
        order_id=texts,
        court_code=texts,
        mandate=st.none() | mandates,
        subject=st.none() | subjects,
        scope=st.none()
        | st.builds(gateway.Scope, reach=enums, province=texts, institutions=st.lists(index, max_size=12)),
        items=st.lists(st.integers(0, 27) | st.integers(0, 2**32 - 1), max_size=6),
        urgency=enums,
        freshness_s=st.none() | seconds,
        deadline_s=seconds,
        claim_fen=st.integers(-(2**63), 2**63 - 1),
    )


good_inquiries = st.builds(
    gateway.Inquiry,
    order_id=st.text(characters, min_size=1, max_size=16),
    court_code=st.just(COURT),
    mandate=st.builds(
        types.Mandate,
        court_code=st.sampled_from(["", COURT]),
        case_number=st.text(characters, min_size=1, max_size=32),
        instrument_number=st.text(characters, min_size=1, max_size=32),
        instrument_kind=st.sampled_from([1, 2]),
        officer_id=st.text(characters, min_size=1, max_size=8),
        debtor_role=st.just(1),
    ),
    subject=st.sampled_from(
        [(1, "11010519491231002X"), (1, "11010519491231002x"), (2, "93370102FX9A4UWCQ0"), (3, "P64275338")]
    ).flatmap(
        lambda pair: st.builds(
            types.Subject,
            id_type=st.just(pair[0]),
            id_number=st.just(pair[1]),
            name=st.text(characters, min_size=1, max_size=64).filter(lambda name: name.strip(" ") != ""),
        )
    ),
    scope=st.builds(
        gateway.Scope,
        reach=st.integers(1, 5),
        province=st.sampled_from(["33", "11", "01", "99"]),
        institutions=st.lists(st.integers(0, 4095), min_size=1, max_size=40),
    ),
    items=st.lists(st.integers(1, 25), max_size=30),
    urgency=st.integers(0, 3),
    freshness_s=st.none() | st.integers(0, 604_800),
    deadline_s=st.integers(0, 2_592_000),
    claim_fen=st.integers(0, 2**63 - 1),
)


def cut(raw: bytes) -> st.SearchStrategy[bytes]:
    return st.integers(0, len(raw)).map(lambda end: raw[:end])


def bent(raw: bytes) -> st.SearchStrategy[bytes]:
    """`raw` with a few bytes in a few places replaced by others."""
    place = st.tuples(st.integers(0, len(raw)), st.integers(0, 2), st.binary(max_size=3))

    def apply(changes: list[tuple[int, int, bytes]]) -> bytes:
        changed = raw
        for at, size, piece in changes:
            changed = changed[:at] + piece + changed[at + size :]
        return changed

    return st.lists(place, min_size=1, max_size=3).map(apply)


spares = st.sampled_from([0, 0, 0, 1, 3])
numbers_64 = (
    small
    | st.sampled_from([127, 128, 2**31, 2**32 - 1, 2**32 + 1, 2**63, 2**64 - 1])
    | st.integers(0, 2**64 - 1)
)
varints = st.builds(varint, numbers_64, spares)


def with_length(body: bytes) -> bytes:
    return varint(len(body)) + body


def fields(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Fields 0 to 12 one after the other, with any wire type, well and badly made."""
    values = {
        0: varints,
        1: st.binary(min_size=8, max_size=8),
        2: st.builds(with_length, bodies) | st.binary(max_size=4),
        3: st.sampled_from([b"", b"\x08\x01", b"\x0b\x0c"]).flatmap(
            lambda body: st.integers(0, 12).map(lambda number: body + varint(number << 3 | 4))
        ),
        4: st.just(b""),
        5: st.binary(min_size=4, max_size=4),
        6: st.just(b""),
        7: st.just(b""),
    }
    types_most = st.sampled_from([0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 5]) | st.integers(0, 7)
    numbers_most = st.integers(1, 10) | st.integers(0, 12) | st.sampled_from([2**29 - 1, 2**29])

    def one(number: int, wire_type: int, spare: int) -> st.SearchStrategy[bytes]:
        head = varint(number << 3 | wire_type, spare)
        return values[wire_type].map(lambda value: head + value)

    field = st.tuples(numbers_most, types_most, spares).flatmap(lambda parts: one(*parts))
    return st.lists(field, max_size=8).map(b"".join)


leaves = st.lists(varints, max_size=6).map(b"".join) | texts.map(str.encode) | st.binary(max_size=8)
messages = fields(fields(leaves) | leaves)
