"""Scratch: a folder for what a benchmark writes, on the disk that the project is on.

Not the system's folder for such things: that may be memory, and what is measured is a disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

OUT = Path("out")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder below `out`, gone with all that is in it when the block ends."""
    OUT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=OUT) as folder:
        yield Path(folder)
