"""Changes: a list of them in memory, which followers read instead of a database, and can be held up."""

import threading

from blacklist.model import Deed
from blacklist.screening.rows import DERIVED, LISTED
from blacklist.store.entries import Change
from tests.blacklist.house import resident_number
from tests.patience import DEADLINE_S


def change(cursor: int, bound: int = 0, *, is_added: bool = True) -> Change:
    """Of a listed person; with another bound of somebody derived."""
    kinds = LISTED if bound < 2 else DERIVED
    row = (1, resident_number(cursor).encode(), "张三", cursor, kinds, bound, 20758, None)
    return Change(cursor, is_added, Deed.LIST if is_added else Deed.REMOVE, cursor, row)


class Kept:
    """Changes with cursors from 1 without a gap. `reads` has what was asked for; reading waits for `gate`."""

    def __init__(self, count: int = 0, bound: int = 0) -> None:
        self.changes = [change(cursor, bound) for cursor in range(1, count + 1)]
        self.reads: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    @property
    def version(self) -> int:
        return len(self.changes)

    def add(self, bound: int = 0) -> int:
        """One more; the version after it."""
        self.changes.append(change(self.version + 1, bound))
        return self.version

    def since(self, after: int, count_max: int) -> tuple[list[Change], int]:
        self.reads.append(after)
        found, version = self.changes[after : after + count_max], self.version
        if not self.gate.wait(DEADLINE_S):
            raise TimeoutError
        return found, version
