"""Folder: where a unit keeps its set: a snapshot, the deltas laid over it, and nothing that was not verified.

A file is there whole or not at all: it is written beside its place, synced, and renamed. What is refused
leaves what was there. The key lies elsewhere, as it was delivered.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from blacklist.offline.client import OfflineSet
from blacklist.offline.errors import ForeignError
from blacklist.offline.keys import SetKey

SNAPSHOT_NAME: Final = "list.set"
DELTA_SUFFIX: Final = ".delta"
PART_SUFFIX: Final = ".part"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose sets are taken: signed with this key, for this unit."""

    public_key: Ed25519PublicKey
    unit: str


class Folder:
    """One set in a folder that exists."""

    def __init__(self, path: Path, trust: Trust) -> None:
        self._path = path
        self._trust = trust

    def open(self, key: SetKey) -> OfflineSet:
        """What lies there with its deltas, stale or not; `is_stale` says. Errors of OfflineError; OSError
        when there is none."""
        found = self._opened((self._path / SNAPSHOT_NAME).read_bytes(), key, None)
        for delta in self._deltas():
            # One of the snapshot before, when the process was killed between the two: it says nothing here.
            with suppress(ForeignError):
                found = found.with_delta(delta.read_bytes(), None)
        return found

    def put_snapshot(self, sealed: bytes, key: SetKey, now_ns: int) -> OfflineSet:
        """Verify a snapshot and keep it in the place of what was there. Errors of OfflineError."""
        found = self._opened(sealed, key, now_ns)
        before = self._deltas()
        self._write(SNAPSHOT_NAME, sealed)
        for delta in before:
            delta.unlink()
        return found

    def put_delta(self, before: OfflineSet, sealed: bytes, now_ns: int) -> OfflineSet:
        """Verify a delta over `before` and keep it beside the others. Errors of OfflineError."""
        found = before.with_delta(sealed, now_ns)
        self._write(f"{found.freshness.version:020}{DELTA_SUFFIX}", sealed)
        return found

    def _deltas(self) -> list[Path]:
        """By version."""
        return sorted(self._path.glob(f"*{DELTA_SUFFIX}"))

    def _opened(self, sealed: bytes, key: SetKey, now_ns: int | None) -> OfflineSet:
        return OfflineSet.open(sealed, key, self._trust.public_key, unit=self._trust.unit, now_ns=now_ns)

    def _write(self, name: str, content: bytes) -> None:
        part = self._path / (name + PART_SUFFIX)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._path / name)
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
