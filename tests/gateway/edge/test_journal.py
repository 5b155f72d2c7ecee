"""The journal as the gateway uses it: durable, in order, honest about what it could not write."""

import asyncio
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.edge.errors import DamagedError, JournalBusyError, JournalError
from gateway.edge.journal import ADMISSION, ANSWER, CANCELLATION, Frame, Journal
from gateway.edge.journal_folder import read_meta
from gateway.edge.journal_head import read_head
from gateway.edge.journal_reader import Reader
from tests.gateway.edge.frames import AT_NS, COURT, admission, answer, answers, order_rows, packed
from tests.patience import DEADLINE_S


def order_row(number: int) -> bytes:
    return bytes([number]) * 16 + b"h" * 16 + number.to_bytes(8, "little")


async def test_a_new_journal_is_for_its_owner_alone_and_keeps_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal.open(path)
    secret = journal.secret
    journal.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()}
    assert modes == {0o600}
    again = Journal.open(path)
    assert again.secret == secret
    assert len(secret) == 16
    again.close()


async def test_frames_get_rising_numbers_and_come_back_as_they_were(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    frames = [admission(1, 3), answers(answer(1)), Frame(CANCELLATION, b"c", AT_NS, COURT)]
    seqs = await asyncio.gather(*[journal.append(frame) for frame in frames])
    assert seqs == [1, 2, 3]
    assert [(one.seq, one.kind, one.body) for one in journal.read(0)] == [
        (seq, frame.kind, frame.body) for seq, frame in zip(seqs, frames, strict=True)
    ]
    assert [one.seq for one in journal.read(1, kinds=(ANSWER,), court=COURT)] == [2]
    assert journal.read(0, kinds=(ANSWER,), court="other") == []
    assert [one.seq for one in journal.read(0, limit=1)] == [1]
    assert journal.read(0)[1].finals == packed(1)
    journal.close()


async def test_each_start_counts_those_before_it(tmp_path: Path) -> None:
    for starts in range(3):
        journal = Journal.open(tmp_path / "journal")
        assert journal.starts == starts
        journal.close()


async def test_a_start_that_cannot_be_counted_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Journal.open(tmp_path / "journal").close()

    def failing(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.edge.journal_folder.write_whole", failing)
        for _ in range(2):
            with pytest.raises(JournalError, match="meta: cannot be written: No space left on device"):
                Journal.open(tmp_path / "journal")
    journal = Journal.open(tmp_path / "journal")
    assert journal.starts == 1
    journal.close()


async def test_ids_and_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1, 10))
    await journal.append(answers(*(answer(i) for i in range(1, 11))))
    journal.close()
    again = Journal.open(tmp_path / "journal")
    assert again.next_inquiry_id == 11
    assert await again.append(admission(11)) == 3
    again.close()


async def test_replay_begins_at_the_oldest_unfinished_admission(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1, 2))
    await journal.append(admission(3, 2))
    await journal.append(admission(5, 1))
    await journal.append(answers(answer(1), answer(2), answer(4), answer(5)))
    await journal.append(Frame(CANCELLATION, b"c", AT_NS, COURT))
    journal.close()
    again = Journal.open(tmp_path / "journal")
    assert [(one.seq, one.kind, one.answered) for one in again.replay()] == [
        (2, ADMISSION, packed(4)),
        (5, CANCELLATION, b""),
    ]
    again.close()


async def test_the_mark_keeps_a_start_from_reading_what_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal.open(path)
    for number in range(1, 6):
        await journal.append(admission(number))
        await journal.append(answers(answer(number)))
    journal.close()
    reached = read_head(path, read_meta(path).seed)
    assert reached is not None
    assert reached.unfinished_seq == 11


async def test_durable_waits_for_what_was_appended_before(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    assert await journal.durable() == 0
    appended = journal.append(admission(1))
    mark = journal.durable()
    assert not mark.done()
    assert await mark == 1
    assert appended.done()
    journal.close()


async def test_listeners_hear_of_each_commit(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    heard: list[int] = []
    journal.listen(heard.append)
    await asyncio.gather(*[journal.append(admission(number)) for number in range(1, 101)])
    assert heard[-1] == 100
    assert heard == sorted(set(heard))
    journal.close()


async def test_many_frames_share_a_commit(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    commits: list[int] = []
    journal.listen(commits.append)
    await asyncio.gather(*[journal.append(admission(number)) for number in range(1, 1001)])
    assert len(commits) < 100
    journal.close()


async def test_a_mark_behind_a_lost_frame_is_lost_too(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    lost = journal.append(Frame(ADMISSION, b"x", AT_NS, COURT, 0, 1))
    mark = journal.durable()
    with pytest.raises(JournalError, match="inquiry ids: 1 from 0 on given, at least 1 from 1 on"):
        await lost
    with pytest.raises(JournalError):
        await mark
    assert await journal.durable() == 0
    journal.close()


async def test_an_impossible_frame_is_refused_and_the_writer_lives_on(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    with pytest.raises(JournalError):
        await journal.append(Frame(ADMISSION, b"x", 2**70, COURT, 1, 1))
    assert await journal.append(admission(1)) == 1
    with pytest.raises(ValueError, match="kind: 9 given"):
        journal.append(Frame(9, b"", AT_NS))
    journal.close()


async def test_admissions_beyond_the_bound_are_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal.WAITING_BYTES_MAX", 1_000)
    journal = Journal.open(tmp_path / "journal")
    first = journal.append(Frame(ADMISSION, bytes(2_000), AT_NS, COURT, 1, 1))
    with pytest.raises(JournalBusyError):
        await journal.append(admission(2))
    kept = journal.append(answers(answer(1)))
    assert [await first, await kept] == [1, 2]
    journal.close()


async def test_known_orders_are_found_and_the_first_stands(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    rows = b"".join(order_row(number) for number in range(1, 4))
    await journal.append(admission(1, 3, orders=rows))
    again = order_row(2)[:16] + b"x" * 24
    await journal.append(admission(4, 1, orders=again))
    assert journal.find_orders(order_row(9) + again) == order_row(2)
    assert {journal.orders(10)[at : at + 40] for at in range(0, 120, 40)} == {
        rows[:40],
        rows[40:80],
        rows[80:],
    }
    assert len(journal.orders(2)) == 80
    journal.close()


async def test_the_court_of_an_inquiry_is_known(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1, 2))
    await journal.append(admission(5, 2, court="沪0101"))
    assert [journal.court_of(number) for number in (0, 1, 2, 3, 5, 6, 7, 2**64 - 1)] == [
        None,
        COURT,
        COURT,
        None,
        "沪0101",
        "沪0101",
        None,
        None,
    ]
    found = [journal.admission_of(number) for number in (2, 3, 5)]
    assert [frame and frame.first_inquiry_id for frame in found] == [1, None, 5]
    journal.close()


async def test_a_damaged_frame_stops_the_start_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal.open(path)
    await journal.append(admission(1))
    await journal.append(answers(answer(1)))
    journal.close()
    (volume,) = path.glob("*.frames")
    content = bytearray(volume.read_bytes())
    content[-1] ^= 1
    volume.write_bytes(content)
    with pytest.raises(DamagedError, match=rf"{volume}: frame 2 at offset \d+: CRC is"):
        Journal.open(path)


async def test_a_missing_frame_stops_the_start_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal.open(path)
    for number in range(1, 4):
        await journal.append(admission(number))
    first, second, _ = journal._reader._shelf.shown.rows["offset"].tolist()
    journal.close()
    (volume,) = path.glob("*.frames")
    content = volume.read_bytes()
    volume.write_bytes(content[:first] + content[second:])
    with pytest.raises(DamagedError, match=rf"frame 1 at offset {first}: is missing, 2 stands there"):
        Journal.open(path)


async def test_a_commit_cut_short_is_cut_off_and_everything_before_it_stands(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The process ended in the middle of a write, at any byte of it."""
    path = tmp_path / "journal"
    journal = Journal.open(path)
    for number in range(1, 4):
        await journal.append(admission(number, orders=order_rows(number, 1)))
    whole = shutil.copytree(path, tmp_path / "whole")
    await asyncio.gather(journal.append(admission(4, orders=order_rows(4, 1))), journal.append(admission(5)))
    journal.close()
    (name,) = (volume.name for volume in path.glob("*.frames"))
    content = (path / name).read_bytes()
    durable_bytes = (whole / name).stat().st_size
    cut = tmp_path / "cut"
    for size_bytes in range(durable_bytes, len(content) + 1, 7):
        shutil.copytree(whole, cut)
        (cut / name).write_bytes(content[:size_bytes])
        caplog.clear()
        again = Journal.open(cut)
        last_seq = again.last_seq
        assert last_seq in (3, 4, 5)
        assert again.next_inquiry_id == last_seq + 1
        assert len(again.find_orders(order_rows(1, 4))) == 40 * min(last_seq, 4)
        assert await again.append(admission(last_seq + 1)) == last_seq + 1
        again.close()
        assert [frame.seq for frame in Reader(cut).whole()] == list(range(1, last_seq + 2))
        shutil.rmtree(cut)
    assert "a commit was cut short, and is cut off" in caplog.text


async def test_a_copy_of_meta_and_volumes_is_a_backup(tmp_path: Path) -> None:
    path, copy = tmp_path / "journal", tmp_path / "copy"
    journal = Journal.open(path)
    for number in range(1, 11):
        await journal.append(admission(number, orders=order_rows(number, 1)))
    copy.mkdir()
    for file in (path / "meta", *path.glob("*.frames")):
        shutil.copy(file, copy)
    await journal.append(admission(11))
    journal.close()
    restored = Journal.open(copy)
    assert (restored.secret, restored.last_seq, restored.next_inquiry_id) == (journal.secret, 10, 11)
    assert len(restored.find_orders(order_rows(1, 10))) == 400
    restored.close()


async def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"this is no journal at all" * 100)
    with pytest.raises(JournalError, match="is not a journal"):
        Journal.open(path)


async def test_a_journal_of_an_earlier_format_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "journal")
    connection.execute("CREATE TABLE frames (seq INTEGER PRIMARY KEY)")
    connection.close()
    with pytest.raises(JournalError, match=r"a SQLite file; .* set journal.path to a new folder"):
        Journal.open(tmp_path / "journal")


async def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be made"):
        Journal.open(tmp_path / "nowhere" / "journal")


async def test_a_second_gateway_on_the_same_journal_is_refused(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    with pytest.raises(JournalError, match="another gateway writes this journal"):
        Journal.open(tmp_path / "journal")
    journal.close()
    Journal.open(tmp_path / "journal").close()


# Runs of 30 order ids and small volumes, so that it is killed while either is written.
KILLED = """
import asyncio, sys
from pathlib import Path
from gateway.edge import journal_index, journal_indexer, journal_volume
from gateway.edge.journal import Journal
from tests.gateway.edge.frames import admission, answer, answers, order_rows
journal_index.RUN_ROWS = journal_indexer.RUN_ROWS = 30
journal_volume.VOLUME_BYTES = 20_000
async def main() -> None:
    journal = Journal.open(Path(sys.argv[1]))
    first = journal.next_inquiry_id
    for number in range(first, first + 10**6):
        frames = (admission(number, orders=order_rows(10 * number, 10)), answers(answer(number)))
        seqs = await asyncio.gather(*map(journal.append, frames))
        print(number, seqs[1], flush=True)
asyncio.run(main())
"""


def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(100)]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
        process.wait(DEADLINE_S)
        process.stdout.close()
        whole = [line for line in lines if line.endswith(b"\n")]
        number, seq = map(int, whole[-1].split())
        journal = Journal.open(path)
        assert journal.next_inquiry_id > number
        assert journal.last_seq >= seq
        assert len(journal.read(0, limit=seq)) == seq
        known = order_rows(10, 10 * number)
        assert len(journal.find_orders(known)) == len(known)
        assert len(journal.orders(10**6)) >= len(known)
        journal.close()
