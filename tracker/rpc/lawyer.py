"""Lawyer: the law by its number, read from the database once and remembered. Safe to ask from any thread."""

import threading
from typing import Final

from sqlalchemy import Engine

from tracker.store.head import read_head
from tracker.store.laws import judge_of
from tracker.store.reader import reading
from tracker.store.ruling import Ruling

# A version is of some hundred kilobytes, and two are in use while one follows the other.
REMEMBERED_MAX: Final = 8


class Lawyer:
    """Of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[int, Ruling] = {}
        self._lock = threading.Lock()

    def ruling(self, law_id: int) -> Ruling:
        """Blocks when it is not known yet. UnavailableError when it cannot be read."""
        with self._lock:
            return self._read(law_id)

    def latest(self) -> Ruling:
        """The law in force; it is looked for in the database."""
        with reading(self._engine) as connection:
            law_id = read_head(connection).law_id
        return self.ruling(law_id)

    def _read(self, law_id: int) -> Ruling:
        known = self._known.get(law_id)
        if known is None:
            with reading(self._engine) as connection:
                known = judge_of(connection, law_id)
            if len(self._known) >= REMEMBERED_MAX:
                self._known.pop(min(self._known))
            self._known[law_id] = known
        return known
