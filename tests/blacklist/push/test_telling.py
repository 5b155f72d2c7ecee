"""What units were told is written together, and kept when it cannot be written."""

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from blacklist.push.telling import PIECES_MAX, Telling, Told, joined
from runtime.errors import UnavailableError
from tests.blacklist.house import until

PIECES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda one: (one[0], sum(one))))


class Written:
    """What was written; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.told: list[Told] = []
        self.failures = failures

    async def write(self, given_pieces: Told) -> None:
        if self.failures:
            self.failures -= 1
            raise UnavailableError("gone")
        self.told.append(given_pieces)


def cursors(pieces: list[tuple[int, int]]) -> set[int]:
    return {one for after, reached in pieces for one in range(after + 1, reached + 1)}


@given(PIECES)
def test_joined_pieces_say_the_same_in_fewer_words(pieces: list[tuple[int, int]]) -> None:
    found = joined(pieces)
    assert cursors(found) == cursors(pieces)
    assert all(before[1] < after[0] for before, after in pairwise(found))


def test_of_too_many_pieces_the_first_are_kept() -> None:
    pieces = [(3 * one, 3 * one + 1) for one in range(PIECES_MAX + 5)]
    assert joined(pieces) == pieces[:PIECES_MAX]


async def test_notes_are_written_together_and_at_rest_nothing_is() -> None:
    written = Written()
    telling = Telling(written.write)
    telling.note("railway", 0, 3)
    telling.note("railway", 3, 5)
    telling.note("moe", 0, 5)
    telling.note("moe", 5, 5)
    await telling.flush()
    await telling.flush()
    assert written.told == [{"railway": [(0, 5)], "moe": [(0, 5)]}]


async def test_flush_waits_for_what_is_being_written() -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def write(_given_pieces: Told) -> None:
        begun.set()
        await may_end.wait()

    telling = Telling(write)
    telling.note("railway", 0, 3)
    first, second = asyncio.create_task(telling.flush()), asyncio.create_task(telling.flush())
    await begun.wait()
    # A turn of the loop for whoever would not wait.
    await asyncio.sleep(0)
    assert not second.done()
    may_end.set()
    await asyncio.gather(first, second)


async def test_what_cannot_be_written_is_written_the_next_time() -> None:
    written = Written(failures=1)
    telling = Telling(written.write, gather_s=0.001)
    running = asyncio.create_task(telling.run())
    telling.note("railway", 0, 3)
    await until(lambda: not written.failures)
    telling.note("railway", 3, 4)
    await until(lambda: bool(written.told) and written.told[-1]["railway"][-1][1] == 4)
    assert joined([piece for told in written.told for piece in told["railway"]]) == [(0, 4)]
    running.cancel()
    await asyncio.wait((running,))
