"""Messages: bulk messages of many thousand inquiries, made in a millisecond.

A template is one encoded inquiry whose changing fields have a fixed width; a message is that row, repeated,
with other digits in it. The bytes are those the stubs would make of the persons of benchmarks.subjects. Pure.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.subjects import (
    AREAS,
    BIRTHDAY_COUNT,
    CHECK_CHARACTERS,
    FIRST_BIRTHDAY,
    GIVEN_NAMES,
    SEQUENCE_COUNT,
    SUBJECT_COUNT,
    SURNAMES,
    WEIGHTS,
)
from chakong.gateway.v1.gateway_pb2 import (
    REACH_LIST,
    URGENCY_UNSPECIFIED,
    Inquiry,
    Scope,
    SubmitBulkRequest,
    Urgency,
)
from chakong.type.v1.type_pb2 import (
    DEBTOR_ROLE_JUDGMENT_DEBTOR,
    ID_TYPE_RESIDENT_ID,
    INSTRUMENT_KIND_INQUIRY_NOTICE,
    Mandate,
    Subject,
)

Numbers = NDArray[np.int64]
Bytes = NDArray[np.uint8]

COURT: Final = "京0105"
# What one message may hold: gateway.proto.
MESSAGE_COUNT_MAX: Final = 8_192
# Places in the template; each occurs once in its bytes.
_ORDER = "1" * 10
_CASE = "2" * 10
_INSTRUMENT = "3" * 10
_NUMBER = "4" * 18
_NAME = "丁丂七"
# Two bytes as a varint, like every index from 128 on; those below are written with a needless second byte.
_LISTED = 3_915
_ZERO = ord("0")


class Template:
    """Inquiries of one court with one scope; without one, each goes to one institution of its own. `urgency`,
    `deadline_s`: 0 is the gateway's default."""

    def __init__(
        self,
        scope: Scope | None = None,
        court: str = COURT,
        *,
        urgency: Urgency.ValueType = URGENCY_UNSPECIFIED,
        deadline_s: int = 0,
    ) -> None:
        inquiry = Inquiry(
            order_id=f"b-{_ORDER}",
            court_code=court,
            mandate=Mandate(
                case_number=f"(2026)京0105执{_CASE}号",
                instrument_number=f"(2026)京0105执通{_INSTRUMENT}号",
                instrument_kind=INSTRUMENT_KIND_INQUIRY_NOTICE,
                officer_id="0105001",
                debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
            ),
            subject=Subject(id_type=ID_TYPE_RESIDENT_ID, id_number=_NUMBER, name=_NAME),
            scope=scope or Scope(reach=REACH_LIST, institutions=[_LISTED]),
            claim_fen=1_234_567,
            urgency=urgency,
            deadline_s=deadline_s,
        )
        encoded = SubmitBulkRequest(inquiries=[inquiry]).SerializeToString()
        self.row_bytes = len(encoded)
        self._row: Bytes = np.frombuffer(encoded, np.uint8)
        places = (_ORDER, _CASE, _INSTRUMENT, _NUMBER, _NAME)
        self._at = [_place(encoded, text.encode()) for text in places]
        self._listed_at = (
            -1 if scope else _place(encoded, b"\x02" + _varints(np.array([_LISTED])).tobytes()) + 1
        )

    def message(
        self, orders: Numbers, subjects: Numbers | None = None, institutions: Numbers | None = None
    ) -> bytes:
        """One inquiry for each order number; about the subject of the same number unless `subjects` says
        another. ValueError for more than a message may hold, or institutions without a place for them."""
        if len(orders) > MESSAGE_COUNT_MAX:
            raise ValueError(f"orders: {len(orders)} given, at most {MESSAGE_COUNT_MAX}")
        if (institutions is None) != (self._listed_at < 0):
            raise ValueError("institutions: given exactly when the template has no scope")
        persons = orders if subjects is None else subjects
        rows: Bytes = np.tile(self._row, (len(orders), 1))
        for at in self._at[:3]:
            rows[:, at : at + 10] = digits(orders, 10)
        rows[:, self._at[3] : self._at[3] + 18] = resident_ids(persons)
        rows[:, self._at[4] : self._at[4] + 9] = names(persons)
        if institutions is not None:
            rows[:, self._listed_at : self._listed_at + 2] = _varints(institutions)
        return rows.tobytes()


def digits(numbers: Numbers, width: int) -> Bytes:
    """Decimal digits with leading zeros, a row for each number."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers % 10 + _ZERO).astype(np.uint8)


def resident_ids(numbers: Numbers) -> Bytes:
    """benchmarks.subjects.resident_id of each, 18 characters a row."""
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < SUBJECT_COUNT:
        raise ValueError(f"subjects: up to {numbers.max()} given, must be 0 to {SUBJECT_COUNT - 1}")
    rest, area = np.divmod(numbers, len(AREAS))
    sequence, day = np.divmod(rest, BIRTHDAY_COUNT)
    birthdays = np.datetime64(FIRST_BIRTHDAY) + day
    years = birthdays.astype("datetime64[Y]")
    months = birthdays.astype("datetime64[M]")
    dates = (
        (years.astype(np.int64) + 1970) * 10_000
        + ((months - years.astype("datetime64[M]")).astype(np.int64) + 1) * 100
        + (birthdays - months.astype("datetime64[D]")).astype(np.int64)
        + 1
    )
    areas = np.array([int(code) for code in AREAS], np.int64)[area]
    first = np.hstack([digits(areas, 6), digits(dates, 8), digits(sequence % SEQUENCE_COUNT, 3)])
    checks = np.frombuffer(CHECK_CHARACTERS.encode(), np.uint8)
    remainders = (first.astype(np.int64) - _ZERO) @ np.array(WEIGHTS, np.int64) % 11
    return np.hstack([first, checks[remainders][:, None]])


def names(numbers: Numbers) -> Bytes:
    """The names of benchmarks.subjects.subject, 9 bytes a row."""
    surnames, given = _characters(SURNAMES), _characters(GIVEN_NAMES)
    rest, surname = np.divmod(numbers, len(surnames))
    rest, first = np.divmod(rest, len(given))
    return np.hstack([surnames[surname], given[first], given[rest % len(given)]])


def _characters(text: str) -> Bytes:
    """Three bytes of UTF-8 a character."""
    return np.frombuffer(text.encode(), np.uint8).reshape(len(text), 3)


def _varints(numbers: Numbers) -> Bytes:
    """Two bytes each."""
    return np.stack([numbers & 0x7F | 0x80, numbers >> 7], axis=1).astype(np.uint8)


def _place(encoded: bytes, text: bytes) -> int:
    if encoded.count(text) != 1:
        raise ValueError(f"a place of the template occurs {encoded.count(text)} times, must be once")
    return encoded.index(text)
