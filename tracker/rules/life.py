"""Life: when a case was open, ended for now and closed. Pure; it follows closings and resumptions alone."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final, NamedTuple

from tracker.model import Event, Pending, Status
from tracker.rules.rule import FOREVER
from tracker.rules.words import CLOSING, ENDED_FOR_NOW, MEASURE_ENDED, RESUMPTION

# What a closed case still takes, besides nodes that start with the closing.
AFTER_CLOSING: Final = frozenset({RESUMPTION, CLOSING, MEASURE_ENDED})

NEXT: Final = {
    (Status.OPEN, Status.CLOSED): Status.CLOSED,
    (Status.OPEN, Status.ENDED_FOR_NOW): Status.ENDED_FOR_NOW,
    (Status.ENDED_FOR_NOW, Status.OPEN): Status.OPEN,
    (Status.CLOSED, Status.OPEN): Status.OPEN,
}


class Phase(NamedTuple):
    """The case stood so from this day to that."""

    status: Status
    since: int
    until: int


class Life(NamedTuple):
    """Its phases one after the other, from the beginning to FOREVER; and what changed nothing."""

    phases: tuple[Phase, ...]
    pending: tuple[Pending, ...]

    @property
    def now(self) -> Phase:
        """The last one."""
        return self.phases[-1]

    def is_closed_on(self, day: int) -> bool:
        """Closed before this day, and not resumed on or before it."""
        return any(phase.status is Status.CLOSED and phase.since < day < phase.until for phase in self.phases)

    def is_ended_on(self, day: int) -> bool:
        """Ended for now before this day, and not resumed on or before it."""
        return any(
            phase.status is Status.ENDED_FOR_NOW and phase.since < day < phase.until for phase in self.phases
        )

    def was_ended_on(self, day: int) -> bool:
        """Ended for now on or before this day, and not resumed before it."""
        return any(
            phase.status is Status.ENDED_FOR_NOW and phase.since <= day <= phase.until
            for phase in self.phases
        )

    def status_after(self, day: int) -> Status:
        """How the case stood at the end of this day."""
        return next(phase.status for phase in reversed(self.phases) if phase.since <= day)

    @property
    def ends(self) -> tuple[int, ...]:
        """Days on which the case was closed or ended for now."""
        return tuple(phase.since for phase in self.phases if phase.status is not Status.OPEN)

    @property
    def resumed(self) -> tuple[int, ...]:
        """Days on which it was taken up again."""
        return tuple(phase.since for phase in self.phases[1:] if phase.status is Status.OPEN)


UNBORN: Final = Life((Phase(Status.OPEN, 0, FOREVER),), ())


def target(event: Event) -> Status:
    """How the case stands after a closing or a resumption."""
    if event.kind == RESUMPTION:
        return Status.OPEN
    return Status.ENDED_FOR_NOW if event.detail.manner == ENDED_FOR_NOW else Status.CLOSED


def life(history: Iterable[Event]) -> Life:
    """The life of a case; `history` by effective days."""
    turns = [event for event in history if event.kind in (CLOSING, RESUMPTION)]
    if not turns:
        return UNBORN
    phases = [Phase(Status.OPEN, 0, FOREVER)]
    pending: list[Pending] = []
    for day, of_day in groupby(turns, key=lambda event: event.effective):
        left = list(of_day)
        for _ in range(len(left)):
            event = next((one for one in left if (phases[-1].status, target(one)) in NEXT), None)
            if event is None:
                break
            left.remove(event)
            phases[-1] = phases[-1]._replace(until=day)
            phases.append(Phase(target(event), day, FOREVER))
        pending += [
            Pending(
                event.event_id,
                event.kind,
                "",
                "start_unknown" if event.kind == RESUMPTION else "closed_before",
            )
            for event in left
        ]
    return Life(tuple(phases), tuple(pending))
