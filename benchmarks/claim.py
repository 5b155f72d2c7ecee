"""Claim: one run at a time writes into a folder of results.

A lock of the kernel's on a file in that folder: it ends with the process that holds it, however that ends.
The file stays. Who does not ask is not kept out.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXIT_CLAIMED = 2
FILE_NAME = ".lock"


class ClaimError(Exception):
    """The folder cannot be had: another run writes there, or nobody can."""


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Hold the folder, which is made if missing. ClaimError says who has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / FILE_NAME).open("a+", encoding="ascii")
    except OSError as error:
        raise ClaimError(f"--out: {folder} given; must be a folder to write in ({error.strerror})") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ClaimError(
                f"--out: {folder} given; process {lock.read().strip()} writes there now: wait for its end, "
                "or give another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
