"""Answering: institutions that answer every batch at once; a few of them have found something.

Who has what is a function of the subject's number alone, so an answer can be checked to the last count. The
replies are made outside what is measured.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import type_pb2
from gateway._core import Batch, Engine
from gateway.directory import Directory
from gateway.directory.model import INQUIRE

# Records that a nationwide inquiry brings: a wave of 4,000 finds some 20,000.
FOUND_COUNT = 5
# Prime to any number of institutions up to 4,096 that it does not divide: the finders of a subject differ.
STRIDE = 787
ENGINE_KEY = b"benchmark of 16b"


def open_engine(
    directory: Directory, *, is_open: bool = True, inquiries_max: int = 2_000_000, asks_max: int = 16_000_000
) -> Engine:
    """An Engine over this directory; `is_open`: every endpoint takes as many batches as it agreed to. The
    limits are the gateway's own unless a benchmark needs others."""
    engine = Engine(ENGINE_KEY, inquiries_max=inquiries_max, asks_max=asks_max)
    engine.set_directory(directory.snapshot())
    for endpoint in directory.endpoints:
        engine.open_endpoint(endpoint.index, endpoint.in_flight_max if is_open else 0)
    return engine


def smaller(directory: Directory, count: int) -> Directory:
    """A directory of `count` of its institutions, evenly chosen, and of the endpoints that speak for them."""
    total = len(directory.institutions)
    chosen = [directory.institutions[number * total // count] for number in range(count)]
    keys = sorted({one.endpoint for one in chosen})
    endpoint_index = {old: new for new, old in enumerate(keys)}
    institutions = tuple(
        replace(one, index=index, endpoint=endpoint_index[one.endpoint]) for index, one in enumerate(chosen)
    )
    members: dict[int, list[int]] = {index: [] for index in range(len(keys))}
    for one in institutions:
        members[one.endpoint].append(one.index)
    endpoints = tuple(
        replace(directory.endpoints[old], index=new, institutions=tuple(members[new]))
        for old, new in endpoint_index.items()
    )
    return Directory(institutions, endpoints)


@dataclass(frozen=True, slots=True)
class _Finding:
    """One to be put into a reply: which entry of the batch, and whose it is."""

    entry: int
    institution: int
    subject: type_pb2.Subject
    item: int


class Answering:
    """The institutions of a directory. `found_count` of them have a record of each subject, where they are
    asked for an item they keep."""

    def __init__(self, directory: Directory, found_count: int = FOUND_COUNT) -> None:
        self._institutions = directory.institutions
        self._capable = [one.index for one in directory.institutions if INQUIRE in one.can]
        capable = set(self._capable)
        self._answered = [
            [index for index in endpoint.institutions if index in capable] for endpoint in directory.endpoints
        ]
        self._found_count = min(found_count, len(self._capable))
        self._message = b""
        self._findings: dict[int, list[_Finding]] = {}
        self.finding_count = 0

    @property
    def capable_count(self) -> int:
        """How many institutions can be inquired of."""
        return len(self._capable)

    @property
    def incapable_count(self) -> int:
        """How many cannot."""
        return len(self._institutions) - len(self._capable)

    def finders(self, id_number: str) -> list[int]:
        """The institutions that have a record of the subject; each once."""
        start = zlib.crc32(id_number.encode())
        places = ((start + step * STRIDE) % len(self._capable) for step in range(self._found_count))
        return list(dict.fromkeys(self._capable[place] for place in places))

    def reply(self, batch: Batch) -> bytes:
        """All behind the endpoint looked at all of it; `finding_count` counts what they found."""
        if batch.message is not self._message:
            self._message, self._findings = batch.message, self._findings_of(batch.message)
        reply = institution_pb2.Reply(batch_id=batch.id)
        reply.answered.add(institutions=self._answered[batch.endpoint], entry_count=batch.entry_count)
        for finding in self._findings.get(batch.endpoint, ()):
            self.finding_count += 1
            made = reply.findings.add(
                entry=finding.entry, institution=finding.institution, outcome=institution_pb2.OUTCOME_FOUND
            )
            made.records.add(
                item=finding.item,
                locator=f"6222020200{finding.institution:09}",
                kind="personal",
                amount_fen=1_234_500 + finding.entry,
                currency="CNY",
                holder_number=finding.subject.id_number,
                holder_name=finding.subject.name,
            )
        return reply.SerializeToString()

    def replies(self, batches: Sequence[Batch]) -> list[tuple[int, bytes]]:
        """(endpoint, reply) for each."""
        return [(batch.endpoint, self.reply(batch)) for batch in batches]

    def _findings_of(self, message: bytes) -> dict[int, list[_Finding]]:
        """By endpoint. Endpoints with the same cut get the same message: it is read once."""
        found: dict[int, list[_Finding]] = {}
        for number, entry in enumerate(institution_pb2.Batch.FromString(message).entries):
            if entry.kind == institution_pb2.KIND_ASK:
                for finding in self._of_entry(number, entry):
                    found.setdefault(self._institutions[finding.institution].endpoint, []).append(finding)
        return found

    def _of_entry(self, number: int, entry: institution_pb2.Entry) -> Iterator[_Finding]:
        wanted = set(entry.items)
        for index in self.finders(entry.subject.id_number):
            kept = self._institutions[index].items
            item = next((code for code in kept if not wanted or code in wanted), 0)
            if item and (not entry.institutions or index in entry.institutions):
                yield _Finding(number, index, entry.subject, item)
