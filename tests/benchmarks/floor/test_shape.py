"""Shape: what may leave when, and how it travels to the ceiling's processes."""

import pytest

from benchmarks.floor.shape import Shape

SHAPE = Shape(
    message_count=4,
    message_bytes=100,
    endpoint_count=3,
    batch_count=6,
    batch_bytes=50,
    reply_bytes=5,
    answers_count=5,
    answers_bytes=1_000,
    ack_bytes=10,
)


def test_batches_leave_with_their_share_of_the_messages() -> None:
    assert [SHAPE.released(count) for count in range(9)] == [0, 1, 3, 4, 6, 7, 9, 10, 12]


def test_answers_leave_with_their_share_of_the_replies() -> None:
    assert SHAPE.reply_count == 18
    assert [SHAPE.due(count) for count in (0, 3, 4, 17, 18, 36)] == [0, 0, 1, 4, 5, 10]


def test_all_bytes_of_a_round_are_counted() -> None:
    assert SHAPE.round_bytes == 4 * 110 + 18 * 55 + 5 * 1_000


def test_json_carries_every_number() -> None:
    assert Shape.from_json(SHAPE.to_json()) == SHAPE


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_count: 0 given"):
        Shape(1, 1, 1, 0, 1, 1, 1, 1)
