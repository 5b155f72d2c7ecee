"""World: one seed, one thread: courts, a gateway, a network, institutions, and what befalls them.

The gateway's own code runs; replaced are the calls to institutions, the journal with the store, and the
clock. Every sentence of the judge is checked all the time; the first that does not hold ends the world.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import Any, cast

from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import journal_pb2, ledger_pb2
from gateway.edge.controls import ledger_limits
from gateway.edge.journal_schema import ADMISSION, ANSWER, CANCELLATION, LEDGER, StoredFrame
from runtime import calendar, clock
from runtime.chance import Chance
from tests.simulation import endings, script
from tests.simulation.archive import Archive
from tests.simulation.chronicle import Chronicle
from tests.simulation.courts import COURTS, Courts
from tests.simulation.desires import Desires
from tests.simulation.inquiring import Inquiring
from tests.simulation.judge import Judge
from tests.simulation.memory_journal import Disk
from tests.simulation.office import Departures, Office
from tests.simulation.promises import Promises
from tests.simulation.scribe import Scribe
from tests.simulation.script import Script
from tests.simulation.town import Town, directory
from tests.simulation.virtual_loop import SECOND_NS, StillError, VirtualLoop, VirtualTime
from tests.simulation.watcher import Watcher

DAYS = (20260130, 20260331, 20260831, 20261122, 20270228, 20271231, 20280229)
HOUR_NS = 3_600 * SECOND_NS
# A world that turns so often without an end is a fault of its own.
TURNS_MAX = 20_000


class BrokenError(Exception):
    """A sentence that must hold does not."""


@dataclass(slots=True)
class Outcome:
    """What came of a seed. `violation` empty: every sentence held. Equal hashes: the same story."""

    seed: int
    violation: str
    trace_hash: str
    counts: Counter[str]
    story: list[str] = field(default_factory=list)


class World:
    """`run` once."""

    def __init__(self, seed: int, *, tells: bool = False) -> None:
        self.seed = seed
        self.tells = tells
        self.random = Random(seed)
        self.script = Script.drawn(self.random)
        self.counts: Counter[str] = Counter()
        self.story: list[str] = []
        self._digest = blake2b(digest_size=16)
        self._violation = ""
        day = self.random.choice(DAYS)
        self.time = VirtualTime(calendar.midnight_ns(day) + 10 * HOUR_NS)
        self.chronicle = Chronicle(self.fail)
        self.scribe = Scribe(self.fail)
        self.disk = Disk(Random(self.random.getrandbits(64)), self._committed)
        self._books_changed = False
        self.town = Town(
            self.random,
            Random(self.random.getrandbits(64)),
            self.time.now_ns,
            self._books_change,
            self.counts,
            self.script.misdeeds,
            has_things=self.script.has_things,
        )
        self.archive = Archive()
        self.promises = Promises(directory(), self.fail, self.counts)
        for way in self.town.ways.values():
            way.respondent.heard = self.promises.heard
        self.judge = Judge(
            self.chronicle,
            self.town,
            self.time.now_ns,
            self.fail,
            ledger_limits(self.script.config).unknown_after_ns,
            trusts_books=not self.script.liar,
        )
        self.courts = Courts(Random(self.random.getrandbits(64)), cast("Any", self), self.counts)
        self.desires = Desires(self.courts, self.town)
        self.inquiring = Inquiring(self.courts)
        self.watchers = [Watcher(court, self.fail) for court in COURTS]
        self.office: Office | None = None
        self.loop = VirtualLoop(self.time)
        self._gone: list[Office] = []
        self._steps_judged = 0
        self._steps_before = 0
        self._turns = 0
        self.turns_to_crash = 0

    # -- running

    def run(self) -> Outcome:
        """From the beginning to the quiet at the end."""
        with replaced_clock(self.time), nothing_logged():
            try:
                self.loop.after_turn = self._after_turn
                self.loop.set_exception_handler(self._broke)
                self.loop.run_until_complete(script.play(self))
            except BrokenError:
                pass
            except StillError:
                self.fail("everything waits, and nothing will ever come")
            except Exception as error:
                error.add_note(f"in the world of seed {self.seed}")
                raise
            finally:
                self._clear()
        self.counts += self.chronicle.counts
        self.counts["commits failed"] = self.disk.commits_failed
        self.note(f"end {self._violation}")
        return Outcome(self.seed, self._violation, self._digest.hexdigest(), self.counts, self.story)

    def fail(self, sentence: str) -> None:
        """A sentence does not hold. The first counts; the world ends after this turn."""
        self._violation = self._violation or sentence

    def note(self, line: str) -> None:
        """Something happened; part of what two runs of a seed have in common."""
        line = f"{self.time.loop_ns / SECOND_NS:.6f} {line}"
        self._digest.update(line.encode())
        if self.tells:
            self.story.append(f"{calendar.date_of(self.time.now_ns())} {line}")

    def ask(self, call: Awaitable[None]) -> None:
        """Let a court's call run beside everything else, until the office crashes."""
        assert self.office is not None
        asking = self.office.asking
        task = self.loop.create_task(cast("Coroutine[Any, Any, None]", call))
        asking[task] = None
        task.add_done_callback(lambda done: asking.pop(done, None))

    # -- the gateway's life

    def start(self) -> None:
        """A gateway starts, and takes up what the journal holds."""
        assert self.office is None
        chance = Chance(self.random.getrandbits(64))
        departures = Departures(self._leaving, self._asking)
        config, ways = self.script.config, self.town.ways
        self.office = Office(config, self.disk, ways, self.archive, chance, departures)
        self.chronicle.started()
        self._steps_before = self.chronicle.step_count
        self._steps_judged = self._steps_before
        self.office.start()
        for watcher in self.watchers:
            for following in (watcher.follow_holds(self.office), watcher.follow_answers(self.office)):
                self.office.watch(self.loop.create_task(following))
        self.note(f"start {self._steps_before}")

    def stop(self) -> None:
        """The gateway is told to end, and takes its time."""
        if self.office is not None and self.office.is_open and not self.office.is_stopping:
            self.counts["stops"] += 1
            self.note("stop")
            self.office.stop()

    def crash(self) -> None:
        """The gateway is gone; what was committed stays."""
        if self.office is not None:
            self.counts["crashes"] += 1
            self.note("crash")
            self._let_go(self.office)

    def _let_go(self, office: Office) -> None:
        self.office = None
        # With a step open some of its figures are of the draft.
        is_still = office.is_recovered and office.ledger._book.draft is None
        if is_still and self.chronicle.step_count == self._steps_before + office.step_count:
            endings.compare_replayed(self, office)
        office.crash()
        self._gone.append(office)
        self.turns_to_crash = 0

    # -- what it is told

    def _committed(self, frame: StoredFrame) -> None:
        if frame.kind == LEDGER:
            step = ledger_pb2.Step.FromString(frame.body)
            self.chronicle.commit(step, frame.seq)
            self.scribe.step(step)
            self.counts["steps"] += 1
        elif frame.kind == ADMISSION:
            admission = journal_pb2.Admission.FromString(frame.body)
            self.archive.admitted(frame.court, admission)
            self.promises.admitted(frame.court, admission)
        elif frame.kind == ANSWER:
            answers = journal_pb2.Answers.FromString(frame.body)
            self.archive.answered(answers)
            self.promises.answered(frame.court, answers)
            self.scribe.answered(frame.seq, frame.court, answers)
        elif frame.kind == CANCELLATION:
            self.promises.cancelled(journal_pb2.Cancellation.FromString(frame.body))
        self.note(f"commit {frame.seq} of kind {frame.kind}, {len(frame.body)} bytes")

    def _books_change(self) -> None:
        self._books_changed = True

    def _leaving(self, endpoint: int, controls: Sequence[institution_pb2.Control]) -> None:
        assert self.office is not None
        self.counts["controls sent"] += len(controls)
        self.note(f"leave {endpoint} {[control.control_id for control in controls]}")
        self.judge.leaving(self.office.ledger, controls)

    def _asking(self, endpoint: int, batch: institution_pb2.Batch) -> None:
        self.note(f"ask {endpoint} {batch.id} {len(batch.entries)}")
        self.promises.asked(batch)

    def _broke(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, BrokenError):
            self.fail(f"something broke: {context.get('message')}: {error!r}")

    def _after_turn(self) -> None:
        self._turns += 1
        office = self.office
        if office is not None:
            if office.has_ended:
                self.note("ended")
                self._let_go(office)
                return
            if office.fault:
                self.fail(office.fault)
            self._judge(office)
            if self.turns_to_crash:
                self.turns_to_crash -= 1
                if not self.turns_to_crash:
                    self.crash()
        if self._turns > TURNS_MAX:
            self.fail(f"no rest after {TURNS_MAX} turns")
        if self._violation:
            raise BrokenError

    def _judge(self, office: Office) -> None:
        """Only when what is kept is what is durable."""
        kept = self._steps_before + office.step_count
        if not office.is_recovered or kept != self.chronicle.step_count:
            return
        if kept != self._steps_judged or self._books_changed:
            # By the time of day, not by when somebody last asked.
            self.town.advance()
        if kept != self._steps_judged:
            self._steps_judged = kept
            self._books_changed = False
            # When a day has begun since the step, a step that says what it brings is on its way.
            if calendar.day_of(self.chronicle.stepped_ns) == calendar.day_of(self.time.now_ns()):
                self.judge.after_step(office.ledger)
            else:
                self.judge.after_books(office.ledger)
        elif self._books_changed:
            self._books_changed = False
            self.judge.after_books(office.ledger)

    def _clear(self) -> None:
        """Nothing of it is left."""
        if self.office is not None:
            self.office.crash()
        self.loop.after_turn = lambda: None
        self.loop.set_exception_handler(lambda _loop, _context: None)
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            try:
                self.loop.run_until_complete(asyncio.wait(tasks))
            except StillError:
                self.fail("a task goes on after it was cancelled")
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


@contextmanager
def replaced_clock(time: VirtualTime) -> Iterator[None]:
    """The process' clock, and nothing else of the project, is another one meanwhile."""
    before = clock._PROCESS_CLOCK
    clock._PROCESS_CLOCK = time.clock()
    try:
        yield
    finally:
        clock._PROCESS_CLOCK = before


@contextmanager
def nothing_logged() -> Iterator[None]:
    """What a gateway says of its troubles is no news here."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
