"""The shape of the ceiling is that of a lap of ours; a lap that lost a reply has none."""

import pytest

from benchmarks.bench.e2e_direct import STARTS_MAX, Seen, shape_of, started
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.streams import Round
from benchmarks.bench.waves import Lap
from benchmarks.scrape import Scrape

LAP = Lap(
    1.0,
    100,
    10,
    {},
    Round(1.0, (4_000, 2_000), (b"12", b"1234"), (b"123456", b"1234", b"12345")),
)


def seen(batch_count: int, sent_bytes: int, reply_count: int, reply_bytes: int) -> Seen:
    text = (
        "# TYPE chakong_batches counter\n"
        f'chakong_batches_total{{endpoint_class="unit"}} {batch_count}\n'
        "# TYPE chakong_sent_bytes counter\n"
        f'chakong_sent_bytes_total{{endpoint_class="unit"}} {sent_bytes}\n'
    )
    return Seen(Scrape(text), (reply_count, reply_bytes))


def test_shape_has_the_lap_s_counts_and_mean_sizes() -> None:
    shape = shape_of(
        LAP, seen(100, 1_000, 100, 50), seen(100 + 2 * 3_904, 1_000 + 2 * 3_904 * 70, 7_908, 78_130)
    )
    assert (shape.message_count, shape.message_bytes, shape.ack_bytes) == (2, 3_000, 3)
    assert (shape.endpoint_count, shape.batch_count) == (3_904, 2)
    assert (shape.batch_bytes, shape.reply_bytes) == (70, 10)
    assert (shape.answers_count, shape.answers_bytes) == (3, 5)


def test_batch_without_reply_is_told() -> None:
    with pytest.raises(WrongAnswerError, match="replies"):
        shape_of(LAP, seen(0, 0, 0, 0), seen(3_904, 70_000, 3_903, 39_030))


class Starting:
    """Fails to start so many times."""

    def __init__(self, failures: list[int]) -> None:
        self._failures = failures

    async def __aenter__(self) -> str:
        self._failures[0] -= 1
        if self._failures[0] >= 0:
            raise RuntimeError("ended before it was ready")
        return "up"

    async def __aexit__(self, *_: object) -> None:
        self._failures.append(0)


@pytest.mark.parametrize("failure_count", [0, 1, STARTS_MAX - 1])
async def test_what_died_while_starting_is_made_anew(failure_count: int) -> None:
    failures = [failure_count]
    async with started(lambda: Starting(failures)) as came:
        assert (came, len(failures)) == ("up", 1)
    assert len(failures) == 2


async def test_what_dies_every_time_is_told() -> None:
    with pytest.raises(RuntimeError, match="before it was ready"):
        async with started(lambda: Starting([STARTS_MAX])):
            pytest.fail("nothing has started")


async def test_what_fails_later_is_not_begun_again() -> None:
    failures = [0]
    with pytest.raises(RuntimeError, match="later"):
        async with started(lambda: Starting(failures)):
            raise RuntimeError("later")
    assert failures == [-1, 0]
