"""Inbox: what one court received: acknowledgements, answers as they came, and when.

It keeps the latest answer of each inquiry and the coverage of its FINAL one, and counts every way in which
the answers break the contract. Pure; the caller passes times. It does not compare answers with the truth.
"""

from collections import Counter
from collections.abc import Iterable

from chakong.gateway.v1.gateway_pb2 import STAGE_FINAL, STAGE_LATE, STAGE_PARTIAL, Answer, Coverage
from chakong.type.v1.type_pb2 import (
    END_STATE_CANCELLED,
    END_STATE_INCAPABLE,
    END_STATE_LATE,
    END_STATE_REFUSED,
    END_STATE_UNREACHABLE,
)

ENDED = ("found", "none", "ambiguous", "refused", "incapable", "late", "unreachable", "cancelled")


class Inbox:
    """One court's. `faults`: name of a broken promise -> how often."""

    def __init__(self, court: str) -> None:
        self.court = court
        self.answers: dict[int, Answer] = {}
        self.finals: dict[int, Coverage] = {}
        self.faults: Counter[str] = Counter()
        self.ids: dict[int, str] = {}
        self.queries_ended = 0
        self.answer_count = 0
        self._sent_ns: dict[str, int] = {}
        self._final_ns: dict[int, int] = {}

    def sent(self, order_ids: Iterable[str], now_ns: int) -> None:
        """The message with these orders is about to go out. A repeated order keeps its first time."""
        for order_id in order_ids:
            self._sent_ns.setdefault(order_id, now_ns)

    def accepted(self, pairs: Iterable[tuple[str, int]]) -> None:
        """(order id, inquiry id) of newly accepted inquiries; their answers may have come already."""
        for order_id, inquiry_id in pairs:
            self.faults["inquiry_id_given_twice"] += inquiry_id in self.ids
            self.ids[inquiry_id] = order_id

    def take(self, answer: Answer, now_ns: int) -> None:
        """One answer, in the order of arrival."""
        before = self.answers.get(answer.inquiry_id)
        self.answer_count += 1
        self._check_sequence(before, answer)
        self._check_coverage(answer)
        self.answers[answer.inquiry_id] = answer
        if answer.stage == STAGE_FINAL and answer.inquiry_id not in self.finals:
            self.finals[answer.inquiry_id] = answer.coverage
            self._final_ns[answer.inquiry_id] = now_ns
            self.queries_ended += answer.coverage.total

    def finish(self) -> None:
        """All has come: look at what can only be judged now that every acknowledgement is known."""
        for inquiry_id, answer in self.answers.items():
            self.faults["answer_to_unknown_inquiry"] += inquiry_id not in self.ids
            self.faults["answer_names_other_order"] += (
                self.ids.get(inquiry_id, answer.order_id) != answer.order_id
            )
        self.faults = +self.faults

    def missing_final_count(self) -> int:
        """Accepted inquiries without a FINAL answer."""
        return sum(inquiry_id not in self.finals for inquiry_id in self.ids)

    def is_done(self) -> bool:
        """Every inquiry accepted so far has its FINAL answer."""
        return len(self.finals) >= len(self.ids) and not self.missing_final_count()

    def final_count(self) -> int:
        return len(self.finals)

    def latencies_ms(self) -> list[float]:
        """From sending an inquiry's message to its FINAL answer, both at this court."""
        return [
            (final_ns - self._sent_ns[order_id]) / 1e6
            for inquiry_id, final_ns in self._final_ns.items()
            if (order_id := self.ids.get(inquiry_id)) is not None
        ]

    def record_count(self) -> int:
        """Records of the latest answers."""
        return sum(len(finding.records) for answer in self.answers.values() for finding in answer.findings)

    def _check_sequence(self, before: Answer | None, answer: Answer) -> None:
        faults = self.faults
        faults["stage_unknown"] += answer.stage not in {STAGE_PARTIAL, STAGE_FINAL, STAGE_LATE}
        is_final_before = answer.inquiry_id in self.finals
        faults["second_final"] += answer.stage == STAGE_FINAL and is_final_before
        faults["partial_after_final"] += answer.stage == STAGE_PARTIAL and is_final_before
        faults["late_before_final"] += answer.stage == STAGE_LATE and not is_final_before
        if before is None:
            faults["revision_below_1"] += answer.revision < 1
            return
        faults["revision_did_not_rise"] += answer.revision <= before.revision
        faults["findings_lost"] += len(answer.findings) < len(before.findings)
        faults["total_changed"] += answer.coverage.total != before.coverage.total
        if is_final_before and answer.stage == STAGE_LATE:
            faults["counts_changed_after_final"] += ended_counts(answer.coverage) != ended_counts(
                self.finals[answer.inquiry_id]
            )

    def _check_coverage(self, answer: Answer) -> None:
        coverage, faults = answer.coverage, self.faults
        ended = sum(ended_counts(coverage))
        faults["coverage_does_not_add_up"] += ended + coverage.open != coverage.total
        if answer.stage == STAGE_PARTIAL:
            return
        faults["open_after_final"] += coverage.open != 0
        missing = {one.state: len(one.institutions) for one in coverage.missing}
        expected = {
            END_STATE_REFUSED: coverage.refused,
            END_STATE_INCAPABLE: coverage.incapable,
            END_STATE_LATE: coverage.late - coverage.late_answered,
            END_STATE_UNREACHABLE: coverage.unreachable,
            END_STATE_CANCELLED: coverage.cancelled,
        }
        faults["missing_differs_from_counts"] += missing != {s: n for s, n in expected.items() if n}


def ended_counts(coverage: Coverage) -> tuple[int, ...]:
    """Ended queries by state, in the order of EndState."""
    return tuple(getattr(coverage, name) for name in ENDED)
