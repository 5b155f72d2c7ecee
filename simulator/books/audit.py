"""Audit: whether books keep their own rules.

It looks at every account from outside and says what is wrong, in words without personal data. Slow and
plain on purpose; it changes nothing.
"""

from collections.abc import Iterator

from simulator.books.books import Books
from simulator.books.property import EFFECTIVE, ENDED, QUEUED, Account


def faults(books: Books) -> list[str]:
    """Empty when all is right."""
    found: list[str] = []
    for account in books.accounts():
        found += [f"account {account.serial}: {fault}" for fault in _faults_of(account, books.today)]
    living = {hold.hold_id for account in books.accounts() for hold in account.holds}
    for hold in books.every_hold():
        if (hold.life == ENDED) == (hold.hold_id in living):
            found.append(f"hold {hold.hold_id}: lives and has ended, or neither")
        if hold.life == ENDED and (hold.controlled_fen or not hold.end):
            found.append(f"hold {hold.hold_id}: has ended and controls {hold.controlled_fen}")
        if hold.version < 1 or hold.deducted_fen < 0:
            found.append(f"hold {hold.hold_id}: version {hold.version}, deducted {hold.deducted_fen}")
    deducted_fen = sum(hold.deducted_fen for hold in books.every_hold())
    transferred_fen = sum(account.deducted_fen for account in books.accounts())
    if deducted_fen != transferred_fen:
        found.append(f"deducted from holds {deducted_fen}, from accounts {transferred_fen}")
    return found


def _faults_of(account: Account, today: int) -> Iterator[str]:
    moved_fen = account.opened_fen + account.credited_fen - account.spent_fen - account.deducted_fen
    if account.balance_fen != moved_fen or account.balance_fen < 0:
        yield f"balance {account.balance_fen}, moved {moved_fen}"
    rest_fen = account.balance_fen - account.protected_fen
    if account.held_fen > rest_fen:
        yield f"held {account.held_fen} of {rest_fen}"
    queued_count = 0
    is_taken = False  # somebody ahead takes all there is
    for hold in account.holds:
        if hold.life == QUEUED:
            queued_count += 1
            is_forgotten = not is_taken and (rest_fen > 0 or hold is account.holds[0])
            if is_forgotten or hold.controlled_fen or hold.until_day or hold.position != queued_count:
                yield f"hold {hold.hold_id}: queued at {hold.position} of {rest_fen} fen"
        else:
            if hold.controlled_fen != min(hold.ceiling_fen, rest_fen):
                yield f"hold {hold.hold_id}: controls {hold.controlled_fen} of {rest_fen}"
            if hold.life != EFFECTIVE or hold.position or not hold.from_day or hold.until_day < today:
                yield f"hold {hold.hold_id}: in force, and its term is not"
            rest_fen -= hold.controlled_fen
        is_taken = is_taken or hold.controlled_fen < hold.ceiling_fen
