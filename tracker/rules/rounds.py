"""Rounds: the entries of a place walked in order; a node that is started again after it was done has a second
round.

Pure. A start while the node is open changes nothing; what does a node that was never started is pending until
its start is known.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tracker.model import Event, NodeState, Pending
from tracker.rules.places import DONE, END, RENEW, RESET, RESTART, START, Entry
from tracker.rules.rule import FOREVER
from tracker.rules.words import TOLD_AGAIN


class Round(NamedTuple):
    """One time through a node: its start, and when and by which event it was done or ended."""

    start: Entry
    state: NodeState = NodeState.OPEN
    day: int = 0
    event: Event | None = None

    @property
    def last(self) -> int:
        """Until when it was open."""
        return self.day or FOREVER


class Walked(NamedTuple):
    """All rounds of a place, and what did nothing."""

    rounds: list[Round]
    pending: list[Pending]


STARTS: Final = (START, RESTART)


def walk(entries: Sequence[Entry]) -> Walked:
    """The rounds of one place; `entries` in their order."""
    if len(entries) == 1 and entries[0].act in STARTS:
        return Walked([Round(entries[0])], [])
    rounds: list[Round] = []
    is_open = is_reset = False
    pending: list[Pending] = []
    last_start = max((entry.day for entry in entries if entry.act in STARTS), default=0)
    for entry in entries:
        if entry.act in STARTS:
            if not is_open and (not rounds or is_reset or not _is_told_again(entry)):
                rounds.append(Round(entry))
                is_open, is_reset = True, False
        elif is_open and entry.act in (DONE, END):
            state = NodeState.DONE if entry.act == DONE else NodeState.ENDED
            rounds[-1] = rounds[-1]._replace(state=state, day=entry.day, event=entry.event)
            is_open, is_reset = False, entry.act == END
        elif entry.act in (END, RESET):
            is_reset = True
        elif entry.act == DONE and not rounds and entry.event is not None:
            why = "before_start" if last_start > entry.day else "start_unknown"
            pending.append(Pending(entry.event.event_id, entry.event.kind, entry.event.thing, why))
    return Walked(rounds, pending)


def _is_told_again(entry: Entry) -> bool:
    return entry.event is not None and entry.event.kind in TOLD_AGAIN


class Run(NamedTuple):
    """A measure from its beginning to its end, with the term that runs now: since when, and until when it was
    told (0: the longest). `is_alone`: nothing else was ever told of the thing's measures."""

    start: Entry
    since: int
    told: int
    state: NodeState
    day: int
    is_alone: bool


class Runs(NamedTuple):
    """All runs of a measure, and what came too late."""

    runs: list[Run]
    pending: list[Pending]


def run(entries: Sequence[Entry], due_of: Callable[[Run], int]) -> Runs:
    """The runs of one measure. A renewal after the last day does nothing: the measure has lost its effect,
    and a measure that takes effect then is another one."""
    runs: list[Run] = []
    pending: list[Pending] = []
    for entry in entries:
        now = runs[-1] if runs else None
        is_open = now is not None and now.state is NodeState.OPEN
        due = due_of(now) if now is not None and is_open else 0
        told = entry.event.detail.until if entry.event is not None else 0
        if entry.act == START:
            if now is not None and is_open and due and due < entry.day:
                runs[-1] = now._replace(state=NodeState.ENDED, day=due)
                is_open = False
            if not is_open:
                runs.append(Run(entry, entry.day, told, NodeState.OPEN, 0, len(entries) == 1))
        elif now is None or not is_open:
            continue
        elif entry.act == RENEW and due and due < entry.day and entry.event is not None:
            pending.append(Pending(entry.event.event_id, entry.event.kind, entry.event.thing, "too_late"))
        elif entry.act == RENEW:
            runs[-1] = now._replace(since=entry.day, told=told)
        elif entry.act == END:
            runs[-1] = now._replace(state=NodeState.ENDED, day=entry.day)
    return Runs(runs, pending)
