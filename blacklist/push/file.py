"""File: where a unit keeps the changes that it was given: JSON, one a line, in the words of the contract.

A line is in the file, and on the disk, before it is acknowledged. A last line that is not whole, as a
kill leaves it, is taken off; a change that is in the file is not written again. There are names and
numbers in it: it is its owner's alone, and one process at a time writes it.
"""

import fcntl
import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from google.protobuf.json_format import MessageToDict

from chakong.blacklist.v1 import changes_pb2

LINE_BYTES_MAX: Final = 1 << 16


class FileError(Exception):
    """The file is none of these, or another process writes it."""


class ChangesFile:
    """One file, open. `cursor`: of the last change in it; 0: none."""

    def __init__(self, path: Path, file: IO[bytes], cursor: int) -> None:
        self._path = path
        self._file = file
        self.cursor = cursor

    def take(self, changes: Sequence[changes_pb2.Change]) -> None:
        """Write those that are not in it, and return when they are on the disk. Raises OSError."""
        fresh = [one for one in changes if one.cursor > self.cursor]
        if not fresh:
            return
        self._file.write("".join(line(one) + "\n" for one in fresh).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self.cursor = fresh[-1].cursor

    def holds(self, cursors: Collection[int]) -> set[int]:
        """Which of these are in it: it is read from its beginning. Raises OSError, FileError."""
        found = set()
        with self._path.open("rb") as lines:
            for number, given in enumerate(lines, 1):
                cursor = _cursor(given)
                if cursor is None:
                    raise FileError(f"{self._path}: its line {number} is no change")
                if cursor in cursors:
                    found.add(cursor)
        return found


def line(change: changes_pb2.Change) -> str:
    """A change as JSON."""
    return json.dumps(MessageToDict(change, preserving_proto_field_name=True), ensure_ascii=False)


@contextmanager
def opened(path: Path) -> Iterator[ChangesFile]:
    """The file, made if it is not there. FileError, OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as raw:
        try:
            fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileError(f"{path}: another process writes it") from None
        end, cursor = _whole(raw, path)
        raw.truncate(end)
        # What a process wrote that was killed before it was on the disk counts as written from here on.
        os.fsync(raw.fileno())
        _sync_folder(path)
        with os.fdopen(os.dup(raw.fileno()), "ab") as file:
            yield ChangesFile(path, file, cursor)


def _sync_folder(path: Path) -> None:
    """So that a file that was just made is found again."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _whole(raw: IO[bytes], path: Path) -> tuple[int, int]:
    """Where the last whole line ends, and its change's cursor."""
    size = raw.seek(0, os.SEEK_END)
    start = max(0, size - 2 * LINE_BYTES_MAX)
    raw.seek(start)
    tail = raw.read(size - start)
    end = tail.rfind(b"\n") + 1
    if not end:
        if start:
            raise FileError(f"{path}: has a line longer than {LINE_BYTES_MAX} bytes, is not one of these")
        return 0, 0
    last = tail[tail.rfind(b"\n", 0, end - 1) + 1 : end]
    cursor = _cursor(last)
    if cursor is None:
        raise FileError(f"{path}: its last line is no change")
    return start + end, cursor


def _cursor(given: bytes) -> int | None:
    """Of a line; None: it is no change."""
    try:
        return int(json.loads(given)["cursor"])
    except (ValueError, KeyError, TypeError):
        return None
