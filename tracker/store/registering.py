"""Registering: puts new cases, with what is known to have happened in them, into a round's draft.

A case that is there already, with the same content, is repeated and changes nothing; with other content it is
refused. Whether a message is well formed was checked before.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from sqlalchemy import select

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.errors import CallError
from tracker.errors import ReusedError
from tracker.store.draft import Mould, Place
from tracker.store.judge import COURT, Told
from tracker.store.moulds import key_of
from tracker.store.round import Round
from tracker.store.tables import CASES
from tracker.store.work import Outcome, Register

DIGEST_BYTES: Final = 16
# Of one statement; SQLite takes 32,766 parameters.
NUMBERS_AT_ONCE: Final = 4_096

Known = dict[tuple[str, int], tuple[int, bytes]]


class Registering:
    """Of one round."""

    def __init__(self, one: Round) -> None:
        self._round = one
        # By number and digest, cases wherever they are: one that went to another court is still registered.
        self._moved: dict[tuple[str, bytes], int] = {}

    def register(self, works: Sequence[Register]) -> list[Outcome]:
        """An outcome for each."""
        known = self._known([work.request.case.case_number for work in works])
        one = self._round
        courts = {court: one.names.court(one.connection, court) for court in {work.court for work in works}}
        return [self._one(work.request, courts[work.court], known) for work in works]

    def _known(self, numbers: Sequence[str]) -> Known:
        """Cases with these numbers, of whatever court."""
        found: Known = {}
        for start in range(0, len(numbers), NUMBERS_AT_ONCE):
            statement = select(CASES.c.case_number, CASES.c.court_id, CASES.c.case_no, CASES.c.digest).where(
                CASES.c.case_number.in_(numbers[start : start + NUMBERS_AT_ONCE])
            )
            for number, court_id, case_no, digest in self._round.connection.execute(statement):
                found[number, court_id] = (case_no, bytes(digest))
                self._moved[number, bytes(digest)] = case_no
        return found

    def _one(self, request: tracker_pb2.RegisterCaseRequest, court_id: int, known: Known) -> Outcome:
        one, case, number = self._round, request.case, request.case.case_number
        # A list: each time that a message is asked for its parts, it makes objects for them.
        events = list(request.events)
        registration = case.SerializeToString()
        bodies = [event.SerializeToString() for event in events]
        digest = _digest((registration, *bodies))
        if (there := known.get((number, court_id))) is not None:
            case_no, old_digest = there
            if old_digest == digest:
                return Outcome(case_no, is_repeated=True)
            text = "case_number: was registered before with another content"
            return Outcome(error=ReusedError(text))
        if (moved := self._moved.get((number, digest))) is not None:
            return Outcome(moved, is_repeated=True)
        mould = self._mould(case, events)
        if isinstance(mould, CallError):
            return Outcome(error=mould)
        case_no = one.next_case_no()
        known[number, court_id] = (case_no, digest)
        handler = case.handler if mould.handler is None else mould.handler
        handler_id = one.names.handler(one.connection, court_id, handler)
        place = Place(court_id, handler_id, case.level or case_pb2.COURT_LEVEL_BASIC)
        now_ns = one.now_ns
        one.draft.add_case(case_no, place, (number, now_ns, registration, digest), mould)
        seqs = one.next_seqs(len(events))
        for seq, event, body in zip(seqs, events, bodies, strict=True):
            told = (event.event_id, event.kind, event.effective)
            one.draft.events.append((seq, case_no, court_id, *told, now_ns, COURT, body))
        if events:
            one.courts.add(court_id)
        return Outcome(case_no)

    def _mould(self, case: case_pb2.Case, events: Sequence[case_pb2.Event]) -> Mould | CallError:
        """How such a case stands, or why these events cannot be its first ones."""
        one = self._round
        key = key_of(case, events)
        mould = one.moulds.known(key, one.today)
        if mould is not None:
            return mould
        if (error := one.judge.case_refusal(case)) is not None:
            return error
        told = [Told(event, one.now_ns, COURT) for event in events]
        if (error := one.judge.first_refusal(case, told)) is not None:
            return error
        mould = one.moulds.made(one.connection, one.judge.stand(case, told, one.now_ns))
        one.moulds.remember(key, mould)
        return mould


def _digest(bodies: Sequence[bytes]) -> bytes:
    """Of a registration and its events, each behind its length."""
    content = b"".join([part for body in bodies for part in (len(body).to_bytes(4, "big"), body)])
    return blake2b(content, digest_size=DIGEST_BYTES).digest()
