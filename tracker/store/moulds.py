"""Moulds: judges cases, and remembers how those stand that were registered alike.

Cases come by the thousand with the same few events on the same days: the rules are asked once for all of
them. What is remembered holds for one law and one day.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from chakong.tracker.v1 import case_pb2
from tracker.store.contribution import is_dated, leads_of
from tracker.store.draft import Mould, mould_of
from tracker.store.judge import Judged
from tracker.store.leads import Leads
from tracker.store.names import Names
from tracker.store.standing import Kept, Node

REMEMBERED_MAX: Final = 65_536

Key = tuple[object, ...]


class Moulds:
    """One judge at a time; `change` gives another one."""

    def __init__(self, names: Names, leads: Leads) -> None:
        self._names = names
        self._leads = leads
        self._known: dict[Key, Mould] = {}
        self._today = 0

    def forget(self) -> None:
        """Everything: a transaction failed, and numbers given in it are given again; or the law changed."""
        self._known.clear()

    def known(self, key: Key, today: int) -> Mould | None:
        """Of a case that was registered alike today; None: there was none."""
        if today != self._today or len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
            self._today = today
        return self._known.get(key)

    def remember(self, key: Key, mould: Mould) -> None:
        """For those that are registered alike."""
        self._known[key] = mould

    def made(self, connection: Connection, judged: Judged) -> Mould:
        """Of a case that was judged; origins get their numbers."""
        kept = [self._kept(connection, node) for node in judged.nodes]
        for node in kept:
            if is_dated(node):
                self._leads.see(node.number, *leads_of(node))
        return mould_of(judged.status, judged.status_day, kept)._replace(handler=judged.handler)

    def _kept(self, connection: Connection, node: Node) -> Kept:
        origin_id = self._names.origin(connection, node.origin) if node.due else 0
        return Kept(
            node.number,
            node.state,
            node.flags,
            node.thing,
            node.start,
            node.due,
            node.amber,
            node.red,
            node.done,
            origin_id,
            node.stopped_days,
            node.variant,
        )


def key_of(case: case_pb2.Case, events: Sequence[case_pb2.Event]) -> Key:
    """All that the rules look at; not whose case it is, nor who recorded. Of what an event rests on they ask
    whether there is something."""
    parts: list[object] = [
        case.profile,
        case.non_litigation,
        case.conduct_only,
        case.ending_wished,
        case.claim_fen > 0,
    ]
    is_detailed = False
    for event in events:
        parts += (event.kind, event.thing, event.effective, bool(event.instrument or event.basis))
        if event.HasField("detail"):
            is_detailed = True
            parts.append(event.detail.SerializeToString(deterministic=True))
            if event.detail.subject:
                parts.append(len(case.subjects))
        if event.HasField("correction"):
            parts += (event.event_id, event.correction.SerializeToString(deterministic=True))
    if is_detailed:
        # What events of one day say counts in the order of their ids.
        ids = [(event.effective, event.event_id) for event in events]
        parts.append(tuple(sorted(range(len(ids)), key=ids.__getitem__)))
    return tuple(parts)
