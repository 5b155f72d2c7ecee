"""Registering: puts new cases, with what is known to have happened in them, into a round's draft.

A case that is there already, with the same content, is repeated and changes nothing; with other content it is
refused. Whether a message is well formed was checked before.
"""

from collections.abc import Sequence
from typing import Final

from chakong.tracker.v1 import case_pb2
from runtime.errors import CallError
from tracker.errors import ReusedError
from tracker.store.draft import Mould, Place
from tracker.store.judge import COURT, Told
from tracker.store.round import Round
from tracker.store.rows import find_rows
from tracker.store.tables import CASES
from tracker.store.work import Outcome, Register

# Of one statement; SQLite takes 32,766 parameters.
NUMBERS_AT_ONCE: Final = 4_096


class Registering:
    """Of one round."""

    def __init__(self, one: Round) -> None:
        self._round = one
        self._known: dict[tuple[str, int], tuple[int, bytes]] = {}
        # By number and digest, cases wherever they are: one that went to another court is still registered.
        self._moved: dict[tuple[str, bytes], int] = {}

    def register(self, works: Sequence[Register]) -> list[Outcome]:
        """An outcome for each."""
        self._know([work.case_number for work in works])
        one = self._round
        courts = {court: one.names.court(one.connection, court) for court in {work.court for work in works}}
        return [self._one(work, courts[work.court]) for work in works]

    def _know(self, numbers: Sequence[str]) -> None:
        """Cases with these numbers, of whatever court."""
        columns = ("case_number", "court_id", "case_no", "digest")
        for start in range(0, len(numbers), NUMBERS_AT_ONCE):
            some = numbers[start : start + NUMBERS_AT_ONCE]
            for number, court_id, case_no, digest in find_rows(self._round.connection, CASES, columns, some):
                self._known[number, court_id] = (case_no, bytes(digest))
                self._moved[number, bytes(digest)] = case_no

    def _one(self, work: Register, court_id: int) -> Outcome:
        one, number, digest = self._round, work.case_number, work.digest
        if (there := self._known.get((number, court_id))) is not None:
            case_no, old_digest = there
            if old_digest == digest:
                return Outcome(case_no, is_repeated=True)
            text = "case_number: was registered before with another content"
            return Outcome(error=ReusedError(text))
        if self._moved and (moved := self._moved.get((number, digest))) is not None:
            return Outcome(moved, is_repeated=True)
        mould = self._mould(work)
        if isinstance(mould, CallError):
            return Outcome(error=mould)
        case_no = one.next_case_no()
        self._known[number, court_id] = (case_no, digest)
        handler = work.case.handler if mould.handler is None else mould.handler
        handler_id = one.names.handler(one.connection, court_id, handler)
        place = Place(court_id, handler_id, work.case.level or case_pb2.COURT_LEVEL_BASIC)
        now_ns = one.now_ns
        one.draft.add_case(case_no, place, (number, now_ns, work.registration, digest), mould)
        seqs = one.next_seqs(len(work.events))
        one.draft.events += [
            (seq, case_no, court_id, event.event_id, event.kind, event.effective, now_ns, COURT, body)
            for seq, event, body in zip(seqs, work.events, work.bodies, strict=True)
        ]
        if work.events:
            one.courts.add(court_id)
        return Outcome(case_no)

    def _mould(self, work: Register) -> Mould | CallError:
        """How such a case stands, or why these events cannot be its first ones."""
        one, case = self._round, work.case
        mould = one.moulds.known(work.key, one.today)
        if mould is not None:
            return mould
        if (error := one.judge.case_refusal(case)) is not None:
            return error
        told = [Told(event, one.now_ns, COURT) for event in work.events]
        if (error := one.judge.first_refusal(case, told)) is not None:
            return error
        mould = one.moulds.made(one.connection, one.judge.stand(case, told, one.now_ns))
        one.moulds.remember(work.key, mould)
        return mould
