"""Checkpoint: copies SQLite's log into the journal's file behind the commits, in a thread of its own.

A log that is copied whole is written from its beginning again. Under a load without pauses the thread never
catches up entirely; then the writer waits once in a while and copies the little that is left itself. What
cannot be copied now stays in the log, which is durable, and is tried again.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Final

from gateway.edge.journal_schema import LOG_BYTES_KEPT, PAGE_BYTES, connect

# So much is copied behind the commits at a time: large enough that its two syncs do not matter.
COPY_BYTES: Final = 64 << 20
# From here on the writer helps as soon as so little is left that it takes no time, and at twice the size
# whatever is left. A reader that holds an old state may keep the log from beginning again: the writer then
# helps once in COPY_BYTES.
LOG_BYTES_MAX: Final = LOG_BYTES_KEPT // 2
REST_BYTES: Final = 8 << 20
# What a commit writes beside its frames, at most: a page of the table and one of each index.
COMMIT_BYTES: Final = 4 * PAGE_BYTES


class Checkpoint:
    """`grown` and `make_room` from the writer's thread."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._copying = threading.Lock()
        self._wake = threading.Event()
        self._is_stopping = False
        self._new_bytes = 0
        self._log_bytes = 0
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the last connection to the journal that closes copies what is left."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join()
        self._connection.close()

    def grown(self, frame_bytes: int) -> None:
        """A commit added so many bytes of frames to the log."""
        self._new_bytes += frame_bytes + COMMIT_BYTES
        self._log_bytes += frame_bytes + COMMIT_BYTES
        if self._new_bytes >= COPY_BYTES:
            self._wake.set()

    def make_room(self) -> None:
        """Between two commits: copy what is left when the log is long, so that it begins again."""
        if self._log_bytes < LOG_BYTES_MAX:
            return
        is_late = self._log_bytes >= 2 * LOG_BYTES_MAX
        if self._new_bytes > REST_BYTES and not is_late:
            self._wake.set()
        elif self._copying.acquire(blocking=is_late):
            try:
                self._log_bytes = 0 if self._copy() else LOG_BYTES_MAX - COPY_BYTES
            finally:
                self._copying.release()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._is_stopping:
                return
            with self._copying:
                self._copy()

    def _copy(self) -> bool:
        """Copy what the log holds now; True: all of it was."""
        self._new_bytes = 0
        # PASSIVE waits for nobody. An error (a full disk) leaves the log as it is.
        with contextlib.suppress(sqlite3.Error):
            _, log_pages, copied_pages = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return bool(log_pages == copied_pages)
        return False
