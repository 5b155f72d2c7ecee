"""Drawn: inquiries as Hypothesis draws them, short enough to be read in a failure."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types
from tests.model.world import COURT, ITEMS, inquiry, only, person

SUBJECTS = (
    person(0),
    person(1),
    person(1, "张"),
    person(18),
    types.Subject(id_type=types.ID_TYPE_CREDIT_CODE, id_number="93370102FX9A4UWCQ0", name="趋势传媒有限公司"),
    types.Subject(id_type=types.ID_TYPE_PASSPORT, id_number="E1234567", name="Ann"),
    *(person(number) for number in range(2, 12)),
)
SPOILS: dict[str, Callable[[gateway.Inquiry], object]] = {
    "": lambda made: None,
    "name": lambda made: made.subject.ClearField("name"),
    "number": lambda made: setattr(made.subject, "id_number", made.subject.id_number[:-1]),
    "court": lambda made: setattr(made, "court_code", "other"),
    "role": lambda made: setattr(made.mandate, "debtor_role", 2),
    "officer": lambda made: made.mandate.ClearField("officer_id"),
    "item": lambda made: made.items.append(26),
    "institution": lambda made: made.scope.CopyFrom(only(99)),
    "small x": lambda made: setattr(made.subject, "id_number", made.subject.id_number.replace("X", "x")),
    "order id": lambda made: made.ClearField("order_id"),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    subject: int = 0
    scope: str | tuple[int, ...] = "ALL"  # a reach, a province, or a list
    items: tuple[int, ...] = ()
    urgency: str = "UNSPECIFIED"
    freshness_s: int | None = None
    deadline_s: int = 0
    claim_fen: int = 0
    spoil: str = ""

    def made(self, order_id: str, court: str = COURT, generation: int = 0) -> gateway.Inquiry:
        """The inquiry; its case is the order's own, and each generation has people of other names."""
        made = inquiry(order_id, SUBJECTS[self.subject])
        made.court_code = court
        made.subject.name += str(generation)
        made.items.extend(self.items)
        made.urgency = gateway.Urgency.Value(f"URGENCY_{self.urgency}")
        made.deadline_s = self.deadline_s
        made.claim_fen = self.claim_fen
        if isinstance(self.scope, tuple):
            made.scope.CopyFrom(only(*self.scope))
        elif self.scope.isdigit():
            made.scope.CopyFrom(gateway.Scope(reach=gateway.REACH_PROVINCE, province=self.scope))
        else:
            made.scope.reach = gateway.Reach.Value(f"REACH_{self.scope}")
        if self.freshness_s is not None:
            made.freshness_s = self.freshness_s
        SPOILS[self.spoil](made)
        return made


# Mostly good ones, and mostly about two people, so that they meet.
INQUIRIES = st.builds(
    Drawn,
    subject=st.sampled_from([0, 1, 0, 1, 2, 3, 4, 5]),
    scope=st.one_of(
        st.sampled_from(["ALL", "ALL", "BANKS", "UNITS", "33", "32"]),
        st.lists(st.sampled_from(sorted(ITEMS)), min_size=1, max_size=4).map(tuple),
    ),
    items=st.sampled_from([(), (), (), (), (1,), (1, 2), (1, 3, 6), (8, 2)]),
    urgency=st.sampled_from(["UNSPECIFIED", "URGENT", "NORMAL", "PATROL"]),
    freshness_s=st.sampled_from([None, None, None, 0, 5, 3600]),
    deadline_s=st.sampled_from([0, 0, 0, 3, 60]),
    spoil=st.sampled_from([""] * 12 + sorted(SPOILS)),
)
MESSAGES = st.lists(INQUIRIES, min_size=1, max_size=5)
