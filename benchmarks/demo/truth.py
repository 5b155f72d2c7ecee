"""Truth: whether answers say what the institutions really have.

A NONE or FOUND that contradicts the truth, a record that is not there, and one that is missing although the
coverage claims an answer are faults, counted by name. Pure; where the truth comes from is the caller's
business.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.demo.concern import Mask
from chakong.gateway.v1.gateway_pb2 import Answer, Inquiry
from chakong.type.v1 import type_pb2
from chakong.type.v1.type_pb2 import END_STATE_AMBIGUOUS, END_STATE_FOUND, END_STATE_REFUSED
from simulator.truth import Found, Record, Subject, Truth


@dataclass(slots=True)
class Comparison:
    """Grows with each answer. `faults`: name -> how often."""

    query_count: int = 0
    record_count: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def compare(self, answer: Answer, truth: Mapping[int, Found]) -> None:
        """`answer` is the latest of an inquiry, FINAL or LATE.

        `truth` has every institution that the inquiry concerns and that has something; nobody else.
        """
        silent = {index for missing in answer.coverage.missing for index in missing.institutions}
        told: set[int] = set()
        for finding in answer.findings:
            self.faults["institution_named_twice"] += finding.institution in told
            told.add(finding.institution)
            if finding.state == END_STATE_REFUSED:
                continue
            self.faults["answered_and_missing"] += finding.institution in silent
            self._compare_finding(finding.state, list(finding.records), truth.get(finding.institution))
        # Neither in a finding nor among the missing: answered with NONE. A late NONE leaves the list too.
        self.faults["none_but_there_is_something"] += len(truth.keys() - told - silent)
        self.query_count += answer.coverage.total - len(silent)

    def _compare_finding(self, state: int, records: list[type_pb2.Record], found: Found | None) -> None:
        if found is None:
            self.faults["found_where_there_is_nothing"] += 1
            return
        self.faults["state_contradicts_truth"] += state != found.state
        if state == END_STATE_FOUND:
            came, there = Counter(map(_plain, records)), Counter(found.records)
            self.faults["record_not_there"] += (came - there).total()
            self.faults["record_missing"] += (there - came).total()
            self.record_count += len(records)
        elif state == END_STATE_AMBIGUOUS:
            self.faults["ambiguous_with_records"] += bool(records)


def found_for(truth: Truth, inquiry: Inquiry, concerned: Mask) -> dict[int, Found]:
    """Who of the concerned really has something for this inquiry, and what."""
    subject = Subject(inquiry.subject.id_type, inquiry.subject.id_number, inquiry.subject.name)
    found = truth.found(subject, frozenset(inquiry.items))
    return {institution: one for institution, one in found.items() if concerned[institution]}


def _plain(record: type_pb2.Record) -> Record:
    return Record(
        item=record.item,
        locator=record.locator,
        kind=record.kind,
        amount_fen=record.amount_fen,
        currency=record.currency,
        holder_number=record.holder_number,
        holder_name=record.holder_name,
        description=record.description,
        protected_fen=record.protected_fen,
        held_fen=record.held_fen,
        available_fen=record.available_fen,
    )
