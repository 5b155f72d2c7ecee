"""Admission: a frame is taken up whole or not at all, and one that `check` did not make harms nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.journal.v1 import journal_pb2 as journal
from tests.gateway.core.house import cases, desk, is_empty, settle_to_the_end
from tests.gateway.core.samples import bent, unhurried
from tests.model.world import HUB, Desk, inquiry, person


def frame(count: int = 3) -> journal.Admission:
    checked = desk().check(*[inquiry(f"a{n}", person(n)) for n in range(count)])
    return journal.Admission.FromString(checked.frame)


def admit(at: Desk, raw: bytes, answered: bytes = b"") -> None:
    at.frame_count += 1
    at.engine.admit(raw, at.frame_count, at.now_ns, answered)


def test_a_frame_with_one_bad_inquiry_leaves_no_trace() -> None:
    """What the good ones before it put into the logs would be sent with the next frame, from freed memory."""
    at = desk()
    made = frame()
    made.inquiries[2].ClearField("content_hash")
    with pytest.raises(ValueError, match="not canonical"):
        admit(at, made.SerializeToString())
    assert (at.engine.open_inquiries(), at.engine.stats()["bytes_held"]) == (0, 0)
    at.submit(inquiry("b", person(9)))
    assert cases(at.take_one(HUB)) == ["case b"]
    settle_to_the_end(at)


@pytest.mark.parametrize(
    ("path", "size"), [("id_number", 21), ("name", 257), ("id_number", 5000), ("name", 70_000)]
)
def test_a_subject_longer_than_any_is_refused(path: str, size: int) -> None:
    made = frame(1)
    setattr(made.inquiries[0].entry.subject, path, "x" * size)
    with pytest.raises(ValueError, match="not canonical"):
        admit(desk(), made.SerializeToString())


def test_the_longest_subject_is_taken() -> None:
    at, made = desk(), frame(1)
    made.inquiries[0].entry.subject.id_number = "x" * 20
    made.inquiries[0].entry.subject.name = "x" * 256
    admit(at, made.SerializeToString())
    assert at.engine.open_inquiries() == 1


@pytest.mark.parametrize("admitted_ns", [1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_an_admission_out_of_time_is_refused(admitted_ns: int) -> None:
    made = frame()
    made.admitted_ns = admitted_ns
    with pytest.raises(ValueError, match="not an Admission"):
        admit(desk(), made.SerializeToString())


def test_ids_answered_before_may_come_in_any_order() -> None:
    at, made = desk(), frame(5)
    first = made.first_inquiry_id
    answered = [first + 3, first, 2**64 - 1, first, 0]
    admit(at, made.SerializeToString(), b"".join(number.to_bytes(8, "little") for number in answered))
    assert cases(at.take_one(HUB)) == ["case a1", "case a2", "case a4"]


def test_a_frame_taken_up_twice_counts_once() -> None:
    at, raw = desk(), frame().SerializeToString()
    admit(at, raw)
    admit(at, raw)
    assert at.engine.open_inquiries() == 3
    settle_to_the_end(at)
    assert is_empty(at)


def test_more_than_the_limits_allow_are_taken_up_after_a_restart() -> None:
    at = desk(inquiries_max=2, asks_max=2, bytes_max=10)
    for at_frame in range(4):
        made = frame(20)
        made.first_inquiry_id += 20 * at_frame
        admit(at, made.SerializeToString())
    assert at.engine.open_inquiries() == 80
    settle_to_the_end(at)
    assert at.engine.stats()["inquiries_final"] == 80


@settings(unhurried)
@given(raw=bent(frame(2).SerializeToString()) | st.binary(max_size=80))
def test_bent_frames_are_refused_or_taken_up_whole(raw: bytes) -> None:
    at = desk()
    try:
        admit(at, raw)
    except ValueError:
        assert (at.engine.open_inquiries(), at.engine.stats()["bytes_held"]) == (0, 0)
    at.submit(inquiry("b", person(9)))
    at.engine.take_batches(at.now_ns, 1 << 20)
    at.wait(40 * 86_400 * 10**9)
    at.engine.take_answers(at.now_ns)
