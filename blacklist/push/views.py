"""Views: changes, acknowledgements and proofs as the contract has them. Pure."""

from collections.abc import Iterable, Sequence

from blacklist.push.deadlines import Standing
from blacklist.push.marks import Exceptions
from blacklist.push.proof import UnitProof
from blacklist.rpc.views import subject_view
from blacklist.rules.units import Measures
from blacklist.store.entries import Change
from blacklist.store.proving import Removal
from chakong.blacklist.v1 import changes_pb2
from runtime.calendar import date_of_day


def changes_view(changes: Sequence[Change], binding: Measures) -> list[changes_pb2.Change]:
    """Those that a unit with this binding is shown: the ones that its measures bind it to."""
    return [_change(one, sorted(binding[one.row[5]])) for one in changes if binding[one.row[5]]]


def standing_view(one: Standing) -> changes_pb2.Acknowledgement:
    """How a unit stands."""
    return changes_pb2.Acknowledgement(
        unit=one.unit,
        cursor=one.mark.cursor,
        exceptions=exceptions_view(one.mark.exceptions),
        acknowledged_ns=one.mark.acknowledged_ns,
        open_removals=one.open_removals,
        overdue_removals=one.overdue_removals,
        due=one.due,
        told_cursor=one.mark.told,
        working_days=one.working_days,
        late_working_days=one.late_working_days,
        provisional=one.is_provisional,
    )


def exceptions_view(exceptions: Exceptions) -> list[changes_pb2.FailedChange]:
    """What a unit left out."""
    return [
        changes_pb2.FailedChange(cursor=cursor, failure=int(failure))  # type: ignore[arg-type]
        for cursor, failure in sorted(exceptions.items())
    ]


def proof_view(listing_id: int, removals: Iterable[Removal], today: int) -> changes_pb2.RemovalProof:
    """What each unit did about what was taken back of a listing."""
    shown = [_removal(one) for one in removals]
    return changes_pb2.RemovalProof(listing_id=listing_id, day=today, removals=shown)


def _removal(one: Removal) -> changes_pb2.Removal:
    return changes_pb2.Removal(
        cursor=one.cursor,
        deed=int(one.deed),  # type: ignore[arg-type]
        removed=one.removed,
        units=[_unit(unit) for unit in one.units],
        confirmed_by_all=all(unit.confirmed for unit in one.units),
    )


def _unit(one: UnitProof) -> changes_pb2.UnitProof:
    return changes_pb2.UnitProof(
        unit=one.unit,
        told=one.told,
        confirmed=one.confirmed,
        due=one.due,
        late=one.is_late,
        failure=int(one.failure or 0),  # type: ignore[arg-type]
    )


def _change(change: Change, measures: Sequence[int]) -> changes_pb2.Change:
    id_type, number, name, listing_id, _, _, since_day, until_day = change.row
    kind = changes_pb2.CHANGE_KIND_ADDED if change.is_added else changes_pb2.CHANGE_KIND_REMOVED
    return changes_pb2.Change(
        cursor=change.cursor,
        kind=kind,
        listing_id=listing_id,
        deed=int(change.deed),  # type: ignore[arg-type]
        listing_kind=int(change.kind),  # type: ignore[arg-type]
        subject=subject_view(id_type, number.decode(), name),
        since=date_of_day(since_day),
        until=date_of_day(until_day) if until_day is not None else 0,
        measures=measures,
        changed_ns=change.changed_ns,
    )
