"""Progress: what a person sees while a run goes on: live bars on a terminal, a plain line now and then
elsewhere.

It shows figures that it is given and holds none of its own. Standard error only; the summary goes to
standard output.
"""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from benchmarks.demo.figures import Moment
from benchmarks.demo.hold_figures import HoldMoment

PLAIN_EVERY_S = 2.0


class RunProgress:
    """Use as a context. `inquiry_count` is sent, `accepted_count` and `query_count` are to be ended.

    The clock of the bars starts with the first message. A query counts when its whole inquiry is answered.
    """

    def __init__(self, console: Console, inquiry_count: int, accepted_count: int, query_count: int) -> None:
        self._console = console
        self._totals = (inquiry_count, accepted_count, query_count)
        self._bars: Progress | None = None
        self._tasks: tuple[TaskID, ...] = ()
        self._controls: TaskID | None = None
        self._plain_at_s = 0.0
        self._holds_at_s = 0.0
        self._events: TaskID | None = None
        self._events_at_s = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description:<24}"),
                BarColumn(bar_width=36),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=self._console,
            )
            names = ("inquiries acknowledged", "inquiries answered", "queries in these answers")
            self._tasks = tuple(
                self._bars.add_task(name, total=total, start=False)
                for name, total in zip(names, self._totals, strict=True)
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def stage(self, text: str) -> None:
        """Say what begins now."""
        self._console.print(text, style="bold", highlight=False, soft_wrap=True)

    def show_holds(self, moment: HoldMoment) -> None:
        """The same of controls; how many there will be is not known before."""
        counts = f"{moment.ended_count:,} of {moment.ordered_count:,}"
        if self._bars is not None:
            if self._controls is None:
                self._controls = self._bars.add_task("controls with an outcome", total=None)
            self._bars.update(self._controls, completed=moment.ended_count, total=moment.ordered_count)
        elif moment.at_s >= self._holds_at_s:
            self._holds_at_s = moment.at_s + PLAIN_EVERY_S
            self._console.print(
                f"{moment.at_s:6.1f} s  {counts} controls have an outcome; "
                f"{moment.held_fen / 100:,.0f} yuan held",
                highlight=False,
                soft_wrap=True,
            )

    def show_events(self, at_s: float, come_count: int, wanted_count: int) -> None:
        """The same of the events that courts wait for at the tracker."""
        if self._bars is not None:
            if self._events is None:
                self._events = self._bars.add_task("events at the tracker", total=wanted_count)
            self._bars.update(self._events, completed=come_count, total=wanted_count)
        elif at_s >= self._events_at_s:
            self._events_at_s = at_s + PLAIN_EVERY_S
            self._console.print(
                f"{at_s:6.1f} s  {come_count:,} of {wanted_count:,} answers and holds are at the tracker",
                highlight=False,
                soft_wrap=True,
            )

    def show(self, moment: Moment) -> None:
        """Show these figures; elsewhere than on a terminal at most every PLAIN_EVERY_S seconds."""
        counts = (moment.acknowledged_count, moment.final_count, moment.queries_ended)
        if self._bars is not None:
            for task, count in zip(self._tasks, counts, strict=True):
                if moment.at_s > 0:
                    self._bars.start_task(task)
                self._bars.update(task, completed=count)
        elif moment.at_s >= self._plain_at_s:
            self._plain_at_s = moment.at_s + PLAIN_EVERY_S
            self._console.print(
                f"{moment.at_s:6.1f} s  {counts[0]:,} of {self._totals[0]:,} inquiries acknowledged; "
                f"{moment.queries_on_wire:,} queries sent; "
                f"{counts[1]:,} inquiries answered, with all their {counts[2]:,} queries",
                highlight=False,
                soft_wrap=True,
            )
