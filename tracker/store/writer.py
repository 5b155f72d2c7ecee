"""Writer: does work in one transaction: registers cases, records events, and keeps what follows from them.

Everything of a transaction becomes durable at once, or nothing. One piece of work that is refused harms no
other. It is called in one thread at a time, and blocks.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, Engine

from tracker.store.calendars import narrow
from tracker.store.draft import Draft
from tracker.store.head import (
    CURSOR_PREFIX,
    LAST_CASE_NO,
    LAST_SEQ,
    Head,
    put_counters,
    read_head,
    writing,
)
from tracker.store.judge import Judge
from tracker.store.leads import Leads
from tracker.store.moulds import Moulds
from tracker.store.names import Names
from tracker.store.recording import Recording
from tracker.store.registering import Registering
from tracker.store.round import Round
from tracker.store.work import Batch, Outcome, Record, Register, Work, Written

# The law of a number.
JudgeOf = Callable[[Connection, int], Judge]
NO_LAW: Final = 0


class Writer:
    """Writes one database. `judge_of` reads a law that was adopted."""

    def __init__(self, engine: Engine, judge_of: JudgeOf) -> None:
        self._engine = engine
        self._judge_of = judge_of
        self._law_id = NO_LAW
        self._judge: Judge | None = None
        self._names = Names()
        self._leads = Leads()
        self._moulds = Moulds(self._names, self._leads)
        self._is_loaded = False
        # The one that this process counts no less than, as the head has it.
        self._calendar: int | None = None

    def write(self, batches: Sequence[Batch], now_ns: int) -> Written:
        """Everything in one transaction; raises what the database raises, and then nothing was stored."""
        try:
            with writing(self._engine) as connection:
                return self._written(connection, batches, now_ns)
        except BaseException:
            # What was given in the transaction was not.
            self._names.forget()
            self._moulds.forget()
            self._is_loaded = False
            self._calendar = None
            raise

    def _written(self, connection: Connection, batches: Sequence[Batch], now_ns: int) -> Written:
        head = read_head(connection)
        before = (head.seq, head.case_no)
        if not self._is_loaded:
            self._leads.load(connection)
            self._is_loaded = True
        if self._calendar != head.calendar and any(batch.works for batch in batches):
            narrow(connection)
            self._calendar = read_head(connection).calendar
        judge, draft = self._judge_under(connection, head), Draft(head.law_id)
        one = Round(connection, judge, head, self._names, self._moulds, draft, now_ns)
        outcomes = [self._outcomes(one, batch.works) for batch in batches]
        self._leads.write(connection)
        cursors = {
            f"{CURSOR_PREFIX}{name}": value for batch in batches for name, value in batch.cursors.items()
        }
        if (head.seq, head.case_no) != before:
            cursors |= {LAST_SEQ: head.seq, LAST_CASE_NO: head.case_no}
        put_counters(connection, cursors)
        courts = frozenset(self._names.court_of(connection, number) for number in one.courts)
        return Written(outcomes, courts, head.seq)

    def _outcomes(self, one: Round, works: Sequence[Work]) -> list[Outcome]:
        """Of works of the same kind at a time: their cases are read together."""
        outcomes: list[Outcome] = []
        for kind, same in groupby(works, type):
            if kind is Register:
                found = Registering(one).register([work for work in same if isinstance(work, Register)])
            else:
                found = Recording(one).record([work for work in same if isinstance(work, Record)])
            one.draft.flush(one.connection)
            outcomes += found
        return outcomes

    def _judge_under(self, connection: Connection, head: Head) -> Judge:
        if self._judge is None or self._law_id != head.law_id:
            self._judge = self._judge_of(connection, head.law_id)
            self._law_id = head.law_id
            self._moulds.forget()
        return self._judge
