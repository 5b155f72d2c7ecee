"""Figures: what Prometheus is told of the blacklist.

Finished numbers, read from the exporter's thread: by method, status, kind and state alone, never by court
or case; who is late with removals is told by unit, of which there are 44. What has to be counted in the
database is counted now and then, in a thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import grpc

from blacklist.model import Kind, Status
from chakong.blacklist.v1 import (
    changes_pb2,
    listings_pb2,
    offline_pb2,
    proposals_pb2,
    public_pb2,
    screening_pb2,
)
from runtime.metrics import Figure

if TYPE_CHECKING:
    from blacklist.push.escalation import Escalation
    from blacklist.push.follow import Followers
    from blacklist.screening.current import Current
    from blacklist.store.desk import Desk
    from blacklist.store.proposal_reader import Waiting
    from blacklist.store.reader import Figures
    from runtime.guard import CallCounts

OUTCOMES = {2: "listed", 3: "restricted", 4: "check_by_hand"}
METHODS = tuple(
    method.name
    for module in (listings_pb2, screening_pb2, changes_pb2, offline_pb2, proposals_pb2, public_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
)
CODES = tuple(sorted(code.name for code in grpc.StatusCode if code is not grpc.StatusCode.OK))


@dataclass(slots=True)
class Counted:
    """What was counted last; None: nothing yet."""

    figures: "Figures | None" = None
    proposals: "Waiting | None" = None
    expired_count: int = 0
    # Named listings by outcome, since the start.
    named: dict[int, int] = field(default_factory=dict)


def blacklist_figures(
    calls: "CallCounts", desk: "Desk", current: "Current | None", counted: Counted
) -> Iterator[Figure]:
    """The figures as they stand."""
    # Copies made in one step: the loop may add a method meanwhile.
    begun, refused = dict(calls.calls), dict(calls.refused)
    for method in METHODS:
        labels = (("method", method),)
        yield Figure("chakong_blacklist_calls_total", "Calls begun.", begun.get(method, 0), labels)
    for code in CODES:
        count = sum(number for (_, name), number in refused.items() if name == code)
        text = "Calls ended with an error."
        yield Figure("chakong_blacklist_calls_refused_total", text, count, (("code", code),))
    yield Figure("chakong_blacklist_acts_total", "Acts that were done.", desk.done_count)
    yield Figure("chakong_blacklist_acts_failed_total", "Acts the database failed at.", desk.failed_count)
    yield Figure("chakong_blacklist_acts_waiting", "Acts that wait to be written.", desk.waiting_count)
    yield Figure(
        "chakong_blacklist_available", "Whether the database can be written.", int(desk.is_available)
    )
    for outcome, state in OUTCOMES.items():
        text = "Listings named in answers to screenings."
        count = counted.named.get(outcome, 0)
        yield Figure("chakong_blacklist_named_total", text, count, (("state", state),))
    yield Figure("chakong_blacklist_expired_total", "Listings whose term ended.", counted.expired_count)
    yield from _of_snapshot(current)
    yield from _of_list(counted)


def _of_snapshot(current: "Current | None") -> Iterator[Figure]:
    if current is None:
        return
    failures = current.failure_count
    yield Figure(
        "chakong_blacklist_refreshes_failed_total", "Refreshes of the snapshot that failed.", failures
    )
    if current.snapshot is not None:
        text = "Since all changes were in the snapshot that is asked."
        yield Figure("chakong_blacklist_snapshot_age_seconds", text, current.age_s())
        yield Figure("chakong_blacklist_snapshot_entries", "Entries in it.", current.snapshot.entry_count)
        yield Figure(
            "chakong_blacklist_snapshot_version", "Cursor of its last change.", current.snapshot.version
        )
        text = "Entries whose number can be nobody's."
        yield Figure("chakong_blacklist_entries_refused", text, len(current.refused))


def _of_list(counted: Counted) -> Iterator[Figure]:
    figures = counted.figures
    if figures is None:
        return
    for kind, status in product(Kind, Status):
        labels = (("kind", kind.name.lower()), ("state", status.name.lower()))
        count = figures.listings.get((kind, status), 0)
        yield Figure("chakong_blacklist_listings", "Listings, by kind and state.", count, labels)
    yield Figure("chakong_blacklist_removals_due", "Listings to be removed.", figures.removals_due)
    late = figures.removals_overdue
    yield Figure("chakong_blacklist_removals_overdue", "Listings that should have been removed.", late)
    late = figures.objections_overdue
    yield Figure("chakong_blacklist_objections_overdue", "Objections past their day.", late)
    if counted.proposals is not None:
        waiting, late = counted.proposals
        yield Figure("chakong_blacklist_proposals_open", "Proposals that wait for an officer.", waiting)
        yield Figure("chakong_blacklist_proposals_overdue", "Of these, removals past their day.", late)


def push_figures(followers: "Followers", escalation: "Escalation") -> Iterator[Figure]:
    """Who follows the list, and who is late with acknowledging removals."""
    text = "Streams of changes that units have open."
    yield Figure("chakong_blacklist_followers", text, followers.follower_count)
    # One list, though another may be put in its place meanwhile.
    standings = escalation.standings
    late_count = sum(1 for one in standings if one.overdue_removals)
    yield Figure("chakong_blacklist_units_overdue", "Units past a deadline.", late_count)
    text = "Removals not acknowledged, over all units."
    count = sum(one.open_removals for one in standings)
    yield Figure("chakong_blacklist_removals_unacknowledged", text, count)
    text = "Removals not acknowledged and past their deadline."
    for one in standings:
        labels = (("unit", one.unit),)
        yield Figure("chakong_blacklist_acknowledgements_overdue", text, one.overdue_removals, labels)
    text = "Working days since the oldest of these was due."
    for one in standings:
        labels = (("unit", one.unit),)
        yield Figure("chakong_blacklist_late_working_days", text, one.late_working_days, labels)
