"""Contents: rows that grow under their readers, and files that are taken only when they are right."""

import logging
from pathlib import Path

import pytest

from gateway.edge.errors import DamagedError
from gateway.edge.journal_contents import (
    ROWS_FIRST,
    Growing,
    contents_path,
    court_mark,
    has_contents,
    load_contents,
    made_contents,
    row_of,
    store_contents,
)
from gateway.edge.journal_schema import ADMISSION, ANSWER, Frame
from tests.gateway.edge.volumes import SEED, Made, contents_of


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    made.commit(Frame(ADMISSION, b"a", 1, "京", 7, 2), Frame(ANSWER, b"b", 1, "沪"))
    return made


def test_a_row_says_where_a_frame_is_and_what(made: Made) -> None:
    rows = contents_of(made.open).rows
    assert rows["kind"].tolist() == [ADMISSION, ANSWER]
    assert rows["court"].tolist() == [court_mark("京"), court_mark("沪")]
    assert (rows["first_inquiry_id"][0], rows["inquiry_count"][0]) == (7, 2)
    assert rows["offset"][0] == made.ends[0]
    assert rows["offset"][1] + rows["size"][1] == made.ends[1]


def test_rows_that_were_given_out_stay_as_they_were() -> None:
    growing = Growing()
    seen = [growing.rows]
    for number in range(3 * ROWS_FIRST):
        growing.add(row_of(number, 1, ANSWER, (0, 0), ""))
        seen.append(growing.rows)
    for count in (0, 1, ROWS_FIRST, ROWS_FIRST + 1, 3 * ROWS_FIRST):
        assert seen[count]["offset"].tolist() == list(range(count))


def test_contents_are_loaded_as_they_were_kept(made: Made) -> None:
    rows = contents_of(made.open).rows
    assert load_contents(made.open.volume, 2) is None
    assert not has_contents(made.open.volume, 2)
    store_contents(made.open.volume, rows)
    loaded = load_contents(made.open.volume, 2)
    assert loaded is not None
    assert loaded.tobytes() == rows.tobytes() == made_contents(made.open.volume, 2, SEED).tobytes()
    assert has_contents(made.open.volume, 2)
    assert not has_contents(made.open.volume, 3)


def test_contents_with_any_byte_changed_or_missing_are_none(made: Made) -> None:
    store_contents(made.open.volume, contents_of(made.open).rows)
    path = contents_path(made.open.volume)
    content = bytearray(path.read_bytes())
    for at in range(len(content)):
        path.write_bytes(content[:at])
        assert load_contents(made.open.volume, 2) is None
        content[at] ^= 1
        path.write_bytes(content)
        assert load_contents(made.open.volume, 2) is None
        content[at] ^= 1


def test_a_volume_with_another_number_of_frames_is_damaged(made: Made) -> None:
    with pytest.raises(DamagedError, match="frame 3 is missing, the volume has 2 frames, 5 were written"):
        made_contents(made.open.volume, 5, SEED)


def test_contents_that_cannot_be_kept_are_said_in_the_log(
    made: Made, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.edge.journal_contents.write_whole", failing)
    with caplog.at_level(logging.WARNING):
        store_contents(made.open.volume, contents_of(made.open).rows)
    assert "contents not kept" in caplog.text
    assert load_contents(made.open.volume, 2) is None
