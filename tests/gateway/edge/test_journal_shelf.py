"""The shelf: a follower in another process sees what the head says, in all volumes, and nothing else."""

from pathlib import Path

import pytest

from gateway.edge.errors import DamagedError
from gateway.edge.journal_contents import contents_path, load_contents, store_contents
from gateway.edge.journal_head import Head, Reached
from gateway.edge.journal_schema import ANSWER, Frame
from gateway.edge.journal_shelf import CONTENTS_KEPT, Shelf
from gateway.edge.journal_volume import volume_path
from tests.gateway.edge.volumes import SEED, Made, contents_of


def answer(body: bytes = b"x") -> Frame:
    return Frame(ANSWER, body, 1, "c")


def sealed(made: Made) -> Made:
    made.publish()
    store_contents(made.open.volume, contents_of(made.open).rows)
    made.open.close()
    return made


def test_a_follower_sees_what_was_published_and_nothing_behind_it(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.publish()
    shelf = Shelf.seen(tmp_path, SEED, 1)
    assert shelf.shown.last_seq == 0
    made.commit(answer(), answer())
    shelf.follow(tmp_path)
    assert shelf.shown.last_seq == 0
    made.publish()
    made.commit(answer())
    shelf.follow(tmp_path)
    assert (shelf.shown.last_seq, shelf.shown.end) == (2, made.ends[1])
    assert Shelf.seen(tmp_path, SEED, 1).shown.rows.tobytes() == shelf.shown.rows.tobytes()
    made.publish()
    shelf.follow(tmp_path)
    assert shelf.shown.rows.tobytes() == contents_of(made.open).rows.tobytes()


def test_a_follower_goes_on_over_any_number_of_volumes(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.publish()
    shelf = Shelf.seen(tmp_path, SEED, 1)
    for _ in range(3):
        made.commit(answer(), answer())
        made = Made(tmp_path, sealed(made).next_seq, 5)
    made.commit(answer())
    made.publish(7)
    for each in (shelf, Shelf.seen(tmp_path, SEED, 1)):
        each.follow(tmp_path)
        shown = each.shown
        assert [volume.first_seq for volume in shown.volumes] == [1, 3, 5, 7]
        assert [shown.index_of(seq) for seq in (0, 1, 2, 3, 6, 7, 99)] == [0, 0, 0, 1, 2, 3, 3]
        assert [shown.next_seq_after(index) for index in range(4)] == [3, 5, 7, 8]
        assert [len(each.contents(shown, index)) for index in range(4)] == [2, 2, 2, 1]


def test_the_writers_shelf_shows_what_was_added(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.commit(answer(), answer())
    first = contents_of(made.open)
    shelf = Shelf((made.open.volume,), first, made.open.end, SEED)
    before = shelf.shown
    second = Made(tmp_path, 3, 1)
    shelf.begin(second.open.volume)
    assert shelf.shown.last_seq == 2
    second.commit(answer())
    shelf.add(contents_of(second.open).rows.tobytes(), second.open.end)
    assert (before.last_seq, shelf.shown.last_seq) == (2, 3)
    # Its contents are on no disk yet.
    assert shelf.contents(shelf.shown, 0).tobytes() == before.rows.tobytes()


def test_contents_that_are_lost_are_made_anew_and_few_are_kept(tmp_path: Path) -> None:
    made = Made(tmp_path)
    for _ in range(CONTENTS_KEPT + 3):
        made.commit(answer())
        made = Made(tmp_path, sealed(made).next_seq)
    made.commit(answer())
    made.publish()
    shelf = Shelf.seen(tmp_path, SEED, 1)
    volumes = shelf.shown.volumes
    contents_path(volumes[0]).unlink()
    contents_path(volumes[1]).write_bytes(b"something else")
    for index, volume in enumerate(volumes[:-1]):
        assert len(shelf.contents(shelf.shown, index)) == 1
        assert (load_contents(volume, 1) is None) == (index < 2)
    assert len(shelf._kept) == CONTENTS_KEPT


def test_without_a_head_what_is_whole_is_durable(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.commit(answer(), answer())
    made.commit(answer())
    made.path.write_bytes(made.path.read_bytes()[:-1])
    shelf = Shelf.seen(tmp_path, SEED, 1)
    assert (shelf.shown.last_seq, shelf.shown.end) == (2, made.ends[1])
    shelf.follow(tmp_path)
    assert shelf.shown.last_seq == 2


def test_a_volume_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match="frame 1 is missing, there is no volume"):
        Shelf.seen(tmp_path, SEED, 1)
    made = Made(tmp_path)
    made.commit(answer())
    Head(tmp_path, SEED, Reached(9, 50, 12, 1)).close()
    with pytest.raises(DamagedError, match="frame 9 is missing with its volume"):
        Shelf.seen(tmp_path, SEED, 1)
    volume_path(tmp_path, 1).write_bytes(b"")
    with pytest.raises(DamagedError, match="frame 1 at offset 0"):
        Shelf.seen(tmp_path, SEED, 1)
