"""Machine: what the figures were taken on, as out/bench.json says it, and of which commit.

Read once, at the start. The load of that moment is part of it: a figure from a busy machine is no figure.
"""

import os
import platform
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

HERE = Path(__file__).parent
CPUINFO = Path("/proc/cpuinfo")
LIBRARIES = ("grpcio", "protobuf", "uvloop", "sqlalchemy", "numpy")


def describe() -> dict[str, str | int | float]:
    """Names and versions; memory in bytes; `load_1m` is how many processes wanted to run lately."""
    return {
        "model": _model(CPUINFO),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": psutil.virtual_memory().total,
        "system": platform.system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in LIBRARIES},
        "commit": _commit(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def _commit() -> str:
    """Short, with a mark when files differ from it; empty where there is no git or no repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    said = subprocess.run(
        (git, "describe", "--always", "--dirty"), cwd=HERE, capture_output=True, text=True, check=False
    )
    return said.stdout.strip()


def _model(path: Path) -> str:
    """What the processor calls itself; where the system does not say, its architecture."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
