"""Handout: at once when idle, a few in a turn, and a rest that batches can grow in."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from gateway.edge import handout as module
from gateway.edge.handout import BATCH_NS, REST_NS_MAX, TURN_BYTES, TURN_COUNT, Handout, Ration
from tests.model.face import Batch as ModelBatch

if TYPE_CHECKING:
    from gateway._core import Batch, Engine

START_NS = 2 * 10**18


class Counter:
    """A handout, an Engine whose batches the test gives, and an outlet that remembers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cut_bytes: int = 8 << 20) -> None:
        self.now_ns = START_NS
        self.due: list[Batch] = []
        self.sent: list[Batch] = []
        self.pokes = 0
        self.free_bytes = 1 << 30
        self.delays_s: list[float] = []
        self.broken: list[BaseException] = []
        monkeypatch.setattr(module, "now_ns", lambda: self.now_ns)
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "call_later", self._call_later)
        ration = Ration(cut_bytes, 10)
        self.handout = Handout(cast("Engine", self), ration, self.poke, self.broken.append)
        self.handout.start(self)

    def _call_later(self, delay_s: float, _act: object) -> SimpleNamespace:
        self.delays_s.append(delay_s)
        return SimpleNamespace(cancel=lambda: None)

    def put(self, count: int, size_bytes: int = 10) -> None:
        batch = ModelBatch(0, 1, bytes(size_bytes), 1, 1, 1)
        self.due += [cast("Batch", batch)] * count

    def take_batches(self, _now_ns: int, bytes_max: int) -> "list[Batch]":
        taken: list[Batch] = []
        while self.due and sum(len(one.message) for one in taken) < bytes_max:
            taken.append(self.due.pop(0))
        return taken

    def send(self, batch: "Batch") -> None:
        self.sent.append(batch)

    def room_bytes(self) -> int:
        return self.free_bytes

    def poke(self) -> None:
        self.pokes += 1

    def tick(self) -> None:
        self.handout.tick(self.now_ns)


async def test_an_idle_one_cuts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(monkeypatch)
    counter.tick()
    counter.put(3)
    counter.tick()
    assert len(counter.sent) == 3


async def test_after_a_cut_it_rests_for_as_long_as_the_batches_were_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counter = Counter(monkeypatch)
    counter.put(3)
    counter.tick()
    counter.put(1)
    rest_ns = 10 * BATCH_NS * 3
    counter.now_ns += rest_ns - 1_000_000
    counter.tick()
    counter.tick()
    assert len(counter.sent) == 3
    assert counter.delays_s == [pytest.approx(0.001)]
    counter.now_ns += 1_000_000
    counter.tick()
    assert len(counter.sent) == 4


async def test_no_rest_is_longer_than_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(monkeypatch)
    counter.put(10 * TURN_COUNT)
    counter.tick()
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(counter.sent) == 10 * TURN_COUNT
    counter.tick()
    assert counter.delays_s == [pytest.approx(REST_NS_MAX / 1e9)]


@pytest.mark.parametrize(("size_bytes", "turn_count"), [(10, TURN_COUNT), (TURN_BYTES // 2, 2)])
async def test_others_have_their_turn_between_a_few_and_the_next_few(
    monkeypatch: pytest.MonkeyPatch, size_bytes: int, turn_count: int
) -> None:
    counter = Counter(monkeypatch, cut_bytes=1 << 40)
    counter.free_bytes = 1 << 40
    counter.put(3 * turn_count, size_bytes)
    counter.tick()
    for turn in range(1, 4):
        assert len(counter.sent) == turn * turn_count
        counter.tick()
        await asyncio.sleep(0)
    assert len(counter.sent) == 3 * turn_count


async def test_a_full_cut_is_followed_by_the_next_without_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(monkeypatch, cut_bytes=20)
    counter.put(5)
    counter.tick()
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(counter.sent) == 5


async def test_without_room_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(monkeypatch)
    counter.put(1)
    counter.free_bytes = 0
    counter.tick()
    assert not counter.sent
    counter.free_bytes = 1
    counter.tick()
    assert len(counter.sent) == 1


async def test_a_stopped_one_hands_out_nothing_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(monkeypatch)
    counter.put(2 * TURN_COUNT)
    counter.tick()
    counter.handout.stop()
    for _ in range(3):
        await asyncio.sleep(0)
        counter.tick()
    assert len(counter.sent) == TURN_COUNT


async def test_an_error_of_our_own_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(monkeypatch)
    counter.put(2 * TURN_COUNT)
    counter.tick()
    monkeypatch.setattr(counter, "send", lambda _batch: 1 / 0)
    monkeypatch.setattr(asyncio.get_running_loop(), "call_exception_handler", lambda _context: None)
    await asyncio.sleep(0)
    assert isinstance(counter.broken[0], ZeroDivisionError)
