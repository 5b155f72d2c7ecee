"""Subjects: made-up persons with valid resident identity numbers, each number a different one.

A function of a number alone, so that a load can be repeated. None is a real person's; that one could be is
inherent in the numbers' scheme (GB 11643). Pure.
"""

from datetime import date, timedelta

from chakong.gateway.v1.gateway_pb2 import REACH_ALL, REACH_LIST, REACH_PROVINCE, Inquiry, Scope
from chakong.type.v1.type_pb2 import (
    DEBTOR_ROLE_JUDGMENT_DEBTOR,
    ID_TYPE_RESIDENT_ID,
    INSTRUMENT_KIND_INQUIRY_NOTICE,
    Mandate,
    Subject,
)

AREAS = ("110101", "310101", "440103", "330106", "320503", "510104", "410811", "430102")
PROVINCES = ("11", "31", "44", "33", "32", "51", "41", "43")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
FIRST_BIRTHDAY = date(1950, 1, 1)
BIRTHDAY_COUNT = 20_000
SEQUENCE_COUNT = 1_000
SUBJECT_COUNT = len(AREAS) * BIRTHDAY_COUNT * SEQUENCE_COUNT
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
# Of 20 inquiries one asks everybody, five a province, the others a few institutions: most orders are narrow.
INQUIRY_CYCLE = 20
PROVINCE_INQUIRIES = 5
LISTED_COUNT = 8
INSTITUTION_COUNT = 3_916
DEADLINE_S = 60


def resident_id(number: int) -> str:
    """The identity number of subject `number`, 0 to SUBJECT_COUNT - 1; ValueError beyond."""
    if not 0 <= number < SUBJECT_COUNT:
        raise ValueError(f"number: {number} given, must be 0 to {SUBJECT_COUNT - 1}")
    number, area = divmod(number, len(AREAS))
    sequence, day = divmod(number, BIRTHDAY_COUNT)
    birthday = FIRST_BIRTHDAY + timedelta(days=day)
    digits = f"{AREAS[area]}{birthday:%Y%m%d}{sequence:03}"
    checksum = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + CHECK_CHARACTERS[checksum % 11]


def subject(number: int) -> Subject:
    """A person with that number and a name."""
    rest, surname = divmod(number, len(SURNAMES))
    rest, first = divmod(rest, len(GIVEN_NAMES))
    name = SURNAMES[surname] + GIVEN_NAMES[first] + GIVEN_NAMES[rest % len(GIVEN_NAMES)]
    return Subject(id_type=ID_TYPE_RESIDENT_ID, id_number=resident_id(number), name=name)


def load_inquiry(court: str, order_id: str, number: int) -> Inquiry:
    """A valid inquiry of `court` about subject `number`, its scope by the number too."""
    return Inquiry(
        order_id=order_id,
        court_code=court,
        mandate=Mandate(
            case_number=f"case {number}",
            instrument_number=f"notice {number}",
            instrument_kind=INSTRUMENT_KIND_INQUIRY_NOTICE,
            officer_id="load-1",
            debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
        ),
        subject=subject(number),
        scope=_scope(number),
        deadline_s=DEADLINE_S,
    )


def _scope(number: int) -> Scope:
    place = number % INQUIRY_CYCLE
    if place == 0:
        return Scope(reach=REACH_ALL)
    if place <= PROVINCE_INQUIRIES:
        return Scope(reach=REACH_PROVINCE, province=PROVINCES[number % len(PROVINCES)])
    # A stride that is prime to the number of institutions: all of them are asked in turn.
    listed = [(number * LISTED_COUNT + step * 487) % INSTITUTION_COUNT for step in range(LISTED_COUNT)]
    return Scope(reach=REACH_LIST, institutions=listed)
