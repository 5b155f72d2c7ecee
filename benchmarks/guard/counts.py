"""Counts: instructions of the Engine's modules, out of what callgrind wrote; and the judgement on them. Pure.

Only instructions of our own compiled objects count: those of Python and libc depend on versions of others.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

# Counts of the same program differ by less than a ten-thousandth.
SLOWER_MAX: Final = 0.02
_OBJECT = re.compile(r"ob=\((\d+)\)(?: (.*))?$")


def by_module(lines: Iterable[str]) -> dict[str, int]:
    """Module of gateway/ -> instructions of its own, of a callgrind profile without sub-objects."""
    names: dict[str, str] = {}
    found: Counter[str] = Counter()
    current = ""
    is_call = False
    for line in lines:
        match = _OBJECT.match(line)
        if match is not None:
            number, name = match.groups()
            current = names.setdefault(number, name or "")
        elif line.startswith("cob="):
            # Names are given where they occur first, be it in a call.
            called = _OBJECT.match(line[1:])
            if called is not None and called.group(2):
                names.setdefault(called.group(1), called.group(2))
        elif line.startswith("calls="):
            is_call = True
        elif line[:1].isdigit() or line[:1] in {"+", "-", "*"}:
            # The line behind calls= is what the callee took.
            if not is_call:
                found[current] += int(line.split()[-1])
            is_call = False
    return {_module(name): count for name, count in found.items() if "/gateway/" in name}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One benchmark: instructions now and in the baseline."""

    name: str
    now: int
    baseline: int

    @property
    def slower(self) -> float:
        """0.05: five hundredths more instructions than in the baseline."""
        return self.now / self.baseline - 1

    @property
    def is_slower(self) -> bool:
        return self.slower > SLOWER_MAX

    @property
    def is_stale(self) -> bool:
        """So much faster that the baseline would let a slower one pass."""
        return self.slower < -SLOWER_MAX


def judge(now: Mapping[str, int], baseline: Mapping[str, int]) -> list[Verdict]:
    """Every benchmark of both; LookupError for one that only one of them knows."""
    return [Verdict(name, now[name], baseline[name]) for name in sorted(now.keys() | baseline.keys())]


def _module(name: str) -> str:
    return PurePath(name).name.split(".")[0]
