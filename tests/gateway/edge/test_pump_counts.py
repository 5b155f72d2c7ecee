"""PumpCounts: plain numbers that grow, within bounds."""

import struct

import pytest

from gateway.edge import pump_counts
from gateway.edge.pump_counts import Admissions, PumpCounts


def ids(*inquiry_ids: int) -> bytes:
    return struct.pack(f"<{len(inquiry_ids)}Q", *inquiry_ids)


def test_an_inquiry_is_as_old_as_its_frame() -> None:
    admissions = Admissions()
    admissions.add(5, 1_000_000)
    admissions.add(9, 3_000_000)
    assert admissions.ages_us(ids(5, 8, 9, 4, 100, 6), 5_000_000) == [(4_000, 3), (2_000, 2)]


def test_an_age_is_never_negative() -> None:
    admissions = Admissions()
    admissions.add(1, 2_000)
    assert admissions.ages_us(ids(1), 1_000) == [(0, 1)]


def test_the_oldest_frames_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump_counts, "FRAMES_TIMED_MAX", 4)
    admissions = Admissions()
    for number in range(1, 6):
        admissions.add(number, number * 1_000)
    assert admissions.ages_us(ids(1, 2), 10_000) == []
    assert admissions.ages_us(ids(3, 5), 10_000) == [(7, 1), (5, 1)]


def test_reasons_kinds_and_answers_add_up() -> None:
    counts = PumpCounts()
    counts.count_refused({2: 3})
    counts.count_refused({2: 1, 5: 1})
    counts.count_frame(1, 100)
    counts.count_frame(1, 50)
    counts.admissions.add(1, 0)
    counts.count_answers(4, ids(1), 2_000_000)
    assert counts.refused == {2: 4, 5: 1}
    assert (counts.frames, counts.frame_bytes) == ({1: 2}, {1: 150})
    assert (counts.answers, counts.answer_us.count, counts.answer_us.total) == (4, 1, 2_000)
