"""Expiring: how long a hold lasts, and how it is made to last longer."""

from typing import Final

from conformance.check import Check
from conformance.controls import life, told
from conformance.dates import days_left, longest_months, stated_on
from conformance.trial import Trial
from conformance.verdict import require
from runtime.calendar import add_months

CEILING_FEN: Final = 1_000
MONTHS: Final = 2
DAYS: Final = 10


def last_day_counts(trial: Trial) -> None:
    bench = trial.need_bench()
    control, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    today = bench.advance(days_left(hold))
    require("today, on the bench", hold.effective_until, today)
    now = trial.statement(trial.full.institution, control.hold_id)
    require("the hold on its last day", ("EFFECTIVE", hold.controlled_fen), (life(now), now.controlled_fen))


def void_the_next_day(trial: Trial) -> None:
    bench = trial.need_bench()
    control, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    bench.advance(days_left(hold) + 1)
    now = trial.statement(trial.full.institution, control.hold_id)
    require("the hold on the day after its last", ("ENDED EXPIRED", 0), (life(now), now.controlled_fen))


def next_takes_effect(trial: Trial) -> None:
    """On the day on which the hold ahead is void, and its term starts then."""
    bench = trial.need_bench()
    _, ahead = trial.orders.frozen(trial.full, trial.courts[0])
    control, _ = trial.orders.frozen(trial.full, trial.courts[1], CEILING_FEN, MONTHS)
    today = bench.advance(days_left(ahead) + 1)
    now = trial.statement(trial.full.institution, control.hold_id)
    dates = (life(now), now.effective_from, now.effective_until)
    expected = ("EFFECTIVE", today, add_months(today, MONTHS))
    require("the hold behind one that expired", expected, dates)


def renewed_from_the_day(trial: Trial) -> None:
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    receipt = trial.orders.renew(control, MONTHS)
    require("RENEW", "DONE", told(receipt))
    until = add_months(stated_on(receipt.hold), MONTHS)
    require("effective_until after RENEW", until, receipt.hold.effective_until)


def renewed_later(trial: Trial) -> None:
    """The term runs from the day of renewal, not from the old end, and the beginning stays."""
    bench = trial.need_bench()
    control, before = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    today = bench.advance(DAYS)
    receipt = trial.orders.renew(control, 1)
    require("RENEW", "DONE", told(receipt))
    dates = (receipt.hold.effective_from, receipt.hold.effective_until)
    expected = (before.effective_from, add_months(today, 1))
    require("effective_from, effective_until", expected, dates)


def renewed_no_longer_than_allowed(trial: Trial) -> None:
    control, before = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    months = longest_months(trial.full.item, before) + 1
    came = told(trial.orders.renew(control, months))
    require(f"RENEW for {months} months", "REFUSED TERM_TOO_LONG", came)
    now = trial.statement(trial.full.institution, control.hold_id)
    require("effective_until afterwards", before.effective_until, now.effective_until)


def queued_is_not_renewed(trial: Trial) -> None:
    trial.orders.frozen(trial.full, trial.courts[0])
    control, _ = trial.orders.frozen(trial.full, trial.courts[1], CEILING_FEN)
    came = told(trial.orders.renew(control, 1))
    require("RENEW of a queued hold", "REFUSED HOLD_QUEUED", came)


def ended_is_not_renewed(trial: Trial) -> None:
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    trial.orders.release(control)
    came = told(trial.orders.renew(control, 1))
    require("RENEW of a hold that has ended", "REFUSED HOLD_ENDED", came)


CHECKS = (
    Check(
        701,
        "A hold is in force through its last day",
        "hold.proto, HoldStatement.effective_until: last day in force; 民事诉讼法 (2023) art 85",
        last_day_counts,
    ),
    Check(
        702,
        "The next day it is void",
        "查封扣押冻结规定 (2020) art 27: not renewed in time, the hold has lost its effect",
        void_the_next_day,
    ),
    Check(
        703,
        "The next in the queue takes effect that day",
        "查封扣押冻结规定 (2020) art 26",
        next_takes_effect,
    ),
    Check(
        704,
        "RENEW gives a term from the day of renewal",
        "institution.proto, Control.months: begins with the day on which the hold is renewed",
        renewed_from_the_day,
    ),
    Check(
        705,
        "A renewal days later does not add to the old term",
        "institution.proto, Control.months: begins with the day on which the hold is renewed",
        renewed_later,
    ),
    Check(
        706,
        "No renewal is longer than the law allows",
        "民诉法解释 (2022) art 485: renewed before expiry, each time no longer",
        renewed_no_longer_than_allowed,
    ),
    Check(
        707,
        "A queued hold is not renewed",
        "hold.proto, CONTROL_REFUSAL_HOLD_QUEUED: it has no term to renew",
        queued_is_not_renewed,
    ),
    Check(
        708,
        "A hold that has ended is not renewed",
        "查封扣押冻结规定 (2020) art 27; hold.proto, CONTROL_REFUSAL_HOLD_ENDED",
        ended_is_not_renewed,
    ),
)
