"""Person: check characters of resident and organisation numbers; every tenth number has a wrong one."""

from itertools import cycle, islice

import numpy as np
import pytest

from benchmarks.bench.messages import resident_ids
from benchmarks.core._messages import judge_credit_codes, judge_passports, judge_resident_ids
from benchmarks.core.conftest import Measure
from benchmarks.core.stage import TODAY
from benchmarks.sample import CourtSample
from chakong.type.v1.type_pb2 import ID_TYPE_CREDIT_CODE

NUMBER_COUNT = 10_000
WRONG_EVERY = 10
PASSPORT_SIZE = 9


def credit_codes(courts: tuple[CourtSample, ...]) -> list[bytes]:
    """Those of the sample's inquiries that are in order."""
    return [
        one.inquiry.subject.id_number.encode()
        for court in courts
        for one in court.inquiries
        if one.expect == "ok" and one.inquiry.subject.id_type == ID_TYPE_CREDIT_CODE
    ]


def wronged(number: bytes) -> bytes:
    """With another check character, a possible one."""
    return number[:-1] + (b"1" if number[-1:] != b"1" else b"2")


def joined(numbers: list[bytes]) -> bytes:
    return b"".join(wronged(number) if at % WRONG_EVERY == 0 else number for at, number in enumerate(numbers))


def test_resident_ids_judged(measure: Measure) -> None:
    count = measure.size(NUMBER_COUNT)
    text = joined([row.tobytes() for row in resident_ids(np.arange(count))])
    assert measure(lambda given: judge_resident_ids(given, TODAY), lambda: text, count) == {
        count // WRONG_EVERY
    }


def test_credit_codes_judged(measure: Measure, courts: tuple[CourtSample, ...]) -> None:
    count = measure.size(NUMBER_COUNT)
    text = joined(list(islice(cycle(credit_codes(courts)), count)))
    assert measure(judge_credit_codes, lambda: text, count) == {count // WRONG_EVERY}


@pytest.mark.parametrize(("sign", "is_wrong"), [(b"5", False), (b"-", True)], ids=["right", "wrong"])
def test_passports_judged(measure: Measure, sign: bytes, is_wrong: bool) -> None:
    count = measure.size(NUMBER_COUNT)
    text = (b"E1234567" + sign) * count
    expected = {count if is_wrong else 0}
    assert measure(lambda given: judge_passports(given, PASSPORT_SIZE), lambda: text, count) == expected
