"""Validation: every fault of one inquiry that was read, in plain Python.

Fair: one pass without exceptions or objects where nothing is wrong, and birth dates are looked up where they
were seen before. The rules are those of the contract; order ids and the directory's part are the caller's.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types

Fault = tuple["gateway.Reason.ValueType", str]  # and the path of the field

RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECKS = "10X98765432"
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_VALUES = {char: value for value, char in enumerate(CREDIT_ALPHABET)}
FIRST_BIRTHDAY = date(1900, 1, 1)
BIRTHDAYS_SEEN_MAX = 1 << 16
INSTITUTIONS_MAX = 4_096
ITEM_CODES = frozenset(range(1, 26))
FRESHNESS_S_MAX = 604_800
DEADLINE_S_MAX = 2_592_000


def faults(inquiry: gateway.Inquiry, court: str, today: date) -> list[Fault]:
    """Empty: nothing is wrong with the inquiry as `court` sent it, whoever its scope reaches."""
    found: list[Fault] = []
    if inquiry.court_code != court:
        found.append((gateway.REASON_FOREIGN_COURT, "court_code"))
    _limit(found, "court_code", inquiry.court_code, 32)
    if not inquiry.order_id:
        found.append((gateway.REASON_ORDER_ID_MISSING, "order_id"))
    _limit(found, "order_id", inquiry.order_id, 64)
    _mandate(found, inquiry.mandate, court)
    _subject(found, inquiry.subject, today)
    _rest(found, inquiry)
    return found


def _limit(found: list[Fault], field: str, text: str, bytes_max: int) -> None:
    # Four bytes is the most that a character has.
    if len(text) * 4 > bytes_max and len(text.encode()) > bytes_max:
        found.append((gateway.REASON_TOO_LONG, field))


def _mandate(found: list[Fault], mandate: types.Mandate, court: str) -> None:
    if mandate.court_code and mandate.court_code != court:
        found.append((gateway.REASON_FOREIGN_COURT, "mandate.court_code"))
        _limit(found, "mandate.court_code", mandate.court_code, 32)
    for field, text, bytes_max in (
        ("mandate.case_number", mandate.case_number, 128),
        ("mandate.instrument_number", mandate.instrument_number, 128),
        ("mandate.officer_id", mandate.officer_id, 32),
    ):
        if not text:
            found.append((gateway.REASON_MANDATE_INCOMPLETE, field))
        _limit(found, field, text, bytes_max)
    kind, role = mandate.instrument_kind, mandate.debtor_role
    if not kind:
        found.append((gateway.REASON_MANDATE_INCOMPLETE, "mandate.instrument_kind"))
    elif kind not in (1, 2):
        found.append((gateway.REASON_UNKNOWN_VALUE, "mandate.instrument_kind"))
    if not role:
        found.append((gateway.REASON_MANDATE_INCOMPLETE, "mandate.debtor_role"))
    elif role != types.DEBTOR_ROLE_JUDGMENT_DEBTOR:
        found.append((gateway.REASON_NOT_THE_DEBTOR, "mandate.debtor_role"))
        if role not in (2, 3):
            found.append((gateway.REASON_UNKNOWN_VALUE, "mandate.debtor_role"))


def _subject(found: list[Fault], subject: types.Subject, today: date) -> None:
    if not subject.name.strip(" "):
        found.append((gateway.REASON_NAME_MISSING, "subject.name"))
    _limit(found, "subject.name", subject.name, 256)
    number = subject.id_number
    judge = NUMBER_RULES.get(subject.id_type)
    if judge is None:
        found.append((gateway.REASON_UNKNOWN_VALUE, "subject.id_type"))
    if not number:
        found.append((gateway.REASON_ID_NUMBER_MISSING, "subject.id_number"))
        return
    _limit(found, "subject.id_number", number, 20)
    if judge is not None:
        found.extend((reason, "subject.id_number") for reason in judge(number, today))


def _rest(found: list[Fault], inquiry: gateway.Inquiry) -> None:
    scope = inquiry.scope
    if scope.reach == gateway.REACH_LIST:
        if len(scope.institutions) > INSTITUTIONS_MAX:
            found.append((gateway.REASON_TOO_LONG, "scope.institutions"))
    elif not 1 <= scope.reach <= 5:
        found.append((gateway.REASON_UNKNOWN_VALUE, "scope.reach"))
    if inquiry.items and not ITEM_CODES.issuperset(inquiry.items):
        found.append((gateway.REASON_UNKNOWN_VALUE, "items"))
    if not 0 <= inquiry.urgency <= 3:
        found.append((gateway.REASON_UNKNOWN_VALUE, "urgency"))
    if inquiry.freshness_s > FRESHNESS_S_MAX:
        found.append((gateway.REASON_OUT_OF_RANGE, "freshness_s"))
    if inquiry.deadline_s > DEADLINE_S_MAX:
        found.append((gateway.REASON_OUT_OF_RANGE, "deadline_s"))
    if inquiry.claim_fen < 0:
        found.append((gateway.REASON_OUT_OF_RANGE, "claim_fen"))


Reasons = tuple["gateway.Reason.ValueType", ...]
BAD_LENGTH: Reasons = (gateway.REASON_BAD_LENGTH,)
BAD_CHECK_DIGIT: Reasons = (gateway.REASON_BAD_CHECK_DIGIT,)
BAD_BIRTH_DATE: Reasons = (gateway.REASON_BAD_BIRTH_DATE,)


def _resident(number: str, today: date) -> Reasons:
    """GB 11643."""
    body = number[:17]
    if len(number) != 18 or not number.isascii() or not body.isdigit() or number[17] not in "0123456789Xx":
        return BAD_LENGTH
    total = sum(map(int.__mul__, map(int, body), RESIDENT_WEIGHTS))
    born = _birthday(number[6:14])
    reasons = () if born is not None and born <= today else BAD_BIRTH_DATE
    return reasons if RESIDENT_CHECKS[total % 11] == number[17].upper() else reasons + BAD_CHECK_DIGIT


@lru_cache(maxsize=BIRTHDAYS_SEEN_MAX)
def _birthday(digits: str) -> date | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return born if born >= FIRST_BIRTHDAY else None


def _credit(number: str, _: date) -> Reasons:
    """GB 32100."""
    values = [CREDIT_VALUES.get(char, -1) for char in number]
    if len(values) != 18 or -1 in values:
        return BAD_LENGTH
    total = sum(map(int.__mul__, values, CREDIT_WEIGHTS))
    return () if (31 - total % 31) % 31 == values[17] else BAD_CHECK_DIGIT


def _passport(number: str, _: date) -> Reasons:
    return () if 5 <= len(number) <= 20 and number.isascii() and number.isalnum() else BAD_LENGTH


NUMBER_RULES: dict[int, Callable[[str, date], Reasons]] = {
    types.ID_TYPE_RESIDENT_ID: _resident,
    types.ID_TYPE_CREDIT_CODE: _credit,
    types.ID_TYPE_PASSPORT: _passport,
}
