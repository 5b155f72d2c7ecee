"""Machine: what the figures were taken on, as out/bench.json says it.

Read once, at the start. The load of that moment is part of it: a figure from a busy machine is no figure.
"""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

import psutil

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
        "load_1m": round(os.getloadavg()[0], 2),
    }


def _model(path: Path) -> str:
    """What the processor calls itself; where the system does not say, its architecture."""
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
