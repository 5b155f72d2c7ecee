"""The head: what was published last is read, half of it never."""

import stat
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.edge.errors import JournalError
from gateway.edge.journal_head import NAME, Head, Reached, read_head

SEED = 5
READS = 3_000


def test_what_was_published_last_is_read(tmp_path: Path) -> None:
    assert read_head(tmp_path, SEED) is None
    head = Head(tmp_path, SEED, Reached(1, 32, 0, 1))
    assert read_head(tmp_path, SEED) == Reached(1, 32, 0, 1)
    head.publish(Reached(1, 99, 3, 2))
    assert read_head(tmp_path, SEED) == Reached(1, 99, 3, 2)
    head.close()
    assert read_head(tmp_path, SEED) == Reached(1, 99, 3, 2)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_a_head_of_another_journal_or_a_damaged_one_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal_head.READS_MAX", 2)
    Head(tmp_path, SEED, Reached(1, 99, 3, 2)).close()
    assert read_head(tmp_path, SEED + 1) is None
    content = bytearray((tmp_path / NAME).read_bytes())
    for at in range(40):
        content[at] ^= 1
        (tmp_path / NAME).write_bytes(content)
        assert read_head(tmp_path, SEED) is None
        content[at] ^= 1
    (tmp_path / NAME).write_bytes(content[:20])
    assert read_head(tmp_path, SEED) is None


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be made"):
        Head(tmp_path / "nowhere", SEED, Reached(1, 32, 0, 1))


WRITING = """
import sys
from pathlib import Path
from gateway.edge.journal_head import Head, Reached
head = Head(Path(sys.argv[1]), 5, Reached(0, 0, 0, 0))
print("ready", flush=True)
number = 0
while True:
    number += 1
    head.publish(Reached(number, number, number, number))
"""


def test_another_process_never_reads_half_of_it(tmp_path: Path) -> None:
    writing = subprocess.Popen([sys.executable, "-c", WRITING, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert writing.stdout is not None
        assert writing.stdout.readline() == b"ready\n"
        seen: list[int] = []
        for _ in range(READS):
            reached = read_head(tmp_path, SEED)
            assert reached is not None
            assert {reached.volume_seq, reached.end, reached.unfinished_seq} == {reached.last_seq}
            seen.append(reached.last_seq)
    finally:
        writing.kill()
        writing.communicate()
    assert seen[-1] > 0
    assert all(before <= after for before, after in pairwise(seen))
