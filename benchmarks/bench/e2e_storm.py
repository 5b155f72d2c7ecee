"""End to end, storm: waves of everybody while some hubs are dead, some slow and some batches fail; on a calm
day too, in turn.

The simulator's storm: 1 % of the endpoints never answer, 5 % take seconds for a batch, of all batches 2 %
fail. No inquiry is final before its deadline then, so what is measured is the time until all queries at the
prompt endpoints, neither dead nor slow, had ended. Followers tell: inquiries about every hundredth subject
again, at the prompt institutions alone, which join the open queries and are final with the last of these.
Queries a second are those at the prompt institutions, of both days alike. Every answer is read, and must say
of exactly the dead that they are LATE or UNREACHABLE.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from benchmarks.bench.answered import NOBODY, SEED, Checker, Mute, Wanted
from benchmarks.bench.messages import Template
from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, connected, figures, run, settled
from benchmarks.bench.streams import Load, Round, Streams
from benchmarks.bench.waves import ENDPOINT_COUNT, Waves, cuts
from benchmarks.stack import Stack
from chakong.gateway.v1.gateway_pb2 import (
    REACH_LIST,
    STAGE_FINAL,
    Scope,
    SubmitBulkResponse,
    WatchResponse,
)
from chakong.type.v1.type_pb2 import END_STATE_LATE, END_STATE_UNREACHABLE
from simulator.layout import INQUIRE, Layout
from simulator.scenarios import MIXTURES, Role, Scenario

NAME = "e2e.storm_queries_per_second"
UNIT = "queries/s"
# Of so many subjects one is followed; order numbers from FIRST_FOLLOWER on are followers'.
STEP = 100
FIRST_FOLLOWER = 1_000_000_000
# How a query ends behind an endpoint of this part; docs/scenarios.md.
ENDS = {
    Role.CLOSED: (END_STATE_UNREACHABLE,),
    Role.SILENT: (END_STATE_LATE, END_STATE_UNREACHABLE),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A run is `wave_count` messages of `wave_size`. `deadline_s`: the slow must have answered by then."""

    wave_size: int
    wave_count: int
    run_count: int
    deadline_s: int


QUICK = Plan(4_000, 2, 1, 15)
FULL = Plan(4_000, 10, 2, 60)


@dataclass(frozen=True, slots=True)
class Lap:
    """`prompt_s`: until every query at a prompt institution had ended; `final_s`: until the last answer."""

    prompt_count: int
    prompt_s: float
    query_count: int
    final_s: float

    @property
    def queries_per_second(self) -> float:
        return self.prompt_count / self.prompt_s


def measure(quick: bool) -> Iterable[Result]:
    """Half a minute when quick, else two: each run of the storm lasts to its deadline."""
    yield run(over_plan(QUICK if quick else FULL))


async def over_plan(plan: Plan) -> Result:
    """Both days on stacks of their own; one rests while the other runs."""
    layout = Layout.load()
    storm = Scenario(MIXTURES["storm"], SEED, layout)
    dead_count = sum(cast.role in ENDS for cast in storm.casts.values())
    with scratch_folder() as folder:
        stormy_folder = folder / "storm"
        stormy_folder.mkdir()
        stormy, calm = Stack(config(stormy_folder, "storm")), Stack(config(folder))
        async with stormy, calm, Streams(stormy) as stormy_streams, Streams(calm) as calm_streams:
            await connected(stormy, ENDPOINT_COUNT - dead_count)
            await connected(calm, ENDPOINT_COUNT)
            prompt = prompt_of(storm, layout)
            stormy_day = Day(stormy, stormy_streams, plan, prompt, mute_of(storm, layout))
            calm_day = Day(calm, calm_streams, plan, prompt)
            laps: list[Lap] = []
            calm_laps: list[Lap] = []
            before = await figures(stormy)
            for _ in range(plan.run_count):
                calm_laps.append(await calm_day.lap())
                laps.append(await stormy_day.lap())
            after = await settled(stormy, stormy_day.sent_count)
    return Result(
        NAME,
        UNIT,
        tuple(lap.queries_per_second for lap in laps),
        tuple(lap.queries_per_second for lap in calm_laps),
        "the same on a calm day",
        extra={**_told(storm, laps, plan), "cuts": cuts(before, after)},
    )


class Day:
    """One stack and its waves. `prompt`: institutions of which both days are measured."""

    def __init__(
        self, stack: Stack, streams: Streams, plan: Plan, prompt: Sequence[int], mute: Mute = NOBODY
    ) -> None:
        self.waves = Waves(stack, deadline_s=plan.deadline_s, mute=mute)
        self._streams = streams
        self._plan = plan
        self._prompt_count = len(prompt)
        self._followers = Template(Scope(reach=REACH_LIST, institutions=prompt), deadline_s=plan.deadline_s)
        self._checker = Checker(mute)
        self.sent_count = 0

    async def lap(self) -> Lap:
        """All messages of a run, each with its followers behind it; WrongAnswerError for a wrong answer."""
        plan = self._plan
        first = self.waves.sent_count
        (load,) = self.waves.loads(self._streams, 1, plan.wave_count, plan.wave_size)
        messages: list[bytes] = []
        for wave, message in enumerate(load.messages):
            subjects = np.arange(first + wave * plan.wave_size, first + (wave + 1) * plan.wave_size, STEP)
            messages += [message, self._followers.message(FIRST_FOLLOWER + subjects, subjects)]
        follower_count = plan.wave_count * len(range(0, plan.wave_size, STEP))
        self.sent_count += load.inquiry_count + follower_count
        came = await self._streams.round([Load(tuple(messages), load.inquiry_count + follower_count)])
        waves, followed_s = followed(came, follower_count, self._prompt_count)
        answered = self._checker.check(waves, Wanted(first, load.inquiry_count))
        return Lap(load.inquiry_count * self._prompt_count, followed_s, answered.query_count, came.seconds)


def followed(came: Round, follower_count: int, prompt_count: int) -> tuple[Round, float]:
    """The round without followers, and when the last of these was final. WrongAnswerError unless all of them
    were accepted, joined every query, and are final and fully answered."""
    accepted = sum(SubmitBulkResponse.FromString(one).accepted for one in came.acknowledgements[1::2])
    expect("followers accepted", accepted, follower_count)
    others: list[bytes] = []
    final_s: dict[str, float] = {}
    for message, arrived_s in zip(came.answers, came.arrived_s, strict=True):
        rest = WatchResponse()
        for answer in WatchResponse.FromString(message).answers:
            if int(answer.order_id.removeprefix("b-")) < FIRST_FOLLOWER:
                rest.answers.append(answer)
            elif answer.stage == STAGE_FINAL:
                expect("final answers of a follower before this one", int(answer.order_id in final_s), 0)
                coverage = answer.coverage
                ended = coverage.found + coverage.none + coverage.ambiguous
                counts = (coverage.total, ended, coverage.joined)
                expect("queries of a follower, answered, joined", counts, (prompt_count,) * 3)
                final_s[answer.order_id] = arrived_s
        others.append(rest.SerializeToString())
    expect("followers answered", len(final_s), follower_count)
    waves = replace(came, acknowledgements=came.acknowledgements[::2], answers=tuple(others))
    return waves, max(final_s.values())


def mute_of(storm: Scenario, layout: Layout) -> dict[int, tuple[int, ...]]:
    """The institutions behind dead endpoints, and how a query there may end."""
    return {
        index: tuple(int(state) for state in ENDS[cast.role])
        for endpoint, cast in storm.casts.items()
        if cast.role in ENDS
        for index in layout.endpoints[endpoint].institutions
    }


def prompt_of(storm: Scenario, layout: Layout) -> list[int]:
    """The institutions that can be inquired of, behind endpoints that are neither dead nor slow."""
    return [
        one.index
        for one in layout.institutions
        if storm.role(one.endpoint) is Role.HONEST and INQUIRE in one.can
    ]


def _told(storm: Scenario, laps: list[Lap], plan: Plan) -> dict[str, Any]:
    roles = [cast.role for cast in storm.casts.values()]
    return {
        "endpoints_dead": sum(role in ENDS for role in roles),
        "endpoints_slow": roles.count(Role.SLOW),
        "deadline_s": plan.deadline_s,
        "prompt_queries_ended_s": [round(lap.prompt_s, 2) for lap in laps],
        "last_final_answer_s": round(median(lap.final_s for lap in laps), 2),
        "queries_per_run": laps[0].query_count,
    }
