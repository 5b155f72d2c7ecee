"""`chakong audit verify`: right journals are summed up, wrong ones named."""

import io
import sqlite3
from pathlib import Path

import pytest

from gateway.edge.audit import verify
from gateway.edge.journal import Journal
from tests.gateway.edge.frames import admission, answer, answers


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1, 3))
    await journal.append(answers(answer(1), answer(2)))
    journal.close()
    return journal.path


def verified(path: Path) -> tuple[int, str]:
    out = io.StringIO()
    return verify(path, out), out.getvalue()


def test_a_right_journal_is_summed_up(path: Path) -> None:
    code, text = verified(path)
    assert code == 0
    assert "2 frames (1 ADMISSION, 1 ANSWER, 0 CANCELLATION)" in text
    assert "3 admitted, 2 finally answered" in text


async def test_a_journal_in_use_can_be_verified(path: Path) -> None:
    journal = Journal.open(path)
    await journal.append(admission(4))
    assert verified(path)[0] == 0
    journal.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE frames SET body = x'00' WHERE seq = 2", "frame 2 (ANSWER): CRC is"),
        ("DELETE FROM frames WHERE seq = 1", "frame 1 is missing, 2 follows"),
        ("DELETE FROM meta WHERE key = 'secret'", "meta: ['secret'] missing"),
        ("UPDATE meta SET value = x'39' WHERE key = 'format'", "this gateway reads 2"),
        ("DROP TABLE frames", "not readable"),
    ],
)
def test_a_wrong_journal_is_named(path: Path, change: str, words: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    code, text = verified(path)
    assert code == 1
    assert words in text


def test_every_flipped_byte_of_a_body_is_found(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = content.index(answers(answer(1), answer(2)).body)
    for offset in (0, 17, 40):
        content[at + offset] ^= 1
        path.write_bytes(content)
        assert verified(path)[0] == 1
        content[at + offset] ^= 1
    path.write_bytes(content)
    assert verified(path)[0] == 0


def test_a_journal_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    code, text = verified(tmp_path / "nowhere")
    assert code == 1
    assert "there is no such journal" in text
    assert not (tmp_path / "nowhere").exists()
