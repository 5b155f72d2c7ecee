"""Names: what things, events and automatic orders are called, the same however often the follower meets them.

Pure. A property is named by who keeps it, what it is and a digest of its locator: no account number stands in
a list of nodes. Nothing of a person is in a name.
"""

from hashlib import blake2b
from typing import Final

from chakong.type.v1.hold_pb2 import Property
from chakong.type.v1.type_pb2 import Subject

YUAN: Final = "CNY"
DIGEST_BYTES: Final = 10
# The gateway takes orders of a service under such ids alone.
OWN: Final = "tracker:"
FIRST: Final = f"{OWN}first:"
PATROL: Final = f"{OWN}patrol:"


def property_thing(institution: int, item: int, locator: str, currency: str) -> str:
    """A property, as an answer or a hold names it; the two come to the same name."""
    return f"{institution}-{item}-{_digest(locator, currency or YUAN)}"


def thing_of(place: Property) -> str:
    """The property that a hold is on."""
    return property_thing(place.institution, place.item, place.locator, place.currency)


def first_order(court: str, case_number: str, subject_index: int) -> str:
    """The order id of a case's first inquiry about one of its subjects."""
    return f"{FIRST}{_digest(court, case_number)}:{subject_index}"


def own_subject(order_id: str) -> int | None:
    """Which of the case's subjects an order of the tracker is about; None: it is another's."""
    index = order_id.rpartition(":")[2]
    return int(index) if is_own(order_id) and index.isdecimal() else None


def subject_key(subject: Subject) -> bytes:
    """One person's, by kind and number of the document: two inquiries are about the same one. A name may be
    written in several ways."""
    return blake2b(
        f"{subject.id_type}\n{subject.id_number.upper()}".encode(), digest_size=DIGEST_BYTES
    ).digest()


def patrol_order(court: str, case_number: str, day: int, subject_index: int) -> str:
    """The same of a patrol that was due on this day."""
    return f"{PATROL}{day}:{_digest(court, case_number)}:{subject_index}"


def is_own(order_id: str) -> bool:
    """Whether the tracker itself ordered it: such an inquiry asks everybody for everything."""
    return order_id.startswith(OWN)


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=DIGEST_BYTES).hexdigest()
