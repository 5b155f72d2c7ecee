"""Lies: an honest reply made false, or made to fail in part.

Pure: bytes in, bytes out, by way of the stubs; what is rare need not be fast. It does not choose when to
lie; scenarios does.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from chakong.institution.v1 import institution_pb2
from simulator.scenarios import Fault

GARBAGE = b"\xff\xff\xff\xff the core system says hello"
FOREIGN_BATCH_STEP = 1_000_003
# Fits nobody who is ever asked about.
STRANGER_NUMBER, STRANGER_NAME = "000000000000000000", "查无此人"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a good lie has to know."""

    message: bytes  # the batch
    hello: Collection[int]  # institutions that an entry without institutions goes to
    answering: Sequence[int]  # institutions that the honest reply names
    stranger: int  # an institution that is not behind this endpoint


def twist(reply: bytes, fault: Fault, known: Circumstances) -> bytes:
    """The reply with `fault`; as it was where there is nothing to lie about. LookupError for a fault that
    is no lie."""
    twisted = institution_pb2.Reply.FromString(reply)
    return _TWISTS[fault](twisted, known)


def decline(reply: bytes, entries: Collection[int], known: Circumstances) -> bytes:
    """The reply with these entries REFUSED by everybody who answers them."""
    twisted = institution_pb2.Reply.FromString(reply)
    for entry, institution in _questions(known):
        if entry in entries:
            _put(twisted, entry, institution, institution_pb2.OUTCOME_REFUSED).reason = "needs a paper form"
    return twisted.SerializeToString()


def refuse(batch_id: int, refusal: str) -> bytes:
    """A reply that answers nothing of the batch."""
    return institution_pb2.Reply(batch_id=batch_id, refusal=refusal).SerializeToString()


def _garbage(twisted: institution_pb2.Reply, known: Circumstances) -> bytes:
    return GARBAGE


def _foreign_batch(twisted: institution_pb2.Reply, known: Circumstances) -> bytes:
    twisted.batch_id += FOREIGN_BATCH_STEP
    return twisted.SerializeToString()


def _unknown_index(twisted: institution_pb2.Reply, known: Circumstances) -> bytes:
    entry_count = len(institution_pb2.Batch.FromString(known.message).entries)
    for institution in known.answering[:1]:
        _put(twisted, entry_count, institution, institution_pb2.OUTCOME_AMBIGUOUS)
    return twisted.SerializeToString()


def _foreign_record(twisted: institution_pb2.Reply, known: Circumstances) -> bytes:
    question = next(_questions(known), None)
    if question is not None:
        _put(twisted, *question, institution_pb2.OUTCOME_FOUND).records.add(
            item=1,
            locator="620000",
            kind="personal",
            holder_number=STRANGER_NUMBER,
            holder_name=STRANGER_NAME,
        )
    return twisted.SerializeToString()


def _wrong_institution(twisted: institution_pb2.Reply, known: Circumstances) -> bytes:
    for answered in twisted.answered[:1]:
        twisted.answered.add(institutions=[known.stranger], entry_count=answered.entry_count)
    return twisted.SerializeToString()


def _unavailable(twisted: institution_pb2.Reply, known: Circumstances) -> bytes:
    question = next(_questions(known), None)
    if question is not None:
        _put(twisted, *question, institution_pb2.OUTCOME_UNAVAILABLE)
    return twisted.SerializeToString()


_TWISTS: dict[Fault, Callable[[institution_pb2.Reply, Circumstances], bytes]] = {
    Fault.GARBAGE: _garbage,
    Fault.FOREIGN_BATCH: _foreign_batch,
    Fault.UNKNOWN_INDEX: _unknown_index,
    Fault.FOREIGN_RECORD: _foreign_record,
    Fault.WRONG_INSTITUTION: _wrong_institution,
    Fault.UNAVAILABLE: _unavailable,
}


def _questions(known: Circumstances) -> Iterator[tuple[int, int]]:
    """(entry, institution) of all that the honest reply answers."""
    for index, entry in enumerate(institution_pb2.Batch.FromString(known.message).entries):
        if entry.kind == institution_pb2.KIND_ASK:
            addressed = entry.institutions or known.hello
            yield from ((index, institution) for institution in known.answering if institution in addressed)


def _put(
    reply: institution_pb2.Reply, entry: int, institution: int, outcome: institution_pb2.Outcome.ValueType
) -> institution_pb2.Finding:
    """The one finding of this entry and institution, whatever stood there before."""
    for finding in reply.findings:
        if (finding.entry, finding.institution) == (entry, institution):
            finding.Clear()
            break
    else:
        finding = reply.findings.add()
    finding.entry, finding.institution, finding.outcome = entry, institution, outcome
    return finding
