"""Queueing: who waits behind whom, and what takes effect by itself when a hold ahead ends."""

from typing import Final

from chakong.institution.v1.institution_pb2 import Control
from chakong.type.v1.hold_pb2 import HoldStatement
from conformance.check import Check
from conformance.controls import life
from conformance.dates import stated_on
from conformance.trial import Trial
from conformance.verdict import require
from runtime.calendar import add_months

CEILING_FEN: Final = 1_000
MONTHS: Final = 3


def waits_behind(trial: Trial) -> None:
    _, _, hold = _two(trial)
    require("the second hold on an account that the first takes whole", "QUEUED", life(hold))
    place = (hold.queue_position, list(hold.ahead_court_codes))
    require("queue_position, ahead_court_codes", (1, [trial.courts[0].code]), place)
    dates = (hold.controlled_fen, hold.effective_from, hold.effective_until)
    require("controlled_fen, effective_from, effective_until while queued", (0, 0, 0), dates)


def takes_effect_by_itself(trial: Trial) -> None:
    free_fen = trial.orders.free_fen(trial.full, trial.courts[0])
    first, second, _ = _two(trial)
    trial.orders.release(first)
    hold = trial.statement(trial.full.institution, second.hold_id)
    require("the second hold after the first was released", "EFFECTIVE", life(hold))
    came = (hold.queue_position, hold.controlled_fen)
    require("queue_position, controlled_fen", (0, min(free_fen, hold.ceiling_fen)), came)


def its_term_starts_then(trial: Trial) -> None:
    first, second, _ = _two(trial)
    trial.orders.release(first)
    hold = trial.statement(trial.full.institution, second.hold_id)
    today = stated_on(hold)
    dates = (hold.effective_from, hold.effective_until)
    require("effective_from, effective_until", (today, add_months(today, MONTHS)), dates)


def money_is_a_waterfall(trial: Trial) -> None:
    """Whoever comes second gets what the first leaves."""
    first, second = trial.courts[:2]
    _, ahead = trial.orders.frozen(trial.full, first, CEILING_FEN)
    ceiling_fen = ahead.available_fen + CEILING_FEN
    _, hold = trial.orders.frozen(trial.full, second, ceiling_fen)
    require("the second hold on what the first leaves", "EFFECTIVE", life(hold))
    require("its controlled_fen", ahead.available_fen, hold.controlled_fen)


def the_rest_move_up(trial: Trial) -> None:
    account, courts = trial.full, trial.courts
    first, ahead = trial.orders.frozen(account, courts[0])
    second, _ = trial.orders.frozen(account, courts[1], ahead.controlled_fen + CEILING_FEN)
    third, hold = trial.orders.frozen(account, courts[0], CEILING_FEN)
    require("queue_position of the third hold", 2, hold.queue_position)
    trial.orders.release(first)
    promoted = trial.statement(account.institution, second.hold_id)
    require("the second hold after the first was released", "EFFECTIVE", life(promoted))
    hold = trial.statement(account.institution, third.hold_id)
    place = (life(hold), hold.queue_position, list(hold.ahead_court_codes))
    require("the third hold", ("QUEUED", 1, [courts[1].code]), place)


def same_court_waits_too(trial: Trial) -> None:
    court = trial.courts[0]
    trial.orders.frozen(trial.full, court)
    _, hold = trial.orders.frozen(trial.full, court, CEILING_FEN)
    came = (life(hold), list(hold.ahead_court_codes))
    require("a hold of the same court in its second case", ("QUEUED", [court.code]), came)


def thing_is_all_or_nothing(trial: Trial) -> None:
    account = trial.account("thing")
    first, _ = trial.orders.frozen(account, trial.courts[0])
    second, hold = trial.orders.frozen(account, trial.courts[1])
    require("the second hold on a thing", ("QUEUED", 1), (life(hold), hold.queue_position))
    trial.orders.release(first)
    hold = trial.statement(account.institution, second.hold_id)
    require("the second hold after the first was released", "EFFECTIVE", life(hold))


def what_is_let_go_goes_to_the_next(trial: Trial) -> None:
    first, second, _ = _two(trial)
    left_fen = trial.orders.release(first, CEILING_FEN).controlled_fen
    require("controlled_fen of the first hold after a part was released", CEILING_FEN, left_fen)
    hold = trial.statement(trial.full.institution, second.hold_id)
    require("the second hold", "EFFECTIVE", life(hold))


def _two(trial: Trial) -> tuple[Control, Control, HoldStatement]:
    """One hold on everything and one of another court behind it; the second as it was stated."""
    first, _ = trial.orders.frozen(trial.full, trial.courts[0])
    second, hold = trial.orders.frozen(trial.full, trial.courts[1], CEILING_FEN, MONTHS)
    return first, second, hold


CHECKS = (
    Check(
        601,
        "A hold on what is held whole waits behind it",
        "查封扣押冻结规定 (2020) art 26; hold.proto, HOLD_LIFE_QUEUED: it controls nothing and no term runs",
        waits_behind,
    ),
    Check(
        602,
        "When the hold ahead ends the next takes effect by itself",
        "查封扣押冻结规定 (2020) art 26",
        takes_effect_by_itself,
    ),
    Check(
        603,
        "A queued hold's term starts when it takes effect",
        "institution.proto, Control.months: begins with the day on which the hold takes effect",
        its_term_starts_then,
    ),
    Check(
        604,
        "Money goes down the queue in the order of registration",
        "查封扣押冻结规定 (2020) art 26; hold.proto, HOLD_LIFE_QUEUED",
        money_is_a_waterfall,
    ),
    Check(
        605,
        "Those behind move up",
        "hold.proto, HoldStatement.queue_position and ahead_court_codes",
        the_rest_move_up,
    ),
    Check(
        606,
        "The same court's second case waits too",
        "查封扣押冻结规定 (2020) art 26: another court, or the same court in another case",
        same_court_waits_too,
    ),
    Check(
        607,
        "A thing is all or nothing",
        "查封扣押冻结规定 (2020) art 26; hold.proto, HOLD_LIFE_QUEUED",
        thing_is_all_or_nothing,
    ),
    Check(
        608,
        "What a hold lets go of goes to the next",
        "查封扣押冻结规定 (2020) art 26",
        what_is_let_go_goes_to_the_next,
    ),
)
