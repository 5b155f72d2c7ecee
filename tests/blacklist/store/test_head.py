"""Numbers are given under a lock, and the list has one secret."""

import threading

from sqlalchemy import Engine

from blacklist.store.head import put_head, read_head, secret, writing
from tests.blacklist.build import draft, person
from tests.blacklist.store.world import World

WRITER_COUNT = 4
ACTS_EACH = 5


def test_secret_is_made_once(engine: Engine) -> None:
    # The fixture gave it one.
    assert secret(engine, b"a" * 32) == b"s" * 32


def test_numbers_are_kept(engine: Engine) -> None:
    with writing(engine) as connection:
        head = read_head(connection)
        assert (head.listing_id, head.cursor) == (0, 0)
        head.cursor = 7
        put_head(connection, head)
    with writing(engine) as connection:
        assert read_head(connection).cursor == 7


def test_writers_of_several_threads_give_each_number_once(engine: Engine) -> None:
    numbers: list[int] = []

    def write(place: int) -> None:
        world = World(engine)
        for act in range(ACTS_EACH):
            by = world.by(act_id=f"{place}-{act}")
            whom = person(place * ACTS_EACH + act)
            numbers.append(world.writer.create(draft(whom), by, world.now_ns).listing_id)

    threads = [threading.Thread(target=write, args=(place,)) for place in range(WRITER_COUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(numbers) == list(range(1, WRITER_COUNT * ACTS_EACH + 1))
    assert World(engine).rows()[0] == WRITER_COUNT * ACTS_EACH
