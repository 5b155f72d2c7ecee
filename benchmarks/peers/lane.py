"""Lane of the twin: what waits for one endpoint, the batches cut from it, and what a reply says of one.

A reply is taken whole or not at all: what contradicts its batch is a ValueError, and nothing has changed.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.peers.book import Ask, Findings
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from gateway.edge.raw import field_varint


class Piece(NamedTuple):
    """One question at one endpoint, and the encoded field of Batch.entries."""

    ask: Ask
    institutions: int
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries to send, with the names of the Engine's."""

    endpoint: int
    id: int
    message: bytes
    pieces: tuple[Piece, ...]

    @property
    def entry_count(self) -> int:
        return len(self.pieces)


@dataclass(slots=True)
class Lane:
    endpoint: int
    entries_max: int
    bytes_max: int
    in_flight_max: int
    waiting: deque[Piece] = field(default_factory=deque)
    in_flight: dict[int, Batch] = field(default_factory=dict)
    next_id: int = 1

    @property
    def has_room(self) -> bool:
        return len(self.in_flight) < self.in_flight_max

    def cut(self) -> Batch:
        """The next batch, up to the endpoint's limits; something waits."""
        pieces: list[Piece] = []
        size_bytes = 16
        while self.waiting and len(pieces) < self.entries_max:
            size_bytes += len(self.waiting[0].encoded)
            if pieces and size_bytes > self.bytes_max:
                break
            pieces.append(self.waiting.popleft())
        message = field_varint(1, self.next_id) + b"".join([piece.encoded for piece in pieces])
        batch = Batch(self.endpoint, self.next_id, message, tuple(pieces))
        self.in_flight[batch.id] = batch
        self.next_id += 1
        return batch


@dataclass(slots=True)
class Said:
    """What a reply says of one entry beyond "nothing". `unavailable`: who could not look, as bits."""

    findings: Findings = field(default_factory=dict)
    unavailable: int = 0


def said_of(reply: institution.Reply, batch: Batch, answered: list[tuple[int, int]]) -> dict[int, Said]:
    """By entry. `answered`: institutions as bits, and how many entries they answered."""
    by_entry: dict[int, Said] = {}
    for finding in reply.findings:
        place, index = finding.entry, finding.institution
        if place >= batch.entry_count:
            raise ValueError(f"finding.entry: {place} given, below {batch.entry_count} allowed")
        addressed = batch.pieces[place].institutions
        if not (
            addressed >> index & 1 and any(who >> index & 1 and place < count for who, count in answered)
        ):
            raise ValueError(f"finding.institution: {index} given, not asked or not in `answered`")
        said = by_entry.setdefault(place, Said())
        if index in said.findings or said.unavailable >> index & 1:
            raise ValueError(f"finding: second one for entry {place} and institution {index}")
        if finding.outcome == institution.OUTCOME_UNAVAILABLE:
            said.unavailable |= 1 << index
        else:
            said.findings[index] = _passed_on(finding, batch.pieces[place].ask.subject)
    return by_entry


def _passed_on(finding: institution.Finding, subject: types.Subject) -> gateway.Finding:
    """The court's form of it: records only where all of them fit both number and name."""
    if finding.outcome == institution.OUTCOME_REFUSED:
        return gateway.Finding(
            institution=finding.institution, state=types.END_STATE_REFUSED, reason=finding.reason
        )
    if finding.outcome not in (institution.OUTCOME_FOUND, institution.OUTCOME_AMBIGUOUS):
        raise ValueError(f"finding.outcome: {finding.outcome} given, 1 to 4 allowed")
    is_found = finding.outcome == institution.OUTCOME_FOUND
    if is_found and not finding.records:
        raise ValueError("finding.records: none given with FOUND")
    for record in finding.records:
        fits = (record.holder_number == subject.id_number) + (record.holder_name == subject.name)
        if not fits:
            raise ValueError("finding.records: one fits neither the number nor the name")
        is_found = is_found and fits == 2
    if is_found:
        return gateway.Finding(
            institution=finding.institution, state=types.END_STATE_FOUND, records=finding.records
        )
    return gateway.Finding(institution=finding.institution, state=types.END_STATE_AMBIGUOUS)
