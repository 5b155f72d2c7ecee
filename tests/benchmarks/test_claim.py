"""A folder of results is one run's at a time, and free again however that run ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.claim import ClaimError, claim

HOLD = """
import sys
from pathlib import Path
from benchmarks.claim import claim
with claim(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
S_MAX = 120


def test_second_run_is_told_who_has_the_folder(tmp_path: Path) -> None:
    told = pytest.raises(ClaimError, match=f"process {os.getpid()} writes there now")
    with claim(tmp_path / "out"), told, claim(tmp_path / "out"):
        pass


def test_folder_is_free_after_the_run(tmp_path: Path) -> None:
    for _ in range(2):
        with claim(tmp_path):
            assert (tmp_path / ".lock").read_text() == str(os.getpid())


def test_other_folder_is_free(tmp_path: Path) -> None:
    with claim(tmp_path / "a"), claim(tmp_path / "b"):
        pass


def test_folder_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(ClaimError, match=f"process {holder.pid} "), claim(tmp_path):
                pass
        finally:
            holder.kill()
            holder.wait(S_MAX)
    with claim(tmp_path):
        pass


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = pytest.raises(ClaimError, match=r"file given; must be a folder to write in \(File exists\)")
    with told, claim(tmp_path / "file"):
        pass
