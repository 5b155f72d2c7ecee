"""Table: it is a dict with a limit, whatever is put, deleted and looked for, and its probes end."""

import random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.core.testing import Table
from tests.gateway.core.samples import unhurried

Hash = tuple[int, int]

NO_VALUE = 2**32 - 1
COUNT_MAX = 150

# Few homes, some at the end of the smallest table so that a run wraps around; and keys that share one half.
homes = st.sampled_from([0, 1, 2, 60, 62, 63])
keys = st.tuples(st.builds(lambda home, rest: rest << 56 | home, homes, st.integers(0, 9)), st.integers(0, 2))
values = st.integers(0, NO_VALUE - 1)


class TableMachine(RuleBasedStateMachine):
    """The table beside a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(COUNT_MAX)
        self.model: dict[Hash, int] = {}

    def put_both(self, key: Hash, value: int) -> None:
        has_room = key in self.model or len(self.model) < COUNT_MAX
        assert self.table.put(key, value) is has_room
        if has_room:
            self.model[key] = value

    @rule(key=keys, value=values)
    def put(self, key: Hash, value: int) -> None:
        self.put_both(key, value)

    @rule(first=st.integers(0, 2**64 - 1), step=st.sampled_from([1, 64, 2**20]), count=st.integers(1, 100))
    def put_many(self, first: int, step: int, count: int) -> None:
        for at in range(count):
            self.put_both(((first + at * step) % 2**64, 3), at)

    @rule(key=keys)
    def delete(self, key: Hash) -> None:
        assert self.table.delete(key) is (self.model.pop(key, None) is not None)

    @rule(chance=st.randoms(use_true_random=False), count=st.integers(1, 100))
    def delete_many(self, chance: random.Random, count: int) -> None:
        for key in chance.sample(sorted(self.model), min(count, len(self.model))):
            assert self.table.delete(key)
            assert not self.table.delete(key)
            del self.model[key]

    @rule(key=keys)
    def get(self, key: Hash) -> None:
        assert self.table.get(key) == self.model.get(key)

    @rule(key=keys)
    def put_no_value(self, key: Hash) -> None:
        assert not self.table.put(key, NO_VALUE)

    @invariant()
    def holds_what_the_dict_holds(self) -> None:
        assert len(self.table) == len(self.model)
        assert {key: self.table.get(key) for key in self.model} == self.model

    @invariant()
    def is_at_most_three_quarters_full(self) -> None:
        assert 4 * len(self.table) <= 3 * self.table.slot_count


TestTableIsADict = TableMachine.TestCase
TestTableIsADict.settings = settings(unhurried, max_examples=100, stateful_step_count=30)


def test_long_life_of_puts_and_deletes_agrees_with_a_dict() -> None:
    chance = random.Random(20260101)
    table, model = Table(3000), dict[Hash, int]()
    for turn in range(60_000):
        key = (chance.randrange(64) | chance.randrange(100) << 40, 0)
        if chance.random() < (0.7 if turn // 10_000 % 2 == 0 else 0.3):
            if table.put(key, turn):
                model[key] = turn
            else:
                assert len(model) == 3000
                assert key not in model
        else:
            assert table.delete(key) is (model.pop(key, None) is not None)
    assert {key: table.get(key) for key in model} == model
    assert len(table) == len(model)


def test_deletes_of_absent_keys_neither_fill_nor_grow_it() -> None:
    table = Table(100)
    for at in range(48):
        assert table.put((at, 0), at)
    for at in range(100_000):
        assert not table.delete((at, 1))
    assert table.slot_count == 64
    assert [table.get((at, 0)) for at in range(49)] == [*range(48), None]


def test_full_table_refuses_a_new_key_and_replaces_an_old_one() -> None:
    table = Table(2)
    assert table.put((1, 1), 10)
    assert table.put((2, 2), 20)
    assert not table.put((3, 3), 30)
    assert table.put((1, 1), 11)
    assert (table.get((1, 1)), table.get((2, 2)), table.get((3, 3))) == (11, 20, None)
    assert table.delete((2, 2))
    assert table.put((3, 3), 30)


def test_table_for_no_entries_takes_none() -> None:
    table = Table(0)
    assert not table.put((1, 1), 1)
    assert table.get((1, 1)) is None


def test_doubling_comes_at_three_quarters_and_loses_nothing() -> None:
    table = Table(1000)
    counts = []
    for at in range(1000):
        assert table.put((at * 64, at), at)
        counts.append(table.slot_count)
    assert (counts[47], counts[48], counts[95], counts[96], counts[-1]) == (64, 128, 128, 256, 2048)
    assert [table.get((at * 64, at)) for at in range(1000)] == list(range(1000))


def test_keys_that_share_one_half_are_different_keys() -> None:
    table = Table(10)
    assert table.put((5, 1), 1)
    assert table.put((5, 2), 2)
    assert table.put((5 + 64, 1), 3)
    assert table.delete((5, 1))
    assert (table.get((5, 1)), table.get((5, 2)), table.get((5 + 64, 1))) == (None, 2, 3)
