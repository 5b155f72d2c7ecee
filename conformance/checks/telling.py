"""Telling: what happens to holds without an order is told, once, in order, and nothing is lost."""

import time
from collections.abc import Iterable
from typing import Final

import grpc

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import Control, HoldEvent, HoldEventKind
from conformance.check import Check
from conformance.controls import life
from conformance.dates import days_left
from conformance.trial import Trial
from conformance.verdict import FailedError, NotRunError, require, require_that

CEILING_FEN: Final = 1_000
CREDIT_FEN: Final = 1_000_000
OBJECTION: Final = "the account holds money of others"
CURSORS: Final = 8
PAUSE_S: Final = 0.1
PROMOTED: Final = institution_pb2.HOLD_EVENT_KIND_PROMOTED


def numbers_have_no_gap(trial: Trial) -> None:
    _promotion(trial)
    seqs = [event.seq for event in trial.events_after(0)]
    require_that(bool(seqs), "the event of a hold that took effect", "no event at all")
    wrong = next(((place, seq) for place, seq in enumerate(seqs, 1) if place != seq), None)
    require_that(
        wrong is None,
        "seq 1, 2, 3 ... without gaps",
        f"seq {wrong and wrong[1]} in place of {wrong and wrong[0]}",
    )


def any_cursor_gives_the_same(trial: Trial) -> None:
    _promotion(trial)
    events = trial.events_after(0)
    last_seq = events[-1].seq if events else 0
    for cursor in sorted({last_seq * part // CURSORS for part in range(CURSORS + 1)}):
        after = [_bytes(event) for event in trial.line.poll(cursor)]
        expected = [_bytes(event) for event in events if event.seq > cursor][: len(after) or 1]
        require_that(
            after == expected, f"after cursor {cursor} the same events as before", f"{len(after)} others"
        )


def promotion_is_told(trial: Trial) -> None:
    cursor, control = _promotion(trial)
    event = _awaited(trial, cursor, control.hold_id, PROMOTED)
    require("the hold of PROMOTED", "EFFECTIVE", life(event.hold))


def move_is_told(trial: Trial) -> None:
    first, _ = trial.orders.frozen(trial.full, trial.courts[0])
    trial.orders.frozen(trial.full, trial.courts[1])
    third, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    cursor = trial.last_seq()
    trial.orders.release(first)
    event = _awaited(trial, cursor, third.hold_id, institution_pb2.HOLD_EVENT_KIND_MOVED)
    require("queue_position of MOVED", 1, event.hold.queue_position)


def credit_is_told(trial: Trial) -> None:
    bench = trial.need_bench()
    trial.need_deducting()
    account, court = trial.full, trial.courts[0]
    control, before = trial.orders.frozen(account, court)
    cursor = trial.last_seq()
    bench.credit(account.institution, account.locator, CREDIT_FEN)
    event = _awaited(trial, cursor, control.hold_id, institution_pb2.HOLD_EVENT_KIND_CREDITED)
    require("controlled_fen of CREDITED", before.controlled_fen + CREDIT_FEN, event.hold.controlled_fen)


def expiry_is_told(trial: Trial) -> None:
    bench = trial.need_bench()
    control, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    cursor = trial.last_seq()
    bench.advance(days_left(hold) + 1)
    event = _awaited(trial, cursor, control.hold_id, institution_pb2.HOLD_EVENT_KIND_EXPIRED)
    require("the hold of EXPIRED", "ENDED EXPIRED", life(event.hold))


def objection_is_told(trial: Trial) -> None:
    bench = trial.need_bench()
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    cursor = trial.last_seq()
    bench.object_to(trial.full.institution, control.hold_id, OBJECTION)
    event = _awaited(trial, cursor, control.hold_id, institution_pb2.HOLD_EVENT_KIND_OBJECTED)
    require("text of OBJECTED", OBJECTION, event.text)


def follow_brings_what_comes(trial: Trial) -> None:
    """On a stream that was opened before."""
    _need_follow(trial)
    first, second = _queue(trial)
    with trial.line.following(trial.last_seq()) as events:
        trial.orders.release(first)
        _found(events, second.hold_id, PROMOTED)


def follow_gives_what_poll_gives(trial: Trial) -> None:
    _need_follow(trial)
    cursor, _ = _promotion(trial)
    polled = [_bytes(event) for event in trial.events_after(cursor)]
    require_that(bool(polled), "the event of a hold that took effect", "no event")
    followed: list[bytes] = []
    with trial.line.following(cursor) as events:
        for event in events:
            followed.append(_bytes(event))
            if len(followed) == len(polled):
                break
    require_that(followed == polled, "the same events as PollEvents", "others")


def follow_says_that_it_is_not_there(trial: Trial) -> None:
    """Describe has said so."""
    if trial.line.describe().can_follow:
        raise NotRunError("Describe: can_follow, so that Follow is there")
    came = trial.line.follow_status()
    require("Follow", grpc.StatusCode.UNIMPLEMENTED.name, came.name)


def _queue(trial: Trial) -> tuple[Control, Control]:
    """A hold on everything, and one behind it."""
    first, _ = trial.orders.frozen(trial.full, trial.courts[0])
    second, _ = trial.orders.frozen(trial.full, trial.courts[1], CEILING_FEN)
    return first, second


def _promotion(trial: Trial) -> tuple[int, Control]:
    """A hold that has taken effect by itself, and the last seq before it did."""
    first, second = _queue(trial)
    cursor = trial.last_seq()
    trial.orders.release(first)
    return cursor, second


def _awaited(trial: Trial, cursor: int, hold_id: int, kind: HoldEventKind.ValueType) -> HoldEvent:
    """An event may take a moment after what it tells of."""
    event_s = trial.fixture.agreed.event_s
    for _ in range(1 + round(event_s / PAUSE_S)):
        for event in trial.events_after(cursor):
            if event.hold.hold_id == hold_id and event.kind == kind:
                return event
        time.sleep(PAUSE_S)
    raise FailedError(f"{_name(kind)} within {event_s:g} s", "no such event")


def _found(events: Iterable[HoldEvent], hold_id: int, kind: HoldEventKind.ValueType) -> HoldEvent:
    for event in events:
        if event.hold.hold_id == hold_id and event.kind == kind:
            return event
    raise AssertionError("a stream of events that ends is a FailedError")


def _need_follow(trial: Trial) -> None:
    if not trial.line.describe().can_follow:
        raise NotRunError("Describe: not can_follow")


def _name(kind: HoldEventKind.ValueType) -> str:
    return HoldEventKind.Name(kind).removeprefix("HOLD_EVENT_KIND_")


def _bytes(event: HoldEvent) -> bytes:
    return event.SerializeToString(deterministic=True)


CHECKS = (
    Check(
        921,
        "Events are numbered from 1 without gaps",
        "institution.proto, HoldEvent.seq",
        numbers_have_no_gap,
    ),
    Check(
        922,
        "From any cursor the same events come",
        "institution.proto, PollEvents: everything after the cursor",
        any_cursor_gives_the_same,
    ),
    Check(
        923,
        "A queued hold that took effect is told",
        "institution.proto, HOLD_EVENT_KIND_PROMOTED",
        promotion_is_told,
    ),
    Check(
        924,
        "A queued hold that moved up is told",
        "institution.proto, HOLD_EVENT_KIND_MOVED",
        move_is_told,
    ),
    Check(
        925,
        "Money that came in is told",
        "institution.proto, HOLD_EVENT_KIND_CREDITED",
        credit_is_told,
    ),
    Check(
        926,
        "A hold that expired is told",
        "institution.proto, HOLD_EVENT_KIND_EXPIRED",
        expiry_is_told,
    ),
    Check(
        927,
        "An objection is told, with its text",
        "institution.proto, HOLD_EVENT_KIND_OBJECTED; 网络查询、冻结被执行人存款的规定 (2013) art 6",
        objection_is_told,
    ),
    Check(
        928,
        "Follow brings an event on a stream that was open before",
        "institution.proto, Follow: everything after the cursor, then what comes",
        follow_brings_what_comes,
    ),
    Check(
        929,
        "Follow and PollEvents give the same",
        "institution.proto, PollEvents: the same, but only what there is now",
        follow_gives_what_poll_gives,
    ),
    Check(
        930,
        "Without Follow it is UNIMPLEMENTED",
        "institution.proto, Follow: UNIMPLEMENTED: the gateway calls PollEvents instead",
        follow_says_that_it_is_not_there,
    ),
)
