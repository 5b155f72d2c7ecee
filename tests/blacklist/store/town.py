"""Town: a world that follows a court's events, and events as they are told."""

from typing import Any

from blacklist.model import Deed, Proposal, ProposalStatus, Status
from blacklist.rules.proposing import CaseEvent
from blacklist.store.proposal_reader import ProposalReader
from blacklist.store.proposer import Proposer
from tests.blacklist.build import LAW, TODAY
from tests.blacklist.house import COURT
from tests.blacklist.store.world import World

CASE = "(2026)京0105执1号"
TERMLESS = "able_but_refuses"


class Town(World):
    """A world that follows a court's events."""

    def __post_init__(self) -> None:
        World.__post_init__(self)
        self.proposer = Proposer(self.engine, LAW)
        self.proposals = ProposalReader(self.engine)

    def tell(self, *events: CaseEvent, after: int | None = None) -> dict[str, int] | None:
        """What became of them; the next cursor is that of the last event."""
        kept = self.proposer.cursor(COURT) if after is None else after
        found = self.proposer.take(COURT, kept, events, kept + len(events), self.now_ns)
        return None if found is None else dict(+found)

    def open(self) -> list[Proposal]:
        """Those that wait."""
        return self.proposals.proposals(COURT, "", int(ProposalStatus.OPEN), 0, 100)

    def all(self) -> list[ProposalStatus]:
        """How all stand."""
        return [one.status for one in self.proposals.proposals(COURT, "", 0, 0, 100)]

    def status(self, listing_id: int) -> Status:
        """Of a listing."""
        return self.whole(listing_id).listing.status

    def deeds(self, listing_id: int) -> list[Deed]:
        """Its history."""
        return [act.deed for act in self.whole(listing_id).history]


def event(kind: str, event_id: str = "e1", **more: Any) -> CaseEvent:
    given: dict[str, Any] = {"case_number": CASE, "happened": TODAY} | more
    return CaseEvent(event_id=event_id, kind=kind, **given)


ENDED = event("closing", "s", happened=20261101, manner="ended_for_now")


def empty(number: int) -> CaseEvent:
    return event("no_property_found", f"n{number}", happened=20261109 + number)


def void(event_id: str) -> CaseEvent:
    return event("corrected", f"c-{event_id}", voids=event_id)
