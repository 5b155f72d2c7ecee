"""Entries: the batches that the kit sends.

Pure. It judges no reply; replies does.
"""

from collections.abc import Iterable, Sequence

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import Batch, Entry
from chakong.type.v1 import type_pb2
from conformance.fixture import Court, Subject

# Field limits of the contract, in bytes.
NAME_BYTES_MAX = 256
CASE_BYTES_MAX = 128
# A character outside the basic plane, as rare surnames have them, and one of three bytes.
RARE, COMMON = "𠮷", "查"


def mandate(court: Court, case: int, instrument: type_pb2.InstrumentKind.ValueType) -> type_pb2.Mandate:
    """The basis of an order in the kit's case of this number."""
    return type_pb2.Mandate(
        court_code=court.code,
        case_number=f"(2026){court.code}执{case}号",
        instrument_number=f"(2026){court.code}执{case}号之一",
        instrument_kind=instrument,
        officer_id=court.officer,
        debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
    )


def entry(
    court: Court,
    subject: Subject,
    items: Iterable[int] = (),
    institutions: Iterable[int] = (),
    kind: institution_pb2.Kind.ValueType = institution_pb2.KIND_ASK,
) -> Entry:
    """One question."""
    return Entry(
        mandate=mandate(court, 1, type_pb2.INSTRUMENT_KIND_INQUIRY_NOTICE),
        subject=subject.message(),
        items=sorted(items),
        institutions=institutions,
        kind=kind,
    )


def hello(institutions: Iterable[int]) -> Batch:
    """A stream's first message."""
    return Batch(institutions=institutions)


def batch(batch_id: int, entries: Sequence[Entry]) -> Batch:
    return Batch(id=batch_id, entries=entries)


def odd_entry(court: Court) -> Entry:
    """A valid question with everything at its limit: what careless code chokes on."""
    subject = type_pb2.Subject(
        id_type=type_pb2.ID_TYPE_PASSPORT,
        id_number="A0000",
        name=RARE * (NAME_BYTES_MAX // len(RARE.encode())),
    )
    odd = Entry(
        mandate=mandate(court, 2, type_pb2.INSTRUMENT_KIND_INQUIRY_NOTICE),
        subject=subject,
        items=range(1, 26),
        kind=institution_pb2.KIND_ASK,
    )
    odd.mandate.case_number = COMMON * (CASE_BYTES_MAX // len(COMMON.encode()))
    return odd


def filled(batch_id: int, first: Entry, last: Entry, entry_count: int, bytes_max: int) -> Batch:
    """`first` again and again and `last` at the end: so many entries, or as many as go into so many bytes."""
    one_bytes = Batch(entries=[first]).ByteSize()
    room_bytes = bytes_max - Batch(id=batch_id, entries=[last]).ByteSize()
    count = min(entry_count - 1, max(0, room_bytes // one_bytes))
    return Batch(id=batch_id, entries=[first] * count + [last])


def long_entry(one: Entry) -> Entry:
    """The same question under a case number as long as allowed, so that bytes run out before entries."""
    longer = Entry()
    longer.CopyFrom(one)
    longer.mandate.case_number = COMMON * (CASE_BYTES_MAX // len(COMMON.encode()))
    longer.mandate.instrument_number = longer.mandate.case_number
    return longer
