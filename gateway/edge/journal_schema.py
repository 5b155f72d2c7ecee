"""The journal's file: its tables, its CRC, and what a frame is in Python.

A row per frame; `crc` covers everything else in the row, so a damaged row is found wherever the damage is.
It opens connections with the settings that make a commit durable; writing and reading are journal_writer's
and journal_reader's.
"""

import fcntl
import os
import sqlite3
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.edge.errors import DamagedError, JournalError

FORMAT: Final = 2
ADMISSION: Final = 1
ANSWER: Final = 2
CANCELLATION: Final = 3
KIND_NAMES: Final = {ADMISSION: "ADMISSION", ANSWER: "ANSWER", CANCELLATION: "CANCELLATION"}

ORDER_BYTES: Final = 40  # key 16, content hash 16, inquiry id 8
KEY_BYTES: Final = 16
SECRET_BYTES: Final = 16
DAY_NS: Final = 86_400 * 10**9
# Large pages make large frames cheaper (fewer calls, shorter chains) and small commits no slower; each small
# commit writes three or four of them.
PAGE_BYTES: Final = 32_768
CACHE_KIB: Final = 16_384
# The log's file is kept at this size when it begins again: writing over it is cheaper than making it longer.
LOG_BYTES_KEPT: Final = 256 << 20
# An index checkpoints itself, in its own thread.
CHECKPOINT_PAGES: Final = (64 << 20) // PAGE_BYTES
BUSY_TIMEOUT_S: Final = 30.0

TABLES: Final = """
CREATE TABLE frames (
    seq INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    format INTEGER NOT NULL,
    at_ns INTEGER NOT NULL,
    court TEXT NOT NULL,
    first_inquiry_id INTEGER NOT NULL,
    inquiry_count INTEGER NOT NULL,
    finals BLOB NOT NULL,
    orders BLOB NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX frames_of_admissions ON frames (first_inquiry_id, inquiry_count, court) WHERE kind = 1;
CREATE INDEX frames_of_answers ON frames (court, seq) WHERE kind = 2;
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""
COLUMNS: Final = "seq, kind, format, at_ns, court, first_inquiry_id, inquiry_count, finals, orders, crc, body"
_FIXED = struct.Struct("<QIIqQIIII")

Row = tuple[int, int, int, int, str, int, int, bytes, bytes, int, bytes]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is to be appended. `finals`: u64 LE each; `orders`: 40 bytes each, as in Checked.orders."""

    kind: int
    body: bytes
    at_ns: int
    court: str = ""
    first_inquiry_id: int = 0
    inquiry_count: int = 0
    finals: bytes = b""
    orders: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A durable frame whose CRC was right when it was read."""

    seq: int
    kind: int
    at_ns: int
    court: str
    first_inquiry_id: int
    inquiry_count: int
    finals: bytes
    body: bytes
    orders: bytes = b""


@dataclass(frozen=True, slots=True)
class Replay:
    """A frame to take up again after a start. `answered`: those of its inquiries with a final answer, u64 LE
    each."""

    seq: int
    kind: int
    at_ns: int
    court: str
    body: bytes
    answered: bytes


def checksum(seq: int, frame: Frame) -> int:
    """CRC-32 over the row: its numbers, the lengths and bytes of its strings, its body."""
    court = frame.court.encode()
    fixed = _FIXED.pack(
        seq,
        frame.kind,
        FORMAT,
        frame.at_ns,
        frame.first_inquiry_id,
        frame.inquiry_count,
        len(court),
        len(frame.finals),
        len(frame.orders),
    )
    crc = zlib.crc32(frame.finals, zlib.crc32(court, zlib.crc32(fixed)))
    return zlib.crc32(frame.body, zlib.crc32(frame.orders, crc))


def row_of(seq: int, frame: Frame) -> Row:
    """The row that stands for a frame as number `seq`, in the order of COLUMNS."""
    return (
        seq,
        frame.kind,
        FORMAT,
        frame.at_ns,
        frame.court,
        frame.first_inquiry_id,
        frame.inquiry_count,
        frame.finals,
        frame.orders,
        checksum(seq, frame),
        frame.body,
    )


def stored(row: Row, path: Path) -> StoredFrame:
    """The frame of a row. DamagedError when its CRC is wrong or its format is not known."""
    seq, kind, version, at_ns, court, first_inquiry_id, inquiry_count, finals, orders, crc, body = row
    name = f"{path}: frame {seq} ({KIND_NAMES.get(kind, f'kind {kind}')})"
    try:
        frame = Frame(kind, body, at_ns, court, first_inquiry_id, inquiry_count, finals, orders)
        found = checksum(seq, frame)
    except (struct.error, AttributeError, TypeError) as error:
        raise DamagedError(f"{name}: a column is out of its range") from error
    if version == FORMAT and found != crc:
        raise DamagedError(f"{name}: CRC is {found:08x}, {crc:08x} was written")
    if version != FORMAT or kind not in KIND_NAMES:
        raise DamagedError(f"{name}: format {version} given, this gateway reads {FORMAT}")
    return StoredFrame(seq, kind, at_ns, court, first_inquiry_id, inquiry_count, finals, body, orders)


def lock(path: Path) -> int:
    """Take the journal for this process alone: a descriptor that holds it while open. JournalError if taken.

    A file of its own: closing any descriptor of a SQLite file would drop SQLite's locks.
    """
    try:
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalError(f"{path}: cannot be made: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise JournalError(f"{path}: another gateway writes this journal") from error
    return descriptor


def create(path: Path, secret: bytes) -> None:
    """Make an empty journal, readable by its owner alone; nothing when there are tables in the file.

    One whose making was cut short has a header at most, and is made now.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise JournalError(f"{path}: cannot be made: {error.strerror}") from error
    connection = connect(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            connection.execute("ROLLBACK")
            return
        for statement in filter(str.strip, TABLES.split(";")):
            connection.execute(statement)
        values = (("format", b"%d" % FORMAT), ("secret", secret), ("oldest_unfinished_seq", b"1"))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", values)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise JournalError(f"{path}: cannot be made: {error}") from error
    finally:
        connection.close()


def connect(path: Path, *, writing: bool = True, checkpoint_pages: int = 0) -> sqlite3.Connection:
    """A connection that any one thread at a time may use; transactions are begun by hand. JournalError if it
    cannot. `checkpoint_pages`: checkpoint when the log has so many; 0: somebody else does."""
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=64
        )
    except sqlite3.Error as error:
        raise JournalError(f"{path}: cannot be opened: {error}") from error
    try:
        if writing:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
            connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES_KEPT}")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        else:
            connection.execute("PRAGMA query_only = 1")
    except sqlite3.Error as error:
        connection.close()
        raise DamagedError(f"{path}: is not a journal: {error}") from error
    return connection


def count_start(connection: sqlite3.Connection, path: Path) -> int:
    """How many starts there were before this one, which is counted durably. JournalError when it cannot."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("SELECT value FROM meta WHERE key = 'starts'").fetchone()
        starts = int(row[0]) if row else 0
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('starts', ?)", (b"%d" % (starts + 1),))
        connection.execute("COMMIT")
    except (sqlite3.Error, ValueError) as error:
        raise JournalError(f"{path}: this start cannot be counted: {error}") from error
    return starts


def read_meta(connection: sqlite3.Connection, path: Path) -> dict[str, bytes]:
    """The journal's own values. DamagedError when they are not those of a journal of this format."""
    try:
        meta: dict[str, bytes] = dict(connection.execute("SELECT key, value FROM meta"))
    except sqlite3.Error as error:
        raise DamagedError(f"{path}: is not a journal: {error}") from error
    missing = {"format", "secret", "oldest_unfinished_seq"} - meta.keys()
    if missing:
        raise DamagedError(f"{path}: meta: {sorted(missing)} missing")
    if meta["format"] != b"%d" % FORMAT:
        raise DamagedError(f"{path}: format {meta['format']!r} given, this gateway reads {FORMAT}")
    if len(meta["secret"]) != SECRET_BYTES or not meta["oldest_unfinished_seq"].isdigit():
        raise DamagedError(f"{path}: meta: secret or oldest_unfinished_seq is not what was written")
    return meta
