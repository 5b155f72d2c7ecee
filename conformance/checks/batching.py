"""Batching: limits, deadlines, order, and what is in a batch and wants no answer."""

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import Batch, Entry, Reply
from conformance import entries, replies
from conformance.check import Check
from conformance.replies import Said
from conformance.trial import TRIES, Trial
from conformance.verdict import FailedError, require, require_that


def each_batch_gets_one_reply(trial: Trial) -> None:
    """As many at a time as was agreed; in whatever order."""
    question = trial.about(trial.full)
    batches = [
        entries.batch(trial.take_batch_id(), [question]) for _ in range(trial.fixture.agreed.in_flight)
    ]
    came = trial.all_replies([entries.hello([trial.full.institution]), *batches])
    require("replies by batch", [batch.id for batch in batches], sorted(reply.batch_id for reply in came))


def batch_comes_again_on_another_stream(trial: Trial) -> None:
    home = trial.full.institution
    batch = entries.batch(trial.take_batch_id(), [trial.about(trial.full)])
    for stream in ("the first", "another"):
        word = Said.UNANSWERED
        for _ in range(TRIES):
            (reply,) = trial.replies([entries.hello([home]), batch])
            word = replies.said(reply, 0, home)
            if word is Said.FOUND:
                break
        require(f"the batch on {stream} stream", Said.FOUND, word)


def agreed_entries_are_taken(trial: Trial) -> None:
    agreed = trial.fixture.agreed
    first = entries.entry(trial.courts[0], trial.subject("unknown"))
    last = trial.about(trial.full)
    batch = entries.filled(1, first, last, agreed.batch_entries, agreed.batch_bytes)
    _take(trial, batch)


def agreed_bytes_are_taken(trial: Trial) -> None:
    agreed = trial.fixture.agreed
    first = entries.long_entry(entries.entry(trial.courts[0], trial.subject("unknown")))
    last = trial.about(trial.full)
    batch = entries.filled(1, first, last, agreed.batch_entries, agreed.batch_bytes)
    _take(trial, batch)


def full_load_is_answered_in_time(trial: Trial) -> None:
    """As many batches of as many entries as agreed, at once; in the time that one may take."""
    agreed, home = trial.fixture.agreed, trial.full.institution
    question = entries.entry(trial.courts[0], trial.subject("unknown"))
    batches = [
        entries.filled(trial.take_batch_id(), question, question, agreed.batch_entries, agreed.batch_bytes)
        for _ in range(agreed.in_flight)
    ]
    refusals = {one.refusal for one in trial.replies([entries.hello([home]), *batches]) if one.refusal}
    require_that(
        not refusals, f"{len(batches)} full batches at once answered", f"refusal: {min(refusals, default='')}"
    )


def note_is_not_answered(trial: Trial) -> None:
    """Nor is an entry of no kind; both keep their place in the numbering."""
    home = trial.full.institution
    question = trial.about(trial.full)
    note, nothing = Entry(), Entry()
    note.CopyFrom(question)
    note.kind = institution_pb2.KIND_NOTE
    nothing.CopyFrom(question)
    nothing.kind = institution_pb2.KIND_UNSPECIFIED
    for _ in range(TRIES):
        reply = trial.ask(note, nothing, question, hello=[home])
        if replies.said(reply, 2, home) is Said.FOUND:
            break
    require("the ASK behind a NOTE and an entry of no kind", Said.FOUND, replies.said(reply, 2, home))
    require("entries with a finding", [2], sorted({one.entry for one in reply.findings}))


def poison_harms_nobody_else(trial: Trial) -> None:
    """Refused whole, the batch comes again in halves until the entry is alone."""
    home = trial.full.institution
    poison = trial.fixture.subjects.poison
    court = trial.courts[0]
    odd = entries.entry(court, poison) if poison else entries.odd_entry(court)
    asked = [trial.about(trial.full), odd, trial.about(trial.full)]
    open_places = {0, 2}
    for places in ([0, 1, 2], [0, 1], [0], [1], [2]):
        batch = entries.batch(trial.take_batch_id(), [asked[place] for place in places])
        (reply,) = trial.replies([entries.hello([home]), batch])
        found = [place for at, place in enumerate(places) if replies.said(reply, at, home) is Said.FOUND]
        open_places -= set(found)
        if not reply.refusal and not open_places:
            return
    require("entries beside the poison that were never answered", set(), open_places)


def _take(trial: Trial, batch: Batch) -> None:
    """The last entry of a batch at its limit is answered as if it were alone."""
    home = trial.full.institution
    size = f"{len(batch.entries)} entries and {batch.ByteSize()} bytes"
    reply = Reply()
    for _ in range(TRIES):
        batch.id = trial.take_batch_id()
        (reply,) = trial.replies([entries.hello([home]), batch])
        if replies.said(reply, len(batch.entries) - 1, home) is Said.FOUND:
            return
    if reply.refusal:
        raise FailedError(f"a batch of {size} taken", f"refusal: {reply.refusal}")
    came = replies.said(reply, len(batch.entries) - 1, home)
    raise FailedError(f"the last entry of a batch of {size}: FOUND", came.value)


CHECKS = (
    Check(
        301,
        "Each batch gets one reply, in any order",
        "institution.proto, Inquire: replies may come in any order; each names its batch",
        each_batch_gets_one_reply,
    ),
    Check(
        302,
        "A batch that comes again on another stream is answered again",
        "institution.proto, Inquire: sent again, with the same id, on another stream",
        batch_comes_again_on_another_stream,
    ),
    Check(
        303,
        "A batch of as many entries as agreed is taken",
        "institution.proto, Batch: at most the endpoint's agreed number of entries and bytes",
        agreed_entries_are_taken,
    ),
    Check(
        304,
        "A batch of as many bytes as agreed is taken",
        "institution.proto, Batch: at most the endpoint's agreed number of entries and bytes",
        agreed_bytes_are_taken,
    ),
    Check(
        305,
        "As many full batches at once as agreed are answered in the agreed time",
        "docs/institutions.md, What is agreed beforehand; Failures and limits",
        full_load_is_answered_in_time,
    ),
    Check(
        306,
        "A NOTE, and an entry of no kind, is not answered and keeps its place",
        "institution.proto, Kind: NOTE is to be booked, not to be answered",
        note_is_not_answered,
    ),
    Check(
        307,
        "A poison entry harms no other",
        "institution.proto, Inquire: a batch that cannot be processed is refused; the stream goes on",
        poison_harms_nobody_else,
    ),
)
