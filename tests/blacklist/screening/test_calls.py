"""What Screen and ScreenBulk answer, whoever carries them."""

from collections.abc import Iterable

import pytest

from blacklist.screening._snapshot import Binding, MessageError
from blacklist.screening.calls import MESSAGE_BYTES_MAX, NotLoadedError, ScreeningCalls
from blacklist.screening.current import Changes, Current
from blacklist.screening.rows import Row
from chakong.blacklist.v1 import screening_pb2
from chakong.type.v1.type_pb2 import Subject
from tests.blacklist.screening.model import HASHER, RAILWAY, TODAY, request, response, row, subject

# A second after midnight in Beijing, when it is still the day before in Greenwich.
NOW_NS = (TODAY * 86_400 - 8 * 3_600 + 1) * 10**9


class Store:
    def entries(self) -> tuple[int, Iterable[Row]]:
        return 3, [row(since_day=TODAY), row(1, until_day=TODAY - 1)]

    def changes(self, after: int, count_max: int) -> Changes:
        return Changes(4, [(False, row())] if after < 4 else [])


class Desk:
    """Calls over a list, with what they recorded and for whom they were bound."""

    def __init__(self) -> None:
        self.recorded: list[tuple[str, int, list[tuple[int, int]]]] = []
        self.bound: list[tuple[str, int]] = []
        self.current = Current(Store(), HASHER, lambda: NOW_NS)
        self.calls = ScreeningCalls(self.current, self.binding_of, self.record, lambda: NOW_NS)

    def binding_of(self, unit: str, day: int) -> Binding:
        self.bound.append((unit, day))
        return Binding(RAILWAY)

    def record(self, unit: str, version: int, named: list[tuple[int, int]]) -> None:
        self.recorded.append((unit, version, named))


@pytest.fixture
async def desk() -> Desk:
    made = Desk()
    await made.current.load()
    return made


def one(asked: Subject | None) -> bytes:
    return screening_pb2.ScreenRequest(subject=asked).SerializeToString()


def test_one_is_answered_with_version_time_and_finding(desk: Desk) -> None:
    answer = screening_pb2.ScreenResponse.FromString(desk.calls.one("railway", one(subject())))
    assert (answer.version, answer.as_of_ns) == (3, NOW_NS)
    assert answer.finding.outcome == screening_pb2.OUTCOME_LISTED
    assert list(answer.finding.measures) == [28]


def test_one_who_is_clear_is_said_to_be(desk: Desk) -> None:
    answer = screening_pb2.ScreenResponse.FromString(desk.calls.one("railway", one(subject(2))))
    assert answer.finding.outcome == screening_pb2.OUTCOME_CLEAR


def test_day_is_that_of_beijing(desk: Desk) -> None:
    # Person 0 is listed from today on, person 1 until yesterday.
    answer = response(desk.calls.bulk("railway", request([subject(0), subject(1)])))
    assert [finding.index for finding in answer.findings] == [0]
    assert desk.bound == [("railway", TODAY)]


@pytest.mark.parametrize("message", [b"\xff", b"", request([subject(), subject(1)])])
def test_one_that_is_not_one_is_refused(desk: Desk, message: bytes) -> None:
    with pytest.raises(MessageError):
        desk.calls.one("railway", message)
    # Nobody was told.
    assert desk.recorded == []


def test_bulk_message_that_cannot_be_read_is_refused_in_its_answer(desk: Desk) -> None:
    answer = response(desk.calls.bulk("railway", b"\xff"))
    assert (answer.error.code, answer.screened) == (3, 0)
    assert "must be readable" in answer.error.message


def test_bulk_message_that_is_too_large_is_refused_in_its_answer(desk: Desk) -> None:
    answer = response(desk.calls.bulk("railway", bytes(MESSAGE_BYTES_MAX + 1)))
    assert answer.error.code == 3
    assert "at most 4194304" in answer.error.message


def test_hits_and_checks_by_hand_are_recorded_and_nobody_else(desk: Desk) -> None:
    desk.calls.bulk("railway", request([subject(2), subject(0), subject(0, "李四"), subject(3)]))
    desk.calls.bulk("railway", request([subject(2)]))
    expected = [(1, screening_pb2.OUTCOME_LISTED), (1, screening_pb2.OUTCOME_CHECK_BY_HAND)]
    assert desk.recorded == [("railway", 3, expected)]


async def test_removed_person_is_not_reported_from_the_newer_version(desk: Desk) -> None:
    before = response(desk.calls.bulk("railway", request([subject()])))
    await desk.current.refresh()
    after = response(desk.calls.bulk("railway", request([subject()])))
    assert (before.version, len(before.findings)) == (3, 1)
    assert (after.version, len(after.findings)) == (4, 0)


def test_nobody_is_screened_before_the_list_is_loaded() -> None:
    desk = Desk()
    with pytest.raises(NotLoadedError):
        desk.calls.one("railway", one(subject()))
    answer = response(desk.calls.bulk("railway", request([subject()])))
    assert (answer.error.code, answer.error.retry_after_ms) == (14, 1_000)
