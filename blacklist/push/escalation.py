"""Escalation: looks now and then which units are late with acknowledging removals, and says so.

A line in the log for each late unit and day, and the figures for Prometheus; who is late is also in
ListAcknowledgements. Units, counts and days are named, no person. It decides nothing: deadlines.py does.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from blacklist.push.deadlines import Standing

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Escalation:
    """What was found last. `told`: the units of which the log was told today."""

    standings: Sequence[Standing] = ()
    _day: int = 0
    _told: set[str] = field(default_factory=set)

    @property
    def late(self) -> list[Standing]:
        """Units that are past a deadline."""
        return [one for one in self.standings if one.overdue_removals]

    def look(self, standings: Sequence[Standing], today: int) -> None:
        """Take in how all units stand on this date."""
        if today != self._day:
            self._day, self._told = today, set()
        self.standings = standings
        for one in self.late:
            if one.unit not in self._told:
                self._told.add(one.unit)
                extra = {
                    "unit": one.unit,
                    "cursor": one.mark.cursor,
                    "overdue_count": one.overdue_removals,
                    "late_working_days_count": one.late_working_days,
                }
                log.warning("a unit is late with removals", extra=extra)
