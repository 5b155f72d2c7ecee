"""Judge: final and late answers against the simulator's truth and the page of scenarios.

Who is concerned, and what the institutions have, is reckoned apart from the gateway. It sees answers alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from benchmarks.demo.concern import Concern
from benchmarks.demo.truth import Comparison, found_for
from chakong.gateway.v1.gateway_pb2 import Answer, Inquiry
from chakong.type.v1 import type_pb2 as types
from runtime.data import institutions
from simulator.layout import Layout
from simulator.truth import Truth


class Judge:
    """`judge` each inquiry with its FINAL answer and its last; then look at `faults`."""

    def __init__(self, seed: int = 1) -> None:
        self.layout = Layout.load()
        self.comparison = Comparison()
        self.other_faults: Counter[str] = Counter()
        self._truth = Truth(seed, self.layout)
        self._concern = Concern(institutions())

    def concerned(self, inquiry: Inquiry) -> set[int]:
        """Whom the inquiry goes to."""
        return set(np.flatnonzero(self._concern.institutions(inquiry)).tolist())

    def found(self, inquiry: Inquiry) -> set[int]:
        """Who of these has something, or something to say."""
        return set(found_for(self._truth, inquiry, self._concern.institutions(inquiry)))

    def judge(self, inquiry: Inquiry, final: Answer, last: Answer) -> dict[int, int]:
        """Institution -> end state, of those that did not answer the inquiry by its end."""
        concerned = self._concern.institutions(inquiry)
        self.other_faults["total_is_not_who_is_concerned"] += final.coverage.total != int(concerned.sum())
        truth = found_for(self._truth, inquiry, concerned)
        self.comparison.compare(final, truth)
        if last.revision != final.revision:
            self.comparison.compare(last, truth)
        missing = missing_of(final)
        self.other_faults["missing_and_not_concerned"] += sum(not concerned[one] for one in missing)
        self.other_faults["missing_does_not_add_up"] += len(missing) != _missing_count(final)
        return missing

    def judge_all(self, inquiries: Mapping[int, Inquiry], answers: Mapping[int, list[Answer]]) -> None:
        """Every one of these inquiries has been answered, truly."""
        for number, inquiry in inquiries.items():
            came = answers[number]
            final = next(one for one in came if not one.coverage.open)
            self.judge(inquiry, final, came[-1])

    @property
    def faults(self) -> dict[str, int]:
        """Empty when all was right."""
        return dict(+(self.comparison.faults + self.other_faults))


def missing_of(answer: Answer) -> dict[int, int]:
    """Institution -> why it is missing."""
    return {one: row.state for row in answer.coverage.missing for one in row.institutions}


def states(missing: Iterable[int]) -> Counter[str]:
    """How many of each, in words."""
    return Counter(types.EndState.Name(types.EndState.ValueType(one))[10:] for one in missing)


def _missing_count(answer: Answer) -> int:
    row = answer.coverage
    return row.refused + row.incapable + row.late + row.unreachable + row.cancelled
