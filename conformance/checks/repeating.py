"""Repeating: a control takes effect once, however often it comes."""

from typing import Final

from chakong.institution.v1.institution_pb2 import Control, ControlReceipt
from conformance.check import Check
from conformance.controls import life, told
from conformance.trial import Trial
from conformance.verdict import require, require_that

CEILING_FEN: Final = 1_000
CONTROLS: Final = 16


def outcome_in_time(trial: Trial) -> None:
    """Of a control that changes nothing: there is no such account."""
    trial.orders.outcome(trial.orders.freeze(trial.absent(), trial.courts[0], CEILING_FEN))


def one_receipt_each(trial: Trial) -> None:
    ordered = [trial.orders.freeze(trial.absent(), trial.courts[0], CEILING_FEN) for _ in range(CONTROLS)]
    came = [receipt.control_id for receipt in trial.orders.send(*ordered)]
    wanted = [control.control_id for control in ordered]
    require_that(
        sorted(came) == wanted,
        f"one receipt for each of {CONTROLS} controls",
        f"{len(came)} receipts for {len(set(came))} controls",
    )


def first_receipt_comes_again(trial: Trial) -> None:
    control = trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN)
    first = trial.orders.outcome(control)
    require("FREEZE", "DONE", told(first))
    _again(trial, control, first)


def also_after_later_controls(trial: Trial) -> None:
    control = trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN)
    first = trial.orders.outcome(control)
    later = trial.orders.release(control, CEILING_FEN // 2)
    _again(trial, control, first)
    now = trial.statement(trial.full.institution, control.hold_id)
    require(
        "version, ceiling after the FREEZE came again",
        (later.version, later.ceiling_fen),
        (now.version, now.ceiling_fen),
    )


def a_refusal_too(trial: Trial) -> None:
    control = trial.orders.freeze(trial.absent(), trial.courts[0], CEILING_FEN)
    first = trial.orders.outcome(control)
    require_that(told(first).startswith("REFUSED"), "FREEZE of no such account: REFUSED", told(first))
    _again(trial, control, first)


def id_is_not_used_for_something_else(trial: Trial) -> None:
    control, before = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    other = Control()
    other.CopyFrom(control)
    other.ceiling_fen = 2 * CEILING_FEN
    require("the same id for another ceiling", "REFUSED ID_REUSED", told(trial.orders.outcome(other)))
    now = trial.statement(trial.full.institution, control.hold_id)
    require("the hold's ceiling afterwards", before.ceiling_fen, now.ceiling_fen)


def released_stays_released(trial: Trial) -> None:
    """A FREEZE that arrives again after its RELEASE, at once or a day later, holds nothing."""
    control = trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN)
    first = trial.orders.outcome(control)
    trial.orders.release(control)
    _again(trial, control, first)
    _still_released(trial, control)


def released_stays_released_next_day(trial: Trial) -> None:
    bench = trial.need_bench()
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    trial.orders.release(control)
    bench.advance(1)
    _still_released(trial, control)


def release_before_its_freeze(trial: Trial) -> None:
    """The two overtook each other: the RELEASE finds no hold, and says so."""
    control = trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN)
    receipt = trial.orders.release_receipt(control)
    require("RELEASE of a hold that is not there", "REFUSED NO_SUCH_HOLD", told(receipt))


def _again(trial: Trial, control: Control, first: ControlReceipt) -> None:
    again = trial.orders.outcome(control)
    require_that(
        again.SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True),
        "the first receipt, byte for byte",
        f"{told(again)}, another receipt",
    )


def _still_released(trial: Trial, control: Control) -> None:
    now = trial.statement(trial.full.institution, control.hold_id)
    require("the hold", "ENDED RELEASED", life(now))


CHECKS = (
    Check(
        401,
        "A control has an outcome in time",
        "institution.proto, Control: a receipt that is missing is no outcome; nor is UNAVAILABLE",
        outcome_in_time,
    ),
    Check(
        402,
        "Every control has one receipt",
        "institution.proto, Control: the response has a receipt for each",
        one_receipt_each,
    ),
    Check(
        403,
        "The same control again gets the first receipt",
        "institution.proto, Control: the same id changes nothing and gets the first receipt",
        first_receipt_comes_again,
    ),
    Check(
        404,
        "Also when later controls came in between",
        "institution.proto, Control: for ever, and when it arrives after later ones",
        also_after_later_controls,
    ),
    Check(
        405,
        "A refusal is remembered as well",
        "institution.proto, Control; hold.proto, CONTROL_OUTCOME_REFUSED: final",
        a_refusal_too,
    ),
    Check(
        406,
        "A control id is not used for something else",
        "hold.proto, CONTROL_REFUSAL_ID_REUSED",
        id_is_not_used_for_something_else,
    ),
    Check(
        407,
        "A FREEZE that comes again after its RELEASE holds nothing",
        "institution.proto, Control: changes nothing, when it arrives after later ones",
        released_stays_released,
    ),
    Check(
        408,
        "What was released is released the next day",
        "institution.proto, Control: changes nothing, for ever",
        released_stays_released_next_day,
    ),
    Check(
        409,
        "A RELEASE that overtook its FREEZE finds no hold",
        "hold.proto, CONTROL_REFUSAL_NO_SUCH_HOLD",
        release_before_its_freeze,
    ),
)
