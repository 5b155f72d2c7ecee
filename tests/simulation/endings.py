"""Endings: how a world comes to rest, and what is looked at then."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge.controls import ledger_limits
from gateway.edge.journal_schema import LEDGER
from gateway.holds import HoldQuery, Ledger, installed_law
from gateway.holds.query import ClaimQuery
from runtime import calendar
from simulator.books import audit
from tests.simulation import quiet
from tests.simulation.courts import COURTS
from tests.simulation.town import directory, seats
from tests.simulation.virtual_loop import SECOND_NS

if TYPE_CHECKING:
    from tests.simulation.office import Office
    from tests.simulation.world import World

REST_S_MAX = 900
# What a lying institution never lets end is waited for less; inquiries it does not lie about.
LIAR_REST_S_MAX = 60
LOOK_EVERY_S = 3.0
SEEN_S = 65.0
HOUR_NS = 3_600 * SECOND_NS
OPEN_NS, CLOSED_NS = 10 * HOUR_NS, 15 * HOUR_NS
EVERYTHING = HoldQuery(ended=True, count_max=1_000_000)


async def come_to_rest(world: "World") -> None:
    """No more faults: everything is delivered, every call answered; then all is judged."""
    await _start(world)
    for wish in world.courts.unanswered():
        world.courts.ask(wish)
    await _rest(world)
    if any(not wish.is_over for wish in world.courts.unanswered()):
        world.fail("a call of a court was never answered")
    _open_offices(world)
    for case in world.courts.cases:
        world.inquiring.inquire_for_good(case)
    await _rest(world)
    # Longer than the gateway takes to see that its clock was set forward.
    await asyncio.sleep(SEEN_S)
    await _rest(world)
    await _judge(world)


async def _start(world: "World") -> None:
    """A gateway that goes on is there."""
    if world.office is not None and world.office.is_stopping:
        await world.office.over.wait()
    if world.office is None:
        world.start()
    assert world.office is not None
    await world.office.ready.wait()


def _open_offices(world: "World") -> None:
    """Where endpoints have hours, the next time when all are open, and stay so for as long as it takes."""
    now_ns = world.time.now_ns()
    into_day_ns = now_ns - calendar.midnight_ns(calendar.date_of(now_ns))
    if world.script.config.line.service_hours and not OPEN_NS <= into_day_ns < CLOSED_NS:
        world.time.ahead_ns += (OPEN_NS - into_day_ns) % calendar.DAY_NS
        world.town.advance()


async def _rest(world: "World") -> None:
    office = world.office
    assert office is not None
    why = ""
    for look in range(int(REST_S_MAX / LOOK_EVERY_S)):
        await asyncio.sleep(LOOK_EVERY_S)
        world.town.advance()
        why = quiet.unrest(world, office, hears_all=not world.script.liar)
        if not why and not office.asking:
            return
        has_waited = look * LOOK_EVERY_S >= LIAR_REST_S_MAX and not world.promises.open_count
        if world.script.liar and has_waited and not office.asking:
            break
    if office.asking:
        why = "a call of a court has no answer"
    elif world.script.liar and office.ledger.stats().faults:
        world.counts["liars told of"] += 1
        return
    world.fail(f"no rest: {why}")
    await asyncio.sleep(0)


async def _judge(world: "World") -> None:
    office = world.office
    assert office is not None
    world.judge.after_step(office.ledger)
    compare_replayed(world, office)
    sums = quiet.faults_of_sums(
        office.ledger, world.chronicle, world.town, world.courts.cases, world.time.now_ns()
    )
    _tell(world, quiet.faults_of_inquiries(world.promises, world.courts.last_orders))
    for watcher in world.watchers:
        ours = [
            hold_id
            for number, hold_ids in world.chronicle.by_claim.items()
            # Of a case that came, what had changed before was told to another court.
            if world.chronicle.courts[number] == [watcher.court]
            for hold_id in hold_ids
        ]
        _tell(world, watcher.faults_of_answers(world.promises))
        _tell(world, watcher.faults(office.ledger, ours, world.time.now_ns()))
    if world.script.liar:
        # What it states is taken as the harm it is: in the end no more is held than is due.
        if world.script.is_honest_of_amounts:
            _tell(world, (sentence for sentence in sums if "is held for" in sentence))
        world.counts["differences told of liars"] += len(await quiet.differences(office))
        return
    for way in world.town.ways.values():
        _tell(world, (f"the books themselves: {fault}" for fault in audit.faults(way.clerk.books)))
    _tell(world, quiet.faults_of_orders(world.chronicle, world.judge))
    _tell(world, sums)
    _tell(world, await quiet.differences(office))
    await asyncio.sleep(0)


def _tell(world: "World", sentences: Iterable[str]) -> None:
    for sentence in sentences:
        world.fail(sentence)


def compare_replayed(world: "World", office: "Office") -> None:
    """A ledger made of the journal alone shows what the live one shows."""
    ledger = Ledger(installed_law(), directory(), ledger_limits(world.script.config))
    for frame in world.disk.frames:
        if frame.kind == LEDGER:
            ledger.replay(frame.body, frame.seq)
    now_ns = world.time.now_ns()
    live, replayed = everything(office.ledger, now_ns), everything(ledger, now_ns)
    for name in live:
        if live[name] != replayed[name]:
            world.fail(f"a replayed ledger has other {name} than the live one")


def everything(ledger: Ledger, now_ns: int) -> dict[str, object]:
    """What a ledger shows. What a process has sent is its own: a FREEZE that left is shown as requested."""
    holds = ledger.hold_views(EVERYTHING, now_ns)
    for hold in holds:
        if hold.life == hold_pb2.HOLD_LIFE_SENT:
            hold.life = hold_pb2.HOLD_LIFE_REQUESTED
    claims = [
        view.SerializeToString(deterministic=True)
        for court in COURTS
        for view in ledger.claim_views(
            ClaimQuery(court, controls_pb2.CLAIM_STATE_UNSPECIFIED, False, "", "", 1_000), now_ns
        )
    ]
    institutions = ledger.institutions_with_holds()
    stats = ledger.stats()
    return {
        "holds": [hold.SerializeToString(deterministic=True) for hold in holds],
        "claims": claims,
        "statements": [one.SerializeToString() for index in institutions for one in ledger.statements(index)],
        "figures": (
            stats.claims,
            stats.holds,
            stats.controls_open,
            stats.controls_waiting,
            stats.exposed_fen,
        ),
        "cursors": [ledger.cursor(seat.endpoint) for seat in seats()],
    }
