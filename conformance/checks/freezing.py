"""Freezing: ceiling, what is really controlled, the term, and what is never held."""

from typing import Final

from chakong.institution.v1.institution_pb2 import Control
from chakong.type.v1 import type_pb2
from chakong.type.v1.hold_pb2 import HoldStatement
from conformance.check import Check
from conformance.controls import life, told
from conformance.dates import longest_months, stated_on
from conformance.fixture import Account
from conformance.trial import Trial
from conformance.verdict import require, require_that
from runtime.calendar import add_months

CEILING_FEN: Final = 1_000
# More than any living costs that may stay free.
CREDIT_FEN: Final = 1_000_000
MONTHS: Final = 2


def below_what_is_free(trial: Trial) -> None:
    free_fen = trial.orders.free_fen(trial.full, trial.courts[0])
    receipt = trial.orders.outcome(trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN, MONTHS))
    require("FREEZE below what is free", "DONE", told(receipt))
    require("requested_fen", CEILING_FEN, receipt.requested_fen)
    _amounts(receipt.hold, CEILING_FEN, CEILING_FEN, free_fen - CEILING_FEN)


def above_what_is_free(trial: Trial) -> None:
    free_fen = trial.orders.free_fen(trial.full, trial.courts[0])
    ceiling_fen = free_fen + CEILING_FEN
    _, hold = trial.orders.frozen(trial.full, trial.courts[0], ceiling_fen)
    _amounts(hold, ceiling_fen, free_fen, 0)


def nothing_is_free(trial: Trial) -> None:
    account = trial.account("empty")
    _, hold = trial.orders.frozen(account, trial.courts[0], CEILING_FEN)
    _amounts(hold, CEILING_FEN, 0, 0)


def late_credit_fills(trial: Trial) -> None:
    account, bench = trial.account("empty"), trial.need_bench()
    court = trial.courts[0]
    control, _ = trial.orders.frozen(account, court, CEILING_FEN)
    bench.credit(account.institution, account.locator, CREDIT_FEN)
    hold = trial.statement(account.institution, control.hold_id)
    try:
        require("controlled_fen after money came in", CEILING_FEN, hold.controlled_fen)
    finally:
        trial.orders.release(control)
        _empty(trial, account)


def whole(trial: Trial) -> None:
    free_fen = trial.orders.free_fen(trial.full, trial.courts[0])
    _, hold = trial.orders.frozen(trial.full, trial.courts[0])
    require("whole", True, hold.whole)
    _amounts(hold, 0, free_fen, 0)


def term(trial: Trial) -> None:
    _, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN, MONTHS)
    today = stated_on(hold)
    require("effective_from", today, hold.effective_from)
    require(f"effective_until of {MONTHS} months", add_months(today, MONTHS), hold.effective_until)


def longest_term(trial: Trial) -> None:
    _, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    months = longest_months(trial.full.item, hold)
    trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN, months)
    control = trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN, months + 1)
    _refused(trial, control, f"FREEZE for {months + 1} months", "REFUSED TERM_TOO_LONG")


def thing(trial: Trial) -> None:
    _, hold = trial.orders.frozen(trial.account("thing"), trial.courts[0])
    require("a hold on a thing", "EFFECTIVE", life(hold))
    require("whole, ceiling, controlled", (True, 0, 0), (hold.whole, hold.ceiling_fen, hold.controlled_fen))


def exempt(trial: Trial) -> None:
    control = trial.orders.freeze(trial.account("exempt"), trial.courts[0], CEILING_FEN)
    came = told(trial.orders.outcome(control))
    allowed = ("REFUSED EXEMPT", "REFUSED RESERVE")
    require_that(came in allowed, " or ".join(allowed), came)


def closed(trial: Trial) -> None:
    control = trial.orders.freeze(trial.account("closed"), trial.courts[0], CEILING_FEN)
    _refused(trial, control, "FREEZE of a closed account", "REFUSED ACCOUNT_CLOSED")


def another_name(trial: Trial) -> None:
    """The account is there, as a hold under its holder's name has shown."""
    frozen, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    trial.orders.release(frozen)
    control = trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN)
    control.subject.name += "某"
    _refused(trial, control, "FREEZE under another name", "REFUSED NAME_MISMATCH")


def no_such_account(trial: Trial) -> None:
    control = trial.orders.freeze(trial.absent(), trial.courts[0], CEILING_FEN)
    _refused(trial, control, "FREEZE of no such account", "REFUSED NO_SUCH_PROPERTY")


def without_ruling(trial: Trial) -> None:
    control = trial.orders.freeze(trial.full, trial.courts[0], CEILING_FEN)
    control.mandate.instrument_kind = type_pb2.INSTRUMENT_KIND_INQUIRY_NOTICE
    came = told(trial.orders.outcome(control))
    require_that(came.startswith("REFUSED"), "FREEZE without a ruling: REFUSED", came)


def _amounts(hold: HoldStatement, ceiling_fen: int, controlled_fen: int, available_fen: int) -> None:
    require("the hold", "EFFECTIVE", life(hold))
    require(
        "ceiling, controlled, available",
        (ceiling_fen, controlled_fen, available_fen),
        (hold.ceiling_fen, hold.controlled_fen, hold.available_fen),
    )


def _refused(trial: Trial, control: Control, what: str, expected: str) -> None:
    require(what, expected, told(trial.orders.outcome(control)))


def _empty(trial: Trial, account: Account) -> None:
    """Take out what came in, as far as anybody may, so that nothing is free again."""
    court = trial.courts[0]
    control, hold = trial.orders.frozen(account, court)
    if hold.controlled_fen:
        trial.orders.deduct(control, court.payee_account)
    trial.orders.release(control)


CHECKS = (
    Check(
        501,
        "A ceiling below what is free is controlled in full",
        "hold.proto, HoldStatement: up to what it holds, what is really under it, what is left",
        below_what_is_free,
    ),
    Check(
        502,
        "A ceiling above what is free stays, and controls what there is",
        "institution.proto, Control.ceiling_fen: up to how much; later credits fill it",
        above_what_is_free,
    ),
    Check(
        503,
        "An account with nothing free is held at zero",
        "hold.proto, HOLD_LIFE_EFFECTIVE: all of the ceiling, a part, or nothing yet",
        nothing_is_free,
    ),
    Check(
        504,
        "Money that comes in fills the ceiling, and no more",
        "institution.proto, Control.ceiling_fen: later credits fill it",
        late_credit_fills,
    ),
    Check(
        505,
        "A FREEZE of the whole holds everything that is free",
        "institution.proto, Control.whole: FREEZE holds everything there is",
        whole,
    ),
    Check(
        506,
        "The term begins today and ends on the corresponding day",
        "民事诉讼法 (2023) art 85; institution.proto, Control.months: that day does not count",
        term,
    ),
    Check(
        507,
        "The longest term of the law, and no longer",
        "民诉法解释 (2022) art 485; hold.proto, CONTROL_REFUSAL_TERM_TOO_LONG",
        longest_term,
    ),
    Check(
        508,
        "A thing is held whole, without amounts",
        "hold.proto, HoldStatement: of a thing, 0 with whole",
        thing,
    ),
    Check(
        509,
        "An exempt kind of account is refused",
        "查封扣押冻结规定 (2020) art 3; hold.proto, CONTROL_REFUSAL_EXEMPT and RESERVE",
        exempt,
    ),
    Check(
        510,
        "A closed account is refused",
        "hold.proto, CONTROL_REFUSAL_ACCOUNT_CLOSED",
        closed,
    ),
    Check(
        511,
        "Another name than the holder's is refused",
        "网络查询、冻结被执行人存款的规定 (2013) art 7; hold.proto, CONTROL_REFUSAL_NAME_MISMATCH",
        another_name,
    ),
    Check(
        512,
        "An account that is not there is refused",
        "hold.proto, CONTROL_REFUSAL_NO_SUCH_PROPERTY",
        no_such_account,
    ),
    Check(
        513,
        "A FREEZE without a ruling is refused",
        "网络查询、冻结被执行人存款的规定 (2013) art 3; institution.proto, Control.mandate",
        without_ruling,
    ),
)
