"""Rows and their CRC: whatever is changed in a row is found."""

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.errors import DamagedError
from gateway.edge.journal_schema import ANSWER, Frame, Row, connect, create, read_meta, row_of, stored

PATH = Path("journal")
frames = st.builds(
    Frame,
    kind=st.integers(1, 3),
    body=st.binary(max_size=20),
    at_ns=st.integers(0, 2**62),
    court=st.text(max_size=5),
    first_inquiry_id=st.integers(0, 2**62),
    inquiry_count=st.integers(0, 8_192),
    finals=st.binary(max_size=16),
    orders=st.binary(max_size=16),
)


@given(seq=st.integers(1, 2**62), frame=frames)
def test_a_row_gives_back_its_frame(seq: int, frame: Frame) -> None:
    got = stored(row_of(seq, frame), PATH)
    assert (got.seq, got.kind, got.body, got.finals) == (seq, frame.kind, frame.body, frame.finals)
    assert (got.at_ns, got.court, got.orders) == (frame.at_ns, frame.court, frame.orders)
    assert (got.first_inquiry_id, got.inquiry_count) == (frame.first_inquiry_id, frame.inquiry_count)


@given(frame=frames, other=frames, column=st.integers(0, 10))
def test_a_row_with_another_value_anywhere_is_refused(frame: Frame, other: Frame, column: int) -> None:
    right, wrong = row_of(5, frame), row_of(6, other)
    mixed = cast("Row", (*right[:column], wrong[column], *right[column + 1 :]))
    if mixed == right:
        return
    with pytest.raises(DamagedError, match="journal: frame"):
        stored(mixed, PATH)


def test_bytes_that_move_between_columns_are_noticed() -> None:
    one = row_of(1, Frame(ANSWER, b"ab", 1, finals=b"cd"))
    two = (*one[:7], b"cda", *one[8:10], b"b")
    with pytest.raises(DamagedError, match="CRC"):
        stored(two, PATH)


def test_making_a_journal_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    create(path, b"a" * 16)
    create(path, b"b" * 16)
    connection = connect(path)
    assert read_meta(connection, path)["secret"] == b"a" * 16
    connection.close()


def test_a_commit_is_on_the_disk_before_it_returns(tmp_path: Path) -> None:
    create(tmp_path / "journal", b"a" * 16)
    connection = connect(tmp_path / "journal")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()
