"""Releasing and deducting: a hold gets smaller, never larger, and money goes to the court alone."""

from typing import Final

from chakong.institution.v1.institution_pb2 import ControlReceipt
from chakong.type.v1.hold_pb2 import HoldStatement
from conformance.check import Check
from conformance.controls import life, told
from conformance.trial import Trial
from conformance.verdict import require

CEILING_FEN: Final = 1_000
PART_FEN: Final = 300


def part(trial: Trial) -> None:
    control, before = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    hold = trial.orders.release(control, PART_FEN)
    let_go_fen = before.controlled_fen - PART_FEN
    require(
        f"ceiling, controlled, available after a RELEASE down to {PART_FEN}",
        (PART_FEN, PART_FEN, before.available_fen + let_go_fen),
        (hold.ceiling_fen, hold.controlled_fen, hold.available_fen),
    )


def never_raises(trial: Trial) -> None:
    control, before = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    hold = trial.orders.release(control, before.ceiling_fen + PART_FEN)
    _unchanged("a RELEASE down to more than is held", before, hold)


def all_of_it(trial: Trial) -> None:
    control, before = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    hold = trial.orders.release(control)
    require("the hold after a RELEASE of all", "ENDED RELEASED", life(hold))
    require(
        "controlled, available",
        (0, before.available_fen + before.controlled_fen),
        (hold.controlled_fen, hold.available_fen),
    )


def ended_is_not_released(trial: Trial) -> None:
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    trial.orders.release(control)
    came = told(trial.orders.release_receipt(control))
    require("a RELEASE of a hold that has ended", "REFUSED HOLD_ENDED", came)


def deduct_part(trial: Trial) -> None:
    trial.need_deducting()
    court = trial.courts[0]
    control, before = trial.orders.frozen(trial.full, court, CEILING_FEN)
    receipt = trial.orders.deduct(control, court.payee_account, PART_FEN)
    hold = _deducted(receipt, PART_FEN)
    require(
        f"ceiling, controlled, deducted after a DEDUCT of {PART_FEN}",
        (before.ceiling_fen - PART_FEN, before.controlled_fen - PART_FEN, PART_FEN),
        (hold.ceiling_fen, hold.controlled_fen, hold.deducted_fen),
    )
    require("available_fen, untouched", before.available_fen, hold.available_fen)


def deduct_to_the_last(trial: Trial) -> None:
    trial.need_deducting()
    court = trial.courts[0]
    control, before = trial.orders.frozen(trial.full, court, CEILING_FEN)
    _deducted(trial.orders.deduct(control, court.payee_account, PART_FEN), PART_FEN)
    rest_fen = before.controlled_fen - PART_FEN
    hold = _deducted(trial.orders.deduct(control, court.payee_account), rest_fen)
    require("the hold after everything was deducted", "ENDED DEDUCTED", life(hold))
    amounts = (hold.controlled_fen, hold.deducted_fen)
    require("controlled, deducted", (0, before.controlled_fen), amounts)


def not_more_than_controlled(trial: Trial) -> None:
    trial.need_deducting()
    court = trial.courts[0]
    control, before = trial.orders.frozen(trial.full, court, CEILING_FEN)
    came = told(trial.orders.deduct(control, court.payee_account, before.controlled_fen + 1))
    require("DEDUCT of more than is controlled", "REFUSED TOO_MUCH", came)
    _unchanged("it", before, trial.statement(trial.full.institution, control.hold_id))


def only_to_the_court(trial: Trial) -> None:
    trial.need_deducting()
    court = trial.courts[0]
    control, before = trial.orders.frozen(trial.full, court, CEILING_FEN)
    foreign = f"{court.payee_account}9"
    came = told(trial.orders.deduct(control, foreign, PART_FEN))
    require("DEDUCT to another account", "REFUSED FOREIGN_PAYEE", came)
    _unchanged("it", before, trial.statement(trial.full.institution, control.hold_id))


def not_to_another_court(trial: Trial) -> None:
    trial.need_deducting()
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    came = told(trial.orders.deduct(control, trial.courts[1].payee_account, PART_FEN))
    require("DEDUCT to the account of another court", "REFUSED FOREIGN_PAYEE", came)


def nothing_from_the_queue(trial: Trial) -> None:
    trial.need_deducting()
    trial.orders.frozen(trial.full, trial.courts[0])
    court = trial.courts[1]
    control, _ = trial.orders.frozen(trial.full, court, CEILING_FEN)
    came = told(trial.orders.deduct(control, court.payee_account, PART_FEN))
    require("DEDUCT from a queued hold", "REFUSED HOLD_QUEUED", came)


def nothing_pledged(trial: Trial) -> None:
    account = trial.account("pledged")
    trial.need_deducting()
    court = trial.courts[0]
    control, _ = trial.orders.frozen(account, court, CEILING_FEN)
    came = told(trial.orders.deduct(control, court.payee_account, PART_FEN))
    require("DEDUCT from pledged money", "REFUSED PLEDGED", came)


def _deducted(receipt: ControlReceipt, amount_fen: int) -> HoldStatement:
    require("DEDUCT", "DONE", told(receipt))
    require("deducted_fen of the receipt", amount_fen, receipt.deducted_fen)
    return receipt.hold


def _unchanged(what: str, before: HoldStatement, hold: HoldStatement) -> None:
    require(
        f"version, ceiling, controlled, deducted after {what}",
        (before.version, before.ceiling_fen, before.controlled_fen, before.deducted_fen),
        (hold.version, hold.ceiling_fen, hold.controlled_fen, hold.deducted_fen),
    )


CHECKS = (
    Check(
        801,
        "A RELEASE of a part leaves what it names, controlled money first",
        "institution.proto, Control.ceiling_fen: RELEASE: up to how much stays held",
        part,
    ),
    Check(
        802,
        "A RELEASE never raises a hold",
        "institution.proto, Control.ceiling_fen: a RELEASE never raises it",
        never_raises,
    ),
    Check(
        803,
        "A RELEASE of all ends the hold",
        "institution.proto, Control.whole: RELEASE lets go of everything",
        all_of_it,
    ),
    Check(
        804,
        "A hold that has ended is not released again",
        "hold.proto, CONTROL_REFUSAL_HOLD_ENDED",
        ended_is_not_released,
    ),
    Check(
        811,
        "A DEDUCT of a part lowers ceiling and controlled by it",
        "institution.proto, Control.amount_fen: the ceiling falls by it",
        deduct_part,
    ),
    Check(
        812,
        "Parts and then the rest, to the last fen",
        "hold.proto, HOLD_END_DEDUCTED: all of it was transferred to the court",
        deduct_to_the_last,
    ),
    Check(
        813,
        "No DEDUCT takes more than is controlled",
        "hold.proto, CONTROL_REFUSAL_TOO_MUCH",
        not_more_than_controlled,
    ),
    Check(
        814,
        "A foreign payee is refused",
        "hold.proto, CONTROL_REFUSAL_FOREIGN_PAYEE; CONTROL_KIND_DEDUCT: to the court's registered account",
        only_to_the_court,
    ),
    Check(
        815,
        "Another court is a foreign payee",
        "hold.proto, CONTROL_REFUSAL_FOREIGN_PAYEE: not the court's registered account",
        not_to_another_court,
    ),
    Check(
        816,
        "Nothing is deducted from a queued hold",
        "hold.proto, CONTROL_REFUSAL_HOLD_QUEUED: nothing to deduct",
        nothing_from_the_queue,
    ),
    Check(
        817,
        "Pledged money is held, not deducted",
        "hold.proto, CONTROL_REFUSAL_PLEDGED",
        nothing_pledged,
    ),
)
