"""Asked: of which debtors of a case the inquiries that have ended found nothing.

Pure. A round is over when nothing was found of any of the debtors, by the latest inquiry about each; then the
next begins. What counts as an inquiry, and as nothing, is decided in answers.py.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from runtime.calendar import add_days

# Inquiries that lie further apart say nothing of the whole case: about as long as one is fresh before
# enforcement is ended for now.
ROUND_DAYS_MAX: Final = 92


class Asked(NamedTuple):
    """An inquiry about one of the subjects that has ended. `inquiry`: its id; `on`: when it was begun;
    `is_nothing`: it was full, and nothing was found."""

    subject: int
    inquiry: str
    on: int
    is_nothing: bool


class Rounds:
    """Of one case. Inquiries are added in the order in which they were recorded."""

    __slots__ = ("_asked",)

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def add(self, asked: Asked) -> None:
        """One more inquiry; of one that is there already the first word stands."""
        self._asked.setdefault(asked.inquiry, asked)

    @property
    def asked(self) -> Collection[Asked]:
        """All of them, in their order."""
        return self._asked.values()

    def are_over_with(self, last: Asked, subject_count: int) -> bool:
        """Whether a round is over with this inquiry. Of one that is there already: whether it was."""
        last = self._asked.get(last.inquiry, last)
        empty: dict[int, Asked] = {}
        for one in (*self._asked.values(), last):
            if _is_round(empty, subject_count):
                empty.clear()
            if one.is_nothing:
                empty[one.subject] = one
            else:
                empty.pop(one.subject, None)
            if one.inquiry == last.inquiry:
                break
        return last.is_nothing and _is_round(empty, subject_count)


def _is_round(empty: Mapping[int, Asked], subject_count: int) -> bool:
    days = [empty[subject].on for subject in range(subject_count) if subject in empty]
    return len(days) == subject_count > 0 and max(days) <= add_days(min(days), ROUND_DAYS_MAX)
