"""`chakong audit verify`: right journals are summed up, wrong ones named."""

import io
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
    assert "2 frames (1 ADMISSION, 1 ANSWER, 0 CANCELLATION, 0 LEDGER, 0 SNAPSHOT)" in text
    assert "3 admitted, 2 finally answered" in text


async def test_a_journal_in_use_can_be_verified(path: Path) -> None:
    journal = Journal.open(path)
    await journal.append(admission(4))
    assert verified(path)[0] == 0
    journal.close()


def test_every_flipped_byte_of_a_volume_is_found(path: Path) -> None:
    (volume,) = path.glob("*.frames")
    content = bytearray(volume.read_bytes())
    for at in range(len(content)):
        content[at] ^= 1
        volume.write_bytes(content)
        code, text = verified(path)
        assert code == 1
        assert f"wrong: {volume}: frame " in text
        content[at] ^= 1
    volume.write_bytes(content)
    assert verified(path)[0] == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("meta", "there is no such journal"),
        ("*.frames", "frame 1 is missing, there is no volume"),
    ],
)
def test_a_file_that_is_missing_is_named(path: Path, name: str, words: str) -> None:
    for file in path.glob(name):
        file.unlink()
    code, text = verified(path)
    assert code == 1
    assert words in text


@pytest.fixture
async def parted(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of four volumes, of which the last three have a frame each."""
    monkeypatch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", 40)
    journal = Journal.open(path)
    for number in range(4, 7):
        await journal.append(admission(number))
    journal.close()
    return path


def test_a_volume_that_is_missing_is_named(parted: Path) -> None:
    assert verified(parted)[0] == 0
    _, second, third, _ = sorted(parted.glob("*.frames"))
    second.unlink()
    code, text = verified(parted)
    assert code == 1
    assert f"{third}: frame 3 is missing, it begins with 4" in text


def test_a_backup_that_was_copied_in_the_middle_of_a_commit_is_right(path: Path) -> None:
    (path / "head").unlink()
    (volume,) = path.glob("*.frames")
    volume.write_bytes(volume.read_bytes()[:-5])
    code, text = verified(path)
    assert code == 0
    assert "1 frames (1 ADMISSION, 0 ANSWER, 0 CANCELLATION, 0 LEDGER, 0 SNAPSHOT)" in text


def test_a_journal_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    code, text = verified(tmp_path / "nowhere")
    assert code == 1
    assert "there is no such journal" in text
    assert not (tmp_path / "nowhere").exists()
