"""Promises: inquiries that are durable, and what courts were told of them; read from the frames alone.

It outlives every crash and believes nobody: what an answer says must add up, must have been said by an
institution, and comes to an end once. What may not be is told to `fail`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import journal_pb2
from chakong.type.v1 import type_pb2
from gateway.directory import Directory
from tests.simulation.answering import AMBIGUOUS, NOTHING, Asked, Word, found, kept

LISTED = {
    type_pb2.END_STATE_REFUSED: "refused",
    type_pb2.END_STATE_INCAPABLE: "incapable",
    type_pb2.END_STATE_LATE: "late",
    type_pb2.END_STATE_UNREACHABLE: "unreachable",
    type_pb2.END_STATE_CANCELLED: "cancelled",
}
ENDED = ("found", "none", "ambiguous", *LISTED.values())
STATES = {type_pb2.END_STATE_FOUND: "found", type_pb2.END_STATE_AMBIGUOUS: "ambiguous"}


@dataclass(slots=True)
class Promise:
    """An inquiry that was made durable."""

    inquiry_id: int
    court: str
    order_id: str
    id_number: str
    # Institutions that are concerned, with what is asked of each.
    concerned: dict[int, tuple[int, ...]]
    deadline_ns: int
    is_cancelled: bool = False
    last: gateway_pb2.Answer | None = None
    is_final: bool = False


class Promises:
    """Grows with every committed frame."""

    def __init__(self, directory: Directory, fail: Callable[[str], None], counts: Counter[str]) -> None:
        self._directory = directory
        self._fail = fail
        self._counts = counts
        self.by_id: dict[int, Promise] = {}
        self.by_order: dict[tuple[str, str], int] = {}
        self._mandates: set[tuple[str, str]] = set()
        self._said: dict[Asked, set[Word]] = {}

    @property
    def open_count(self) -> int:
        """Inquiries without their final answer."""
        return sum(not one.is_final for one in self.by_id.values())

    # -- what is told

    def admitted(self, court: str, admission: journal_pb2.Admission) -> None:
        """Inquiries are durable."""
        for inquiry_id, one in enumerate(admission.inquiries, admission.first_inquiry_id):
            if inquiry_id in self.by_id:
                self._fail(f"inquiry id {inquiry_id} was given twice")
            if (court, one.order_id) in self.by_order:
                self._fail(f"order {one.order_id} of {court} was taken twice")
            entry = one.entry
            self.by_order[court, one.order_id] = inquiry_id
            self._mandates.add((entry.mandate.case_number, entry.subject.id_number))
            self.by_id[inquiry_id] = Promise(
                inquiry_id,
                court,
                one.order_id,
                entry.subject.id_number,
                self._concerned(one),
                one.deadline_ns,
            )

    def cancelled(self, cancellation: journal_pb2.Cancellation) -> None:
        """The court no longer wants it."""
        self.by_id[cancellation.inquiry_id].is_cancelled = True

    def asked(self, batch: institution_pb2.Batch) -> None:
        """A batch leaves for an institution."""
        self._counts["batches sent"] += 1
        for entry in batch.entries:
            asked = (entry.mandate.case_number, entry.subject.id_number)
            if entry.kind and asked not in self._mandates:
                self._fail(f"batch {batch.id} asks for {asked[0]}, which is not durable")

    def heard(self, asked: Asked, word: Word) -> None:
        """An institution says this of a person."""
        self._said.setdefault(asked, set()).add(word)

    def answered(self, court: str, answers: journal_pb2.Answers) -> None:
        """Answers are durable."""
        for answer in answers.answers:
            promise = self.by_id.get(answer.inquiry_id)
            if promise is None or (promise.court, promise.order_id) != (court, answer.order_id):
                self._fail(f"an answer to inquiry {answer.inquiry_id} of {court}, which is none of its own")
                continue
            for fault in self._faults(promise, answer):
                self._fail(f"inquiry {answer.inquiry_id}: {fault}")
            promise.last = answer
            promise.is_final = promise.is_final or answer.stage == gateway_pb2.STAGE_FINAL
            self._counts[f"answers: {gateway_pb2.Stage.Name(answer.stage)[6:].lower()}"] += 1

    # -- what must be

    def _faults(self, promise: Promise, answer: gateway_pb2.Answer) -> Iterator[str]:
        row, last = answer.coverage, promise.last
        if row.total != len(promise.concerned):
            yield f"{row.total} queries, {len(promise.concerned)} are concerned"
        if row.total != row.open + sum(getattr(row, name) for name in ENDED):
            yield "its queries do not add up"
        if (row.open == 0) != (answer.stage != gateway_pb2.STAGE_PARTIAL):
            yield f"{row.open} queries are open at stage {answer.stage}"
        if promise.is_final != (answer.stage == gateway_pb2.STAGE_LATE):
            yield f"stage {answer.stage} {'after' if promise.is_final else 'before'} the final answer"
        if last is not None and answer.revision <= last.revision:
            yield f"revision {answer.revision} after {last.revision}"
        if row.cancelled and not promise.is_cancelled:
            yield "queries are cancelled, and nobody cancelled it"
        if answer.stage == gateway_pb2.STAGE_FINAL:
            if row.late and answer.answered_ns < promise.deadline_ns:
                yield "queries are late before its deadline"
            yield from self._faults_of_missing(promise, answer)
        yield from self._faults_of_findings(promise, answer)

    def _faults_of_findings(self, promise: Promise, answer: gateway_pb2.Answer) -> Iterator[str]:
        by_state: Counter[str] = Counter()
        seen: set[int] = set()
        for finding in answer.findings:
            index = finding.institution
            if index not in promise.concerned or index in seen:
                yield f"a finding of institution {index} that may not be"
                continue
            seen.add(index)
            is_found = finding.state == type_pb2.END_STATE_FOUND
            if not self._was_said(promise, index, found(finding.records) if is_found else AMBIGUOUS):
                yield f"institution {index} never said what is passed on as its word"
            by_state[STATES.get(finding.state, "refused")] += not finding.late
        for name in ("found", "ambiguous", "refused"):
            if by_state[name] != getattr(answer.coverage, name):
                yield f"{by_state[name]} findings are {name}, {getattr(answer.coverage, name)} are counted"

    def _faults_of_missing(self, promise: Promise, answer: gateway_pb2.Answer) -> Iterator[str]:
        """Nobody is missing and nothing is nothing but by an institution's own word."""
        listed: set[int] = set()
        for missing in answer.coverage.missing:
            listed.update(missing.institutions)
            if len(missing.institutions) != getattr(answer.coverage, LISTED[missing.state]):
                yield f"{len(missing.institutions)} are listed as {LISTED[missing.state]}"
        none = promise.concerned.keys() - listed - {finding.institution for finding in answer.findings}
        if len(none) != answer.coverage.none:
            yield f"{answer.coverage.none} have nothing, {len(none)} are left over"
        for index in none:
            if not self._was_said(promise, index, NOTHING):
                yield f"institution {index} never said that it has nothing"

    def _was_said(self, promise: Promise, institution: int, word: Word) -> bool:
        asked = (institution, promise.id_number, promise.concerned[institution])
        return word in self._said.get(asked, ())

    def _concerned(self, one: journal_pb2.Admitted) -> dict[int, tuple[int, ...]]:
        """Who is in its scope, and keeps something that is asked for."""
        scope = one.scope
        asked = {
            place.index: kept(self._directory, place.index, one.entry.items)
            for place in self._directory.institutions
            if {
                gateway_pb2.REACH_ALL: True,
                gateway_pb2.REACH_BANKS: not place.is_unit,
                gateway_pb2.REACH_UNITS: place.is_unit,
                gateway_pb2.REACH_LIST: place.index in scope.institutions,
            }[scope.reach]
        }
        return {index: items for index, items in asked.items() if items}
