"""File: where a unit keeps the changes that it was given: JSON, one a line, in the words of the contract.

A line is in the file, and on the disk, before it is acknowledged. A last line that is not whole, as a
kill leaves it, is taken off; a change that is in the file is not written again. There are names and
numbers in it: it is its owner's alone, and one process at a time writes it.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
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

    def __init__(self, file: IO[bytes], cursor: int) -> None:
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
        with os.fdopen(os.dup(raw.fileno()), "ab") as file:
            yield ChangesFile(file, cursor)


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
    try:
        return start + end, int(json.loads(last)["cursor"])
    except (ValueError, KeyError, TypeError):
        raise FileError(f"{path}: its last line is no change") from None
