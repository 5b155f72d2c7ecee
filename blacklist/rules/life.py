"""Life: what may be done to a listing, and to an objection, as things stand. What is not in the tables is
refused.

A listing stays in force while it is objected to, and while its removal is due. The end of a term and a
removal are final: who is to be listed again gets a new listing.
"""

from typing import Final

from blacklist.model import Deed, Listing, ObjectionStatus, Refusal, Rule, Status

NEXT: Final[dict[tuple[Status, Deed], Status]] = {
    (Status.IN_FORCE, Deed.CORRECT): Status.IN_FORCE,
    (Status.IN_FORCE, Deed.EXTEND): Status.IN_FORCE,
    (Status.IN_FORCE, Deed.PROPOSE_REMOVAL): Status.REMOVAL_DUE,
    (Status.IN_FORCE, Deed.REMOVE): Status.REMOVED,
    (Status.IN_FORCE, Deed.EXPIRE): Status.EXPIRED,
    (Status.REMOVAL_DUE, Deed.CORRECT): Status.REMOVAL_DUE,
    (Status.REMOVAL_DUE, Deed.PROPOSE_REMOVAL): Status.REMOVAL_DUE,
    (Status.REMOVAL_DUE, Deed.REJECT_REMOVAL): Status.IN_FORCE,
    (Status.REMOVAL_DUE, Deed.REMOVE): Status.REMOVED,
    (Status.REMOVAL_DUE, Deed.EXPIRE): Status.EXPIRED,
}
# An objection to a listing that is in force.
OBJECTED: Final[dict[tuple[ObjectionStatus, Deed], ObjectionStatus]] = {
    (ObjectionStatus.OPEN, Deed.UPHOLD): ObjectionStatus.UPHELD,
    (ObjectionStatus.OPEN, Deed.REJECT): ObjectionStatus.REJECTED,
    (ObjectionStatus.REJECTED, Deed.ASK_REVIEW): ObjectionStatus.REVIEW_OPEN,
    (ObjectionStatus.REVIEW_OPEN, Deed.UPHOLD): ObjectionStatus.UPHELD,
    (ObjectionStatus.REVIEW_OPEN, Deed.REJECT): ObjectionStatus.REVIEW_REJECTED,
}


def after(status: Status, deed: Deed) -> Status | Refusal:
    """How a listing stands after a deed."""
    return NEXT.get((status, deed)) or Refusal(
        Rule.NOT_NOW, f"listing: is {status.name}, and {deed.name} is not possible then"
    )


def over(listing: Listing, today: int) -> Refusal | None:
    """Why nothing makes a listing last whose term is over. It fell off after its last day, also while nobody
    has recorded that yet."""
    if not 0 < listing.until < today:
        return None
    return Refusal(Rule.NOT_NOW, f"until: {listing.until}, the term is over on {today}")


def objected(status: ObjectionStatus, deed: Deed) -> ObjectionStatus | Refusal:
    """How an objection stands after a deed."""
    return OBJECTED.get((status, deed)) or Refusal(
        Rule.NOT_NOW, f"objection: is {status.name}, and {deed.name} is not possible then"
    )
