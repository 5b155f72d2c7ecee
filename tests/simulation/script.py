"""Script: what befalls a world, step by step, drawn from its seed, and how it comes to rest.

Small on purpose: some tens of steps, so that a thousand worlds are a minute's work; what a seed does not
bring another does.
"""

import asyncio
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from runtime import calendar
from runtime.config import Config
from simulator.books.misbehaviour import Misdeed
from tests.simulation import endings
from tests.simulation.network import CALM, Faults
from tests.simulation.virtual_loop import SECOND_NS

if TYPE_CHECKING:
    from tests.simulation.world import World

STEPS_MIN, STEPS_MAX = 10, 38
PAUSES_S = (0.0, 0.0, 0.001, 0.02, 0.1, 0.5, 2.0, 8.0)
# So that much is still on its way when the next thing happens.
SHORT_PAUSES_S = (0.02, 0.1, 0.5)
TROUBLES = (Misdeed.LOST_REPLY, Misdeed.REPLY_TWICE, Misdeed.LATE, Misdeed.ECHO, Misdeed.RENEWAL_REFUSED)
LIES = (
    Misdeed.FORGETS,
    Misdeed.CONTROLS_MORE,
    Misdeed.REPORTS_OTHERWISE,
    Misdeed.EVENTS_WITHHELD,
    Misdeed.EVENTS_WITHHELD,
)
CRASH_TURNS_MAX = 120
# How often what is special about a world happens.
SPECIAL = 0.7
DAY_NS = calendar.DAY_NS


@dataclass(frozen=True, slots=True)
class Script:
    """What a seed has in store."""

    config: Config
    steps: int
    faults: Faults
    crashing: float
    stopping: float
    cutting: float
    disk_failing: float
    misdeeds: dict[Misdeed, float]
    liar: bool
    # People own many cars, and courts value them; and a court that has just deducted is owed less.
    has_things: bool
    is_fickle: bool

    @property
    def is_honest_of_amounts(self) -> bool:
        """What is held more than ordered is at least said: by what is said no more is held than is due."""
        return not self.misdeeds.keys() & {Misdeed.FORGETS, Misdeed.EVENTS_WITHHELD}

    @classmethod
    def drawn(cls, random: Random) -> "Script":
        calm = random.random() < 0.15
        rate = 0.0 if calm else random.choice((0.0, 0.05, 0.2))
        faults = Faults(
            lost=rate,
            flawed=random.choice((0.0, rate, 0.3 if rate else 0.0)),
            doubled=random.choice((0.0, rate)),
            slow=random.choice((0.0, rate)),
            delay_s_max=random.choice((0.002, 0.05, 1.0)),
        )
        is_fickle = random.random() < 0.15
        if is_fickle:
            faults = replace(faults, delay_s_max=1.0)
        liar = random.random() < 0.1
        misdeeds: dict[Misdeed, float] = {}
        if liar:
            misdeeds[random.choice(LIES)] = 0.5
        elif random.random() < 0.4:
            misdeeds = {misdeed: random.choice((0.0, 0.2)) for misdeed in TROUBLES}
        return cls(
            config=_config(random),
            steps=random.randint(STEPS_MIN, STEPS_MAX),
            faults=faults,
            crashing=0.0 if calm else random.choice((0.0, 0.05, 0.15)),
            stopping=random.choice((0.0, 0.0, 0.05)),
            cutting=0.0 if calm else random.choice((0.0, 0.05)),
            disk_failing=0.0 if calm else random.choice((0.0, 0.0, 0.1)),
            misdeeds=misdeeds,
            liar=liar,
            has_things=random.random() < 0.25,
            is_fickle=is_fickle,
        )


def _config(random: Random) -> Config:
    controls = {
        "approval_above_fen": random.choice((0, 0, 0, 120)),
        "unknown_after_s": random.choice((5.0, 60.0)),
        "calls_max": random.choice((1, 2, 4)),
        "batch_max": random.choice((1, 4, 512)),
        "timeout_s": 6.0,
        "poll_every_s": 5.0,
        "backoff_base_ms": 100,
        "backoff_max_ms": 4_000,
        # Every start finds one; and nothing that is judged leaves.
        "snapshot_every_steps": 7,
        "ended_keep_days": 3_660,
    }
    line = {
        "reply_timeout_s": 6.0,
        "connect_timeout_s": 3.0,
        "streams": random.choice((1, 1, 2)),
        "backoff_base_ms": 100,
        "backoff_max_ms": 4_000,
        "breaker_failures": random.choice((1, 3, 5)),
        "breaker_cool_down_ms": random.choice((200, 2_000)),
        "service_hours": random.random() < 0.3,
    }
    return Config(
        listen={"address": "127.0.0.1:0", "plaintext": True},  # type: ignore[arg-type]
        journal={"path": "journal"},  # type: ignore[arg-type]
        metrics={"address": ""},  # type: ignore[arg-type]
        endpoints={"plaintext": True, "addresses": {}},  # type: ignore[arg-type]
        controls=controls,  # type: ignore[arg-type]
        line=line,  # type: ignore[arg-type]
        order={"unanswered_retry_ms": 200},  # type: ignore[arg-type]
        limits={"inquiries_max": 10_000, "asks_max": 10_000, "bytes_max": 1 << 24},  # type: ignore[arg-type]
    )


async def play(world: "World") -> None:
    """The whole story."""
    random, script = world.random, world.script
    world.start()
    assert world.office is not None
    await world.office.ready.wait()
    for _ in range(random.choice((1, 2, 2, 3))):
        world.courts.open_case()
    await asyncio.sleep(0.5)
    for way in world.town.ways.values():
        way.faults = script.faults
    world.disk.weather.failing = script.disk_failing
    world.disk.weather.delay_s_max = random.choice((0.0005, 0.02, 0.5))
    for _ in range(script.steps):
        _befall(world)
        world.note(_happen(world))
        world.town.advance()
        await asyncio.sleep(random.choice(SHORT_PAUSES_S if script.is_fickle else PAUSES_S))
    for way in world.town.ways.values():
        way.faults = CALM
        way.heal()
    world.disk.weather.failing = 0.0
    world.turns_to_crash = 0
    await endings.come_to_rest(world)


def _befall(world: "World") -> None:
    """Crashes, restarts, partitions."""
    random, script = world.random, world.script
    if world.office is None:
        if random.random() < 0.4:
            world.start()
    elif not world.turns_to_crash and random.random() < script.crashing:
        world.turns_to_crash = random.randint(1, CRASH_TURNS_MAX)
    elif random.random() < script.stopping:
        world.stop()
    for way in world.town.ways.values():
        if way.is_cut:
            if random.random() < 0.3:
                way.heal()
        elif random.random() < script.cutting:
            way.cut()


def _happen(world: "World") -> str:
    """One thing that somebody does, or time."""
    desires, courts = world.desires, world.courts
    if world.script.has_things and world.random.random() < SPECIAL:
        freeze, value, spare = desires.freeze_thing, desires.value_thing, desires.spare_thing
        return world.random.choice((freeze, freeze, value, value, value, spare, spare))()
    if world.script.is_fickle and world.random.random() < SPECIAL:
        if desires.deductions_out():
            return desires.forgive()
        return world.random.choice((desires.freeze, desires.deduct, desires.deduct))()
    if Misdeed.EVENTS_WITHHELD in world.script.misdeeds and world.random.random() < SPECIAL:
        town = world.town
        acts = (desires.freeze, town.move_money, town.object_to_something, town.object_to_something)
        return world.random.choice(acts)()
    luck = world.random.random()
    for limit, act in (
        (0.20, desires.freeze),
        (0.25, desires.deduct_at_once),
        (0.31, desires.deduct),
        (0.37, desires.release),
        (0.41, desires.renew),
        (0.49, desires.plan),
        (0.56, world.inquiring.inquire),
        (0.57, world.inquiring.cancel),
        (0.61, desires.approve),
        (0.70, desires.record),
        (0.74, desires.change_claim),
        (0.79, courts.ask_again),
        (0.90, world.town.move_money),
        (0.92, world.town.object_to_something),
    ):
        if luck < limit:
            return act()
    return set_clock_forward(world)


def set_clock_forward(world: "World") -> str:
    """Days go by at once: often to just before a midnight that matters."""
    random, now_ns = world.random, world.time.now_ns()
    days = random.choice((0, 0, 1, 1, 2, 29, 30, 31, 180, 364, 365))
    last_days = sorted(
        {hold.until_day for hold in world.town.every_hold() if hold.until_day and hold.life == 5}
    )
    midnight_ns = calendar.midnight_ns(calendar.date_of(now_ns))
    target_ns = midnight_ns + (days + 1) * DAY_NS - random.choice((1, 3, 3_600)) * SECOND_NS
    if last_days and random.random() < 0.6:
        # The Beijing midnight with which the last day, or the day after it, begins.
        day = random.choice(last_days) - EPOCH_DAY + random.choice((0, 1, 1))
        target_ns = day * DAY_NS - calendar.BEIJING_OFFSET_NS - random.choice((-1, 1, 2)) * SECOND_NS
        # What institutions say of that midnight is heard later, or at once.
        for way in world.town.ways.values():
            if random.random() < 0.4 and world.script.cutting:
                way.cut()
    ahead_ns = max(target_ns - now_ns, SECOND_NS)
    world.time.ahead_ns += ahead_ns
    world.counts["days passed"] += ahead_ns // DAY_NS
    world.town.advance()
    return f"time goes on by {ahead_ns / DAY_NS:.2f} days"


EPOCH_DAY = 719_163
