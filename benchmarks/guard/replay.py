"""Replay: `python -m benchmarks.guard.replay TAPE`, the process whose instructions are counted.

It loads the Engine and nothing else of the project.
"""

import importlib
import sys
from pathlib import Path

from benchmarks.guard.tape import KEY, Tape, play


def main() -> int:
    engine_class = importlib.import_module("gateway._core").Engine
    play(engine_class(KEY), Tape.read(Path(sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
