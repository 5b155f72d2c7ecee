"""Respondent: what the institutions behind one endpoint answer to a batch of inquiries.

They say what their books say, unless a flaw is drawn: then a part of it, twice, or nothing that can be used.
No flaw is a lie; `heard` is told of every word that leaves here, so that answers can be held against it. It
keeps no time.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from random import Random

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import type_pb2
from gateway.directory import Directory

FLAWS = ("half", "forgotten", "unavailable", "ambiguous", "refusal", "garbage", "twice")
GARBAGE = b"\xff\xff"

# What an institution said of a person: a state, and the records that came with it.
Word = tuple[bytes, ...]
NOTHING: Word = (b"NONE",)
AMBIGUOUS: Word = (b"AMBIGUOUS",)
# Institution, number of the person, and the items that were asked for and that it keeps.
Asked = tuple[int, str, tuple[int, ...]]
Records = Callable[[type_pb2.Subject, int, tuple[int, ...]], list[type_pb2.Record]]
Heard = Callable[[Asked, Word], None]


def found(records: Iterable[type_pb2.Record]) -> Word:
    """The word for these."""
    return (b"FOUND", *(record.SerializeToString(deterministic=True) for record in records))


def kept(directory: Directory, institution: int, items: Iterable[int]) -> tuple[int, ...]:
    """Of the items asked for those that it keeps; none asked for: all."""
    return _kept(directory.institutions[institution].items, tuple(items))


@cache
def _kept(kept: tuple[int, ...], items: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(code for code in kept if not items or code in items)


class Respondent:
    """Of one endpoint. `records`: what the books say of a person at an institution."""

    def __init__(
        self, directory: Directory, endpoint: int, records: Records, random: Random, counts: Counter[str]
    ) -> None:
        self._directory = directory
        self._institutions = directory.endpoints[endpoint].institutions
        self._records = records
        self._random = random
        self._counts = counts
        self.heard: Heard = lambda _asked, _word: None

    def describe(self) -> bytes:
        """What they can do."""
        response = institution_pb2.DescribeResponse(can_follow=True)
        for index in self._institutions:
            can = self._directory.institutions[index].can
            response.capabilities.add(
                institution=index,
                can_inquire="INQUIRE" in can,
                can_freeze="FREEZE" in can,
                can_deduct="DEDUCT" in can,
            )
        return response.SerializeToString()

    def replies(self, batch: institution_pb2.Batch, hello: Collection[int], flawed: float) -> list[bytes]:
        """To one batch; `flawed`: how often something is wrong with it."""
        random = self._random
        flaw = random.choice(FLAWS) if flawed and random.random() < flawed else ""
        if flaw:
            self._counts[f"answers flawed: {flaw}"] += 1
        if flaw == "garbage":
            return [GARBAGE]
        reply = institution_pb2.Reply(batch_id=batch.id)
        if flaw == "refusal":
            reply.refusal = "no"
            return [reply.SerializeToString()]
        addressed = {one for entry in batch.entries for one in entry.institutions}.union(hello)
        answering = [one for one in self._institutions if one in addressed]
        if flaw == "forgotten" and answering:
            answering.remove(random.choice(answering))
        entry_count = len(batch.entries) // (2 if flaw == "half" else 1)
        if answering:
            reply.answered.add(institutions=answering, entry_count=entry_count)
        reply.findings.extend(self._findings(batch.entries[:entry_count], hello, answering, flaw))
        return [reply.SerializeToString()] * (2 if flaw == "twice" else 1)

    def _findings(
        self,
        entries: Iterable[institution_pb2.Entry],
        hello: Collection[int],
        answering: Collection[int],
        flaw: str,
    ) -> Iterator[institution_pb2.Finding]:
        for place, entry in enumerate(entries):
            if entry.kind != institution_pb2.KIND_ASK:
                continue
            for institution in entry.institutions or hello:
                if institution in answering:
                    finding = self._finding(entry, institution, flaw)
                    if finding is not None:
                        finding.entry, finding.institution = place, institution
                        yield finding

    def _finding(
        self, entry: institution_pb2.Entry, institution: int, flaw: str
    ) -> institution_pb2.Finding | None:
        items = kept(self._directory, institution, entry.items)
        if flaw == "unavailable" and self._random.random() < 0.5:
            return institution_pb2.Finding(outcome=institution_pb2.OUTCOME_UNAVAILABLE)
        asked = (institution, entry.subject.id_number, items)
        if flaw == "ambiguous":
            self.heard(asked, AMBIGUOUS)
            return institution_pb2.Finding(outcome=institution_pb2.OUTCOME_AMBIGUOUS)
        records = self._records(entry.subject, institution, items)
        self.heard(asked, found(records) if records else NOTHING)
        if not records:
            return None
        return institution_pb2.Finding(outcome=institution_pb2.OUTCOME_FOUND, records=records)
