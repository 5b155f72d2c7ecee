"""Stating: that receipts, ListHolds and inquiries say the same of a hold, and in which order."""

from typing import Final

from chakong.type.v1.hold_pb2 import HoldStatement
from conformance.check import Check
from conformance.controls import life
from conformance.replies import Said
from conformance.trial import Trial
from conformance.verdict import require, require_that

CEILING_FEN: Final = 1_000
OBJECTION: Final = "the account holds money of others"
HOLDS: Final = 5
PAGES_MAX: Final = 100_000
PAGE_MAX: Final = 1_000


def versions_rise_by_one(trial: Trial) -> None:
    control, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    ceilings_fen = (CEILING_FEN // 2, CEILING_FEN // 4, 0)
    later = [trial.orders.release(control, ceiling_fen).version for ceiling_fen in ceilings_fen]
    require("version from change to change", [1, 2, 3, 4], [hold.version, *later])


def queued_versions_rise_by_one(trial: Trial) -> None:
    """Also of a change that no control on this hold has made."""
    first, _ = trial.orders.frozen(trial.full, trial.courts[0])
    second, queued = trial.orders.frozen(trial.full, trial.courts[1], CEILING_FEN)
    trial.orders.release(first)
    promoted = trial.statement(trial.full.institution, second.hold_id)
    require("version, queued and in force", [1, 2], [queued.version, promoted.version])


def receipt_is_what_is_booked(trial: Trial) -> None:
    control, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    booked = trial.statement(trial.full.institution, control.hold_id)
    require("what ListHolds says after the receipt", _fields(hold), _fields(booked))


def inquiry_shows_the_hold(trial: Trial) -> None:
    _, hold = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    word, found = trial.said(trial.about(trial.full), trial.full.institution)
    require("accounts.full", Said.FOUND, word)
    records = [one for one in found.records if one.locator == trial.full.locator] if found else []
    require("records of accounts.full", 1, len(records))
    require("its available_fen", hold.available_fen, records[0].available_fen)
    require_that(
        records[0].held_fen >= hold.controlled_fen,
        f"held_fen of at least {hold.controlled_fen}",
        records[0].held_fen,
    )


def objection_leaves_it_in_force(trial: Trial) -> None:
    bench = trial.need_bench()
    control, before = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    bench.object_to(trial.full.institution, control.hold_id, OBJECTION)
    now = trial.statement(trial.full.institution, control.hold_id)
    require("the hold after an objection", _fields(before), _fields(now))


def pages_are_complete(trial: Trial) -> None:
    """Page by page of two, everything comes once and in order; an institution's page is at most 1,000."""
    made = _several(trial)
    after = made[0] - 1
    paged: list[int] = []
    for _ in range(PAGES_MAX):
        page = [one.hold_id for one in trial.line.holds(trial.full.institution, after, 2)]
        paged += page
        if len(page) < 2:
            break
        after = page[-1]
    require("holds of the pages, in order", sorted(set(paged)), paged)
    require("made holds that the pages leave out", [], sorted(set(made) - set(paged)))


def one_page_for_all(trial: Trial) -> None:
    made = _several(trial)
    page = [one.hold_id for one in trial.line.holds(trial.full.institution, made[0] - 1, 0)]
    require_that(len(page) <= PAGE_MAX, f"at most {PAGE_MAX} holds", len(page))
    require("made holds that a page of no size leaves out", [], sorted(set(made) - set(page)))
    behind = [one.hold_id for one in trial.line.holds(trial.full.institution, made[-1], 0)]
    require("holds behind the last one", [], behind)


def ended_are_listed(trial: Trial) -> None:
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    trial.orders.release(control)
    hold = trial.statement(trial.full.institution, control.hold_id)
    require("a hold that was released, in ListHolds", "ENDED RELEASED", life(hold))


def each_lists_its_own(trial: Trial) -> None:
    home, other = trial.hub()
    control, _ = trial.orders.frozen(trial.full, trial.courts[0], CEILING_FEN)
    of_other = trial.line.holds(other, control.hold_id - 1, 0)
    require(f"holds of institution {home} among those of {other}", [], [one.hold_id for one in of_other])
    require("institution", home, trial.statement(home, control.hold_id).institution)


def _several(trial: Trial) -> list[int]:
    court = trial.courts[0]
    return [trial.orders.frozen(trial.full, court, 1)[0].hold_id for _ in range(HOLDS)]


def _fields(hold: HoldStatement) -> tuple[object, ...]:
    """All but what may change without a new version."""
    return (
        hold.version,
        life(hold),
        hold.ceiling_fen,
        hold.whole,
        hold.controlled_fen,
        hold.deducted_fen,
        hold.queue_position,
        hold.effective_from,
        hold.effective_until,
    )


CHECKS = (
    Check(
        901,
        "A hold's version rises by one with each change",
        "hold.proto, HoldStatement.version",
        versions_rise_by_one,
    ),
    Check(
        902,
        "Also with a change that it makes by itself",
        "hold.proto, HoldStatement.version: one more with every change of anything below",
        queued_versions_rise_by_one,
    ),
    Check(
        903,
        "ListHolds says what the receipt said",
        "hold.proto, HoldStatement: an institution's word, as it stands in its books",
        receipt_is_what_is_booked,
    ),
    Check(
        904,
        "An inquiry shows what is held",
        "type.proto, Record: what others already hold, and what is left",
        inquiry_shows_the_hold,
    ),
    Check(
        905,
        "An objection leaves the hold in force",
        "网络查询、冻结被执行人存款的规定 (2013) art 6; institution.proto, HOLD_EVENT_KIND_OBJECTED",
        objection_leaves_it_in_force,
    ),
    Check(
        911,
        "ListHolds comes page by page, complete and in order",
        "institution.proto, ListHolds: by hold id; fewer than the page size: the last page",
        pages_are_complete,
    ),
    Check(
        912,
        "Without a page size it is a page of 1,000",
        "institution.proto, ListHoldsRequest.page_size",
        one_page_for_all,
    ),
    Check(
        913,
        "Holds that have ended are listed",
        "institution.proto, ListHolds: every hold that an institution has or had",
        ended_are_listed,
    ),
    Check(
        914,
        "Each institution lists its own holds",
        "institution.proto, ListHoldsRequest.institution",
        each_lists_its_own,
    ),
)
