"""Concern: which institutions an inquiry asks, reckoned a second time from the packaged directory.

The gateway's totals and lists of the missing are compared with it, so it shares no code with the gateway.
Pure: the rows of the directory are given to it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.demo.figures import ClassCoverage
from benchmarks.demo.report import STATES
from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    REACH_BANKS,
    REACH_LIST,
    REACH_PROVINCE,
    REACH_UNITS,
    Answer,
    Coverage,
    Inquiry,
)
from chakong.type.v1.type_pb2 import EndState
from runtime.data import InstitutionRow

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
UNIT_CLASS = "unit"
# FOUND, NONE and AMBIGUOUS leave no institution in the list of the missing; only these do.
LISTED = ("REFUSED", "INCAPABLE", "LATE", "UNREACHABLE", "CANCELLED")


class Concern:
    """The directory as columns over the index of the institutions; `rows` by index, as packaged."""

    def __init__(self, rows: Sequence[InstitutionRow]) -> None:
        self.classes = np.array([row["class"] for row in rows])
        self.endpoints = frozenset(row["endpoint"] for row in rows)
        self._provinces = np.array([row["province"] or "" for row in rows])
        self._items = np.array([_bits(row["items"]) for row in rows], dtype=np.int64)
        self._is_unit: Mask = self.classes == UNIT_CLASS
        self._known: dict[tuple[int, str, int], Mask] = {}

    @property
    def institution_count(self) -> int:
        return len(self.classes)

    def institutions(self, inquiry: Inquiry) -> Mask:
        """True where the institution is in the scope and keeps one of the items. ValueError: no Reach."""
        scope = inquiry.scope
        items = _bits(inquiry.items) if inquiry.items else -1
        if scope.reach == REACH_LIST:
            listed: Mask = np.zeros(len(self.classes), dtype=np.bool_)
            listed[np.array(scope.institutions, dtype=np.int64)] = True
            return listed & self._keeps(items)
        key = (int(scope.reach), scope.province, items)
        if key not in self._known:
            self._known[key] = self._reached(key[0], scope.province) & self._keeps(items)
        return self._known[key]

    def by_class(self, asked: Iterable[tuple[Inquiry, Coverage, Answer]]) -> tuple[ClassCoverage, ...]:
        """How queries ended at each class, largest class first.

        From (inquiry, coverage of its FINAL answer, its latest answer).
        """
        totals: Counts = np.zeros(len(self.classes), dtype=np.int64)
        states = {state: np.zeros(len(self.classes), dtype=np.int64) for state in STATES}
        for inquiry, coverage, answer in asked:
            totals += self.institutions(inquiry)
            for missing in coverage.missing:
                states[state_word(missing.state)][list(missing.institutions)] += 1
            for finding in answer.findings:
                word = state_word(finding.state)
                if not finding.late and word not in LISTED:
                    states[word][finding.institution] += 1
        states["NONE"] = totals - sum(states[state] for state in STATES if state != "NONE")
        names = sorted(set(self.classes.tolist()), key=lambda name: -int(totals[self.classes == name].sum()))
        return tuple(self._one_class(name, totals, states) for name in names)

    def _one_class(self, name: str, totals: Counts, states: dict[str, Counts]) -> ClassCoverage:
        members = self.classes == name
        counts = {state: int(states[state][members].sum()) for state in STATES}
        return ClassCoverage(name, int(totals[members].sum()), counts)

    def _reached(self, reach: int, province: str) -> Mask:
        if reach == REACH_ALL:
            return np.ones(len(self.classes), dtype=np.bool_)
        if reach == REACH_BANKS:
            return ~self._is_unit
        if reach == REACH_UNITS:
            return self._is_unit
        if reach == REACH_PROVINCE:
            seated: Mask = ~self._is_unit & (self._provinces == province)
            return seated
        raise ValueError(f"reach: {reach} given, must be a Reach")

    def _keeps(self, items: int) -> Mask:
        kept: Mask = (self._items & items) != 0
        return kept


def state_word(state: int) -> str:
    """An EndState in one word: END_STATE_LATE is LATE."""
    return EndState.Name(EndState.ValueType(state)).removeprefix("END_STATE_")


def _bits(codes: Iterable[int]) -> int:
    return sum(1 << (code - 1) for code in codes)
