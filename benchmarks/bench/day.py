"""Day: a nation's day: 54,600 inquiries of everybody, all answered, and the projection caught up.

As many messages of as many courts as come: eight courts send at once, each watches its own answers. The clock
starts with the first message and stops when the last answer has come and every row is in the tables; a sample
is then read back from them. Also a command of its own: `python -m benchmarks.bench.day`.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.bench.processes import Processes
from benchmarks.bench.readback import expect_in_tables, latest
from benchmarks.bench.result import Result
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, connected, figures, run
from benchmarks.bench.streams import COURTS, LAST_FRAME, Streams
from benchmarks.bench.waves import ENDPOINT_COUNT, Waves
from benchmarks.interrupt import EXIT_INTERRUPTED
from benchmarks.resident import Resident
from benchmarks.scrape import Scrape
from benchmarks.stack import Stack
from runtime.config import quiet_grpc

NAME = "day.seconds"
UNIT = "s"
EXIT_WRONG = 1
# New cases of a day in the whole country.
INQUIRY_COUNT = 54_600
MESSAGE_INQUIRIES = 2_275
MESSAGES_PER_COURT = 3
# A tenth, when it has to be quick; its time is taken ten times.
QUICK_SHARE = 10
LOOK_EVERY_S = 0.25
DAY_S_MAX = 600.0
PLAIN_EVERY_S = 2.0
# Of each court, those whose answer is compared with the tables; evenly chosen.
SAMPLE_COUNT = 50
BEHIND = "chakong_projection_behind_frames"
FINAL = "chakong_inquiries_final_total"
ACCEPTED = "chakong_inquiries_accepted_total"
ENDED = "chakong_queries_ended_total"


@dataclass(frozen=True, slots=True)
class Day:
    """What it took. `answered_s`: until the last answer; `seconds`: until the projection had caught up."""

    seconds: float
    answered_s: float
    inquiry_count: int
    query_count: int
    record_count: int
    busy_s: dict[str, float]
    peaks_bytes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """How far it is."""

    at_s: float
    accepted_count: int
    final_count: int
    query_count: int
    frame_count: int
    behind_frames: int


Show = Callable[[Moment], None]
Say = Callable[[str], None]


def measure(quick: bool) -> Iterable[Result]:
    """Half a minute, some seconds when quick."""
    days = run(_days(QUICK_SHARE if quick else 1, 1 if quick else 3))
    share = QUICK_SHARE if quick else 1
    extra: dict[str, Any] = {
        "share_of_a_day": 1 / share,
        "days": [
            {
                "inquiries": day.inquiry_count,
                "queries": day.query_count,
                "records": day.record_count,
                "answered_s": round(day.answered_s, 2),
                "caught_up_s": round(day.seconds, 2),
                "processor_s": day.busy_s,
                "peaks_bytes": day.peaks_bytes,
            }
            for day in days
        ],
    }
    yield Result(NAME, UNIT, tuple(day.seconds * share for day in days), extra=extra)


def run_day(console: Console) -> int:
    """Run one day and show it; 0 when all was right, 1 when something was wrong or broke down, 130 when
    interrupted."""
    console.print(
        f"A nation's day: {INQUIRY_COUNT:,} inquiries of 8 courts, each put to all 3,916 institutions at 372 "
        "endpoints",
        style="bold",
        highlight=False,
        soft_wrap=True,
    )
    try:
        with _Shown(console) as shown:
            day = run(one_day(1, shown.show, shown.stage))
    except KeyboardInterrupt:
        console.print("interrupted; everything that was started is stopped")
        return EXIT_INTERRUPTED
    except (Exception, BaseExceptionGroup) as error:
        for cause in _causes(error):
            console.print(f"{type(cause).__name__}: {cause}", style="bold red", markup=False, soft_wrap=True)
        return EXIT_WRONG
    for line in _summary(day):
        console.print(line, highlight=False, soft_wrap=True)
    return 0


async def one_day(share: int, show: Show, say: Say) -> Day:
    """A whole day, or one in `share` of its inquiries. WrongAnswerError; RuntimeError when a process ends;
    TimeoutError."""
    with scratch_folder() as folder:
        async with Stack(config(folder)) as stack, Streams(stack, len(COURTS)) as streams:
            await connected(stack, ENDPOINT_COUNT)
            return await _day(stack, streams, share, show, say)


async def _days(share: int, count: int) -> list[Day]:
    """Each on a stack of its own: an empty journal, empty tables."""
    return [await one_day(share, lambda _: None, lambda _: None) for _ in range(count)]


async def _day(stack: Stack, streams: Streams, share: int, show: Show, say: Say) -> Day:
    waves = Waves(stack)
    processes, resident = Processes(stack.pids), Resident(stack.pids)
    size = MESSAGE_INQUIRIES // share
    loads = waves.loads(streams, len(COURTS), MESSAGES_PER_COURT, size)
    processes.start()
    started = perf_counter()
    async with asyncio.timeout(DAY_S_MAX), asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(resident.watch())
        answering = tasks.create_task(streams.round(loads))
        await _caught_up(stack, waves.sent_count, started, show)
        seconds = perf_counter() - started
        watching.cancel()
    busy_s = processes.seconds()
    say("The clock has stopped; reading all answers, and comparing samples with the truth and the tables")
    came = answering.result()
    answered = waves.read(came)
    answers, own_count = latest(came.answers), MESSAGES_PER_COURT * size
    for at in range(len(COURTS)):
        sample = range(at * own_count, (at + 1) * own_count, max(1, own_count // SAMPLE_COUNT))
        await expect_in_tables(stack, streams.court_of(at), [answers[order] for order in sample])
    return Day(
        max(seconds, came.seconds),
        came.seconds,
        waves.sent_count,
        answered.query_count,
        answered.record_count,
        busy_s,
        dict(resident.peaks),
    )


async def _caught_up(stack: Stack, inquiry_count: int, started: float, show: Show) -> None:
    """Look until every inquiry is final and no frame is left to project."""
    while True:
        stack.require_alive()
        moment = _moment(await figures(stack), perf_counter() - started)
        show(moment)
        if moment.final_count >= inquiry_count and not moment.behind_frames:
            return
        await asyncio.sleep(LOOK_EVERY_S)


def _moment(now: Scrape, at_s: float) -> Moment:
    return Moment(
        at_s,
        int(now.total(ACCEPTED)),
        int(now.total(FINAL)),
        int(now.total(ENDED)),
        int(now.total(LAST_FRAME)),
        int(now.total(BEHIND)),
    )


class _Shown:
    """Bars on a terminal, a line now and then elsewhere. Use as a context."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: Progress | None = None
        self._plain_at_s = 0.0

    def __enter__(self) -> "_Shown":
        if self._console.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description:<22}"),
                BarColumn(bar_width=36),
                TextColumn("{task.completed:>11,} of {task.total:,}"),
                TimeElapsedColumn(),
                console=self._console,
            )
            for name, total in (
                ("inquiries accepted", INQUIRY_COUNT),
                ("inquiries answered", INQUIRY_COUNT),
                ("queries answered", INQUIRY_COUNT * 3_916),
                # How many there will be is not known before.
                ("frames in the tables", 1),
            ):
                self._bars.add_task(name, total=total)
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def stage(self, text: str) -> None:
        """Say what begins now."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def show(self, moment: Moment) -> None:
        """Tell how far it is."""
        counts = (moment.accepted_count, moment.final_count, moment.query_count)
        if self._bars is not None:
            *tasks, projected = self._bars.task_ids
            for task, count in zip(tasks, counts, strict=True):
                self._bars.update(task, completed=count)
            # The last frame comes with the last answer; until then the bar is not full.
            is_last = moment.final_count >= INQUIRY_COUNT
            frame_count = moment.frame_count + (not is_last)
            self._bars.update(
                projected, total=frame_count, completed=moment.frame_count - moment.behind_frames
            )
        elif moment.at_s >= self._plain_at_s:
            self._plain_at_s = moment.at_s + PLAIN_EVERY_S
            self._console.print(
                f"{moment.at_s:6.1f} s  {counts[0]:,} inquiries accepted, {counts[1]:,} answered with "
                f"{counts[2]:,} queries; {moment.behind_frames:,} frames still to be projected",
                highlight=False,
                soft_wrap=True,
            )


def _summary(day: Day) -> list[str]:
    busy = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in day.busy_s.items())
    rate = day.query_count / day.answered_s / 1e6
    return [
        f"{day.query_count:,} queries answered in {day.answered_s:.1f} s, {rate:.1f} million a second",
        f"{day.record_count:,} records found",
        f"All of it in the tables after {day.seconds:.1f} s",
        f"Processor time: {busy}",
        "Every inquiry answered once, every coverage adds up; samples compared with the truth and the tables",
    ]


def _causes(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [cause for inner in error.exceptions for cause in _causes(inner)]
    return [error]


def main() -> int:
    """The exit code of `run_day`."""
    quiet_grpc()
    return run_day(Console())


if __name__ == "__main__":
    sys.exit(main())
