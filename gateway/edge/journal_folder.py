"""The journal's folder: who holds it, and `meta`, the few values that no frame has.

`meta` is replaced whole, by renaming, so it is never half-written. One process holds the folder while it has
it open for writing. It knows no frame.
"""

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_schema import FORMAT, SECRET_BYTES, crc32

META: Final = "meta"
SQLITE_MARK: Final = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Meta:
    """`secret`: hexadecimal; `starts`: how often it was opened for writing; `first_seq`: of the oldest frame
    there is."""

    secret: str
    starts: int = 0
    first_seq: int = 1
    format: int = FORMAT

    @property
    def seed(self) -> int:
        """Where the CRCs of this journal begin."""
        return crc32(bytes.fromhex(self.secret))


def hold(path: Path) -> int:
    """Make the folder if it is not there, and take it for this process alone: a descriptor that holds it
    while open. JournalError if that cannot be."""
    _refuse_file(path)
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        if not (path / META).exists():
            sync_folder(path.parent)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise JournalError(f"{path}: cannot be made: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise JournalError(f"{path}: another gateway writes this journal") from error
    return descriptor


def read_meta(path: Path) -> Meta:
    """The journal's own values. JournalError when there is no journal, DamagedError when they are not those
    of a journal of this format."""
    _refuse_file(path)
    try:
        content = (path / META).read_bytes()
    except FileNotFoundError:
        raise JournalError(f"{path}: there is no such journal") from None
    except OSError as error:
        raise JournalError(f"{path / META}: cannot be read: {error.strerror}") from error
    try:
        values = json.loads(content)
        crc = values.pop("crc")
        if values["format"] != FORMAT:
            raise DamagedError(f"{path}: format {values['format']} given, this gateway reads {FORMAT}")
        meta = Meta(**values)
        is_right = crc == _crc(meta) and len(bytes.fromhex(meta.secret)) == SECRET_BYTES
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedError(f"{path / META}: is not what was written: {error!r}") from error
    if not is_right:
        raise DamagedError(f"{path / META}: is not what was written: its CRC is wrong")
    return meta


def make_meta(path: Path, secret: bytes) -> Meta:
    """The journal's own values; with this secret when they are made now. A folder that holds other things is
    refused."""
    if not (path / META).exists():
        if others := sorted(entry.name for entry in path.iterdir() if entry.name != f"{META}.new"):
            raise JournalError(f"{path}: is not a journal: {META} is not there, {others[0]} is")
        write_meta(path, Meta(secret.hex()))
    return read_meta(path)


def write_meta(path: Path, meta: Meta) -> None:
    """Replace the values, durably. JournalError when that cannot be; the old ones then stand."""
    content = json.dumps(asdict(meta) | {"crc": _crc(meta)}).encode()
    try:
        write_whole(path / META, content)
        sync_folder(path)
    except OSError as error:
        raise JournalError(f"{path / META}: cannot be written: {error.strerror}") from error


def count_start(path: Path, meta: Meta) -> int:
    """How many starts there were before this one, which is counted durably. JournalError when it cannot."""
    write_meta(path, replace(meta, starts=meta.starts + 1))
    return meta.starts


def write_whole(path: Path, content: bytes) -> None:
    """Make or replace a file, mode 0600: after any end it is the old one or the new one. OSError."""
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise


def sync_folder(path: Path) -> None:
    """Make durable which files are in it. OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _crc(meta: Meta) -> int:
    return crc32(json.dumps(asdict(meta), sort_keys=True).encode())


def _refuse_file(path: Path) -> None:
    if not path.is_file():
        return
    with path.open("rb") as file:
        is_old = file.read(len(SQLITE_MARK)) == SQLITE_MARK
    if is_old:
        raise JournalError(
            f"{path}: is a journal of format 1 or 2, a SQLite file; this gateway reads {FORMAT}, a folder: "
            "move the file and those named like it away, or set journal.path to a new folder"
        )
    raise JournalError(f"{path}: is not a journal: it is a file, and a journal is a folder")
