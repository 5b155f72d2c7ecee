"""`python -m simulator`."""

import subprocess
import sys
from pathlib import Path


def test_it_runs_as_a_module() -> None:
    root = Path(__file__).resolve().parents[2]
    outcome = subprocess.run(
        [sys.executable, "-m", "simulator", "--help"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "--scenario" in outcome.stdout
