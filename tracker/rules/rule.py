"""Rule: the parts that the law is made of. Frozen values; how they are read is in law.py and node_file.py."""

from dataclasses import dataclass
from typing import Final, NamedTuple

# Later than every day of a case.
FOREVER: Final = 99991231


class Limit(NamedTuple):
    """So many days, working_days or months."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class NodeRule:
    """One version of a node's rule, in one profile and on one route.

    `start` is the event that starts the clock. Instead of `limit`, `urgent` is for urgent things,
    `non_litigation` for a title that no court gave, and `ending` for a case that is being ended for now.
    `stops`: excluded periods stop its clock. In force on the days from `since` to `until`.
    """

    number: int
    key: str
    zh: str
    en: str
    kind: str
    per: str
    start: str
    limit: Limit | None
    urgent: Limit | None
    non_litigation: Limit | None
    ending: Limit | None
    extension: Limit | None
    extension_by: str
    not_before: Limit | None
    fresh_within: Limit | None
    term: str
    route: str
    stops: bool
    basis: str
    status: str
    since: int
    until: int
    profile: str

    @property
    def name(self) -> str:
        """As a due day cites it: the node's key, with its route and profile where it has one."""
        route = f"/{self.route}" if self.route else ""
        return f"{self.key}{route}@{self.profile}"

    def limit_for(self, is_urgent: bool, is_non_litigation: bool, is_ending: bool) -> Limit | None:
        """The limit of such a thing in such a case: the ending goes first, then the title, then urgency."""
        if is_ending and self.ending:
            return self.ending
        if is_non_litigation and self.non_litigation:
            return self.non_litigation
        if is_urgent and self.urgent:
            return self.urgent
        return self.limit


class EventRule(NamedTuple):
    """A kind of event: what it belongs to, and who may record it."""

    key: str
    per: str
    by: tuple[str, ...]
    text: str


class TermRule(NamedTuple):
    """The most months that a measure on such property, and each renewal of it, may last."""

    months: int
    basis: str
    status: str
    since: int
    until: int


class Period(NamedTuple):
    """An excluded period."""

    key: str
    zh: str
    basis: str
    status: str


class CheckRule(NamedTuple):
    """What must be fulfilled before enforcement is ended for now."""

    key: str
    text: str
    proved_by: tuple[str, ...]
    basis: str
    status: str


class Again(NamedTuple):
    """How often, and for how long, a case ended for now is asked about again."""

    every: Limit
    until: Limit
    basis: str
    status: str


class Warn(NamedTuple):
    """When duties and terms warn."""

    amber_percent: int
    red_percent: int
    # Before the last day of a term, the earliest first.
    term_days: tuple[int, ...]
