"""What screening is made from, compared with the list as a simple model has it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from blacklist.model import Kind
from blacklist.rules.correction import Correction
from blacklist.store.entries import Entries
from tests.blacklist.build import draft, person
from tests.blacklist.store.world import World


def test_rows_are_what_screening_wants(engine: Engine) -> None:
    world = World(engine)
    world.enter()
    assert world.rows() == (1, [(1, person().id_number.encode(), person().name, 1, 3, 0, 20758, 21489)])


def test_a_whole_list_is_read_as_it_was_when_reading_began(engine: Engine) -> None:
    world = World(engine)
    numbers = [world.enter(draft(person(index))) for index in range(3)]
    version, rows = world.entries.entries()
    world.remove(numbers[0])
    assert version == 3
    assert len(list(rows)) == 3
    assert world.rows()[0] == 4


def test_changes_come_in_pieces_and_say_how_far_they_go(engine: Engine) -> None:
    world = World(engine)
    for index in range(5):
        world.enter(draft(person(index)))
    first = world.entries.changes(0, 3)
    assert (first.version, len(first.changes)) == (3, 3)
    second = world.entries.changes(first.version, 3)
    assert (second.version, len(second.changes)) == (5, 2)
    assert world.entries.changes(5, 3).changes == []
    assert world.entries.changes(5, 3).version == 5


def test_change_has_no_repr_of_a_person(engine: Engine) -> None:
    world = World(engine)
    world.enter()
    (change,), _ = world.entries.since(0, 10)
    assert person().name not in repr(change)
    assert change.kind is Kind.LISTED


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from("lcr"), st.integers(0, 4)), max_size=12))
def test_list_and_changes_say_the_same(engine: Engine, steps: list[tuple[str, int]]) -> None:
    """Whatever was done, the entries of the list are those of an earlier version with the changes since."""
    world = World(engine)
    begun, before = world.rows()
    known = {tuple(row) for row in before}
    for number, (step, place) in enumerate(steps):
        on = [row[3] for row in world.rows()[1]]
        if step == "l":
            world.enter(draft(person(place), f"case-{begun}-{number}"))
        elif on and step == "r":
            world.remove(int(str(on[place % len(on)])))
        elif on:
            right = Correction(person(500 + number % 400))
            world.writer.correct(
                int(str(on[place % len(on)])),
                right,
                "x",
                0,
                world.by(act_id=f"{begun}-{number}"),
                world.now_ns,
            )
    for change in Entries(engine).since(begun, 1_000)[0]:
        row = tuple(change.row)
        assert (row in known) is not change.is_added
        known ^= {row}
    assert known == {tuple(row) for row in world.rows()[1]}
