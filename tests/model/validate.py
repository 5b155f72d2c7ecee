"""Validate: every fault of one inquiry, field by field.

It knows the directory and the day, and no order ids. Written from the .proto comments, GB 11643 (mod 11-2)
and GB 32100 (mod 31); it shares nothing with the compiled parser.
"""

import datetime
from collections.abc import Iterator

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types
from tests.model.wire import SECOND_NS, Directory, items_mask

Fault = tuple[int, str]  # Reason, path of the field

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BEIJING = datetime.timezone(datetime.timedelta(hours=8))
_BORN_FIRST = datetime.date(1900, 1, 1)
_SCOPE_LIST_MAX = 4096


def faults(inquiry: gateway.Inquiry, court: str, directory: Directory, now_ns: int) -> list[Fault]:
    """Every fault of a readable inquiry of `court`, lowest reason first. Order ids are for others."""
    found = {
        *_court_faults(inquiry, court),
        *_length_faults(inquiry),
        *_subject_faults(inquiry.subject, now_ns),
        *_mandate_faults(inquiry.mandate),
        *_scope_faults(inquiry, directory),
        *_number_faults(inquiry),
    }
    return sorted(found)


def _court_faults(inquiry: gateway.Inquiry, court: str) -> Iterator[Fault]:
    if inquiry.court_code != court:
        yield gateway.REASON_FOREIGN_COURT, "court_code"
    if inquiry.mandate.court_code not in ("", court):
        yield gateway.REASON_FOREIGN_COURT, "mandate.court_code"
    if not inquiry.order_id:
        yield gateway.REASON_ORDER_ID_MISSING, "order_id"


def _length_faults(inquiry: gateway.Inquiry) -> Iterator[Fault]:
    limits = (
        ("order_id", inquiry.order_id, 64),
        ("court_code", inquiry.court_code, 32),
        ("mandate.court_code", inquiry.mandate.court_code, 32),
        ("mandate.case_number", inquiry.mandate.case_number, 128),
        ("mandate.instrument_number", inquiry.mandate.instrument_number, 128),
        ("mandate.officer_id", inquiry.mandate.officer_id, 32),
        ("subject.id_number", inquiry.subject.id_number, 20),
        ("subject.name", inquiry.subject.name, 256),
    )
    for field, text, limit in limits:
        if len(text.encode()) > limit:
            yield gateway.REASON_TOO_LONG, field
    if inquiry.scope.reach == gateway.REACH_LIST and len(inquiry.scope.institutions) > _SCOPE_LIST_MAX:
        yield gateway.REASON_TOO_LONG, "scope.institutions"


def _subject_faults(subject: types.Subject, now_ns: int) -> Iterator[Fault]:
    if subject.id_type not in (1, 2, 3):
        yield gateway.REASON_UNKNOWN_VALUE, "subject.id_type"
    if not subject.name.strip(" "):
        yield gateway.REASON_NAME_MISSING, "subject.name"
    if not subject.id_number:
        yield gateway.REASON_ID_NUMBER_MISSING, "subject.id_number"
        return
    if subject.id_type == types.ID_TYPE_RESIDENT_ID:
        reasons = _resident_reasons(subject.id_number, now_ns)
    elif subject.id_type == types.ID_TYPE_CREDIT_CODE:
        reasons = _credit_reasons(subject.id_number)
    elif subject.id_type == types.ID_TYPE_PASSPORT:
        reasons = _passport_reasons(subject.id_number)
    else:
        reasons = []
    for reason in reasons:
        yield reason, "subject.id_number"


def _resident_reasons(number: str, now_ns: int) -> list[int]:
    if len(number) != 18 or not set(number[:17]) <= _DIGITS or number[17] not in "0123456789Xx":
        return [gateway.REASON_BAD_LENGTH]
    reasons: list[int] = []
    if not _is_birth_date(number[6:14], now_ns):
        reasons.append(gateway.REASON_BAD_BIRTH_DATE)
    remainder = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17])) % 11
    if "10X98765432"[remainder] != number[17].upper():
        reasons.append(gateway.REASON_BAD_CHECK_DIGIT)
    return reasons


def _is_birth_date(digits: str, now_ns: int) -> bool:
    try:
        born = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return _BORN_FIRST <= born <= datetime.datetime.fromtimestamp(now_ns // SECOND_NS, _BEIJING).date()


def _credit_reasons(number: str) -> list[int]:
    if len(number) != 18 or not set(number) <= set(_CREDIT_ALPHABET):
        return [gateway.REASON_BAD_LENGTH]
    total = sum(_CREDIT_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(number[:17]))
    if _CREDIT_ALPHABET[(31 - total % 31) % 31] != number[17]:
        return [gateway.REASON_BAD_CHECK_DIGIT]
    return []


def _passport_reasons(number: str) -> list[int]:
    is_right = 5 <= len(number) <= 20 and set(number) <= _DIGITS | _LETTERS
    return [] if is_right else [gateway.REASON_BAD_LENGTH]


def _mandate_faults(mandate: types.Mandate) -> Iterator[Fault]:
    for field in ("case_number", "instrument_number", "officer_id", "instrument_kind", "debtor_role"):
        if not getattr(mandate, field):
            yield gateway.REASON_MANDATE_INCOMPLETE, f"mandate.{field}"
    if mandate.instrument_kind not in (0, 1, 2):
        yield gateway.REASON_UNKNOWN_VALUE, "mandate.instrument_kind"
    if mandate.debtor_role not in (0, 1, 2, 3):
        yield gateway.REASON_UNKNOWN_VALUE, "mandate.debtor_role"
    if mandate.debtor_role not in (0, types.DEBTOR_ROLE_JUDGMENT_DEBTOR):
        yield gateway.REASON_NOT_THE_DEBTOR, "mandate.debtor_role"


def _scope_faults(inquiry: gateway.Inquiry, directory: Directory) -> Iterator[Fault]:
    found: list[Fault] = []
    scope = inquiry.scope
    if scope.reach not in (1, 2, 3, 4, 5):
        found.append((gateway.REASON_UNKNOWN_VALUE, "scope.reach"))
    if scope.reach == gateway.REACH_PROVINCE and not _is_seat(scope.province, directory):
        found.append((gateway.REASON_UNKNOWN_VALUE, "scope.province"))
    if scope.reach == gateway.REACH_LIST:
        known = range(len(directory.institutions))
        if not scope.institutions or any(index not in known for index in scope.institutions):
            found.append((gateway.REASON_UNKNOWN_INSTITUTION, "scope.institutions"))
    known_items = [code for code in inquiry.items if 1 <= code <= 25]
    if not found and not directory.concerned(scope, items_mask(known_items)):
        found.append((gateway.REASON_NOBODY_CONCERNED, "scope"))
    if len(known_items) < len(inquiry.items):
        found.append((gateway.REASON_UNKNOWN_VALUE, "items"))
    yield from found


def _is_seat(province: str, directory: Directory) -> bool:
    if len(province) != 2 or not set(province) <= _DIGITS or province == "00":
        return False
    return any(institution.province == int(province) for institution in directory.institutions)


def _number_faults(inquiry: gateway.Inquiry) -> Iterator[Fault]:
    if inquiry.urgency not in (0, 1, 2, 3):
        yield gateway.REASON_UNKNOWN_VALUE, "urgency"
    if inquiry.freshness_s > 604_800:
        yield gateway.REASON_OUT_OF_RANGE, "freshness_s"
    if inquiry.deadline_s > 2_592_000:
        yield gateway.REASON_OUT_OF_RANGE, "deadline_s"
    if inquiry.claim_fen < 0:
        yield gateway.REASON_OUT_OF_RANGE, "claim_fen"
