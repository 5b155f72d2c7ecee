"""Weather: who may stay silent in a scenario, who must, and in which end state a query there ends.

The table of docs/scenarios.md as masks over the institutions. Pure. What was found is not looked at here;
benchmarks.demo.truth does that.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from benchmarks.demo.concern import Mask, state_word
from chakong.gateway.v1.gateway_pb2 import Coverage, Inquiry
from simulator.layout import Layout
from simulator.scenarios import DECLINE_ONE_IN, LIES, MIXTURES, POISON_ONE_IN, Role, Scenario
from simulator.truth import Subject, is_chosen

ANSWERED = "ANSWERED"
GIVEN_UP = ("LATE", "UNREACHABLE")
# What a query behind an endpoint of this part may end in. Who has no part here answers.
ENDS: dict[Role, tuple[str, ...]] = {
    Role.CLOSED: ("UNREACHABLE",),
    Role.SILENT: GIVEN_UP,
}
LISTED = ("REFUSED", "INCAPABLE", "LATE", "UNREACHABLE", "CANCELLED")


def hours_now(name: str, seed: int, layout: Layout, now_ns: int) -> str:
    """What service hours mean to a run of this scenario that starts now; empty where nobody keeps them."""
    if not MIXTURES[name].keeps_hours:
        return ""
    scenario = Scenario(MIXTURES[name], seed, layout)
    closed = sum(not scenario.is_in_hours(endpoint.index, now_ns) for endpoint in layout.endpoints)
    if not closed:
        return "All endpoints are within their service hours (Beijing time) now: this night is as calm"
    return f"{closed} of {len(layout.endpoints)} endpoints are outside their service hours (Beijing time) now"


class Weather:
    """The expectation of one scenario and seed. `began_ns`, `ended_ns`: of the run, for service hours."""

    def __init__(self, name: str, seed: int, layout: Layout, began_ns: int, ended_ns: int) -> None:
        self._scenario = Scenario(MIXTURES[name], seed, layout)
        self._seed = seed
        self._layout = layout
        self._count = len(layout.institutions)
        self._allowed = {state: self._mask([]) for state in (ANSWERED, *LISTED)}
        self._allow((ANSWERED,), range(self._count))
        for endpoint, cast in self._scenario.casts.items():
            behind = layout.endpoints[endpoint].institutions
            if cast.role in ENDS:
                self._allow(ENDS[cast.role], behind)
            elif cast.role in LIES and not cast.mends:
                self._allow(("UNREACHABLE",), behind)
            self._allow(("UNREACHABLE",), cast.forgotten)
        self._allow_closed_hours(began_ns, ended_ns)
        incapable = set(range(self._count)) - self._scenario.able(0)
        self._allow(("INCAPABLE",), incapable)
        self._choosy = self._choosy_endpoints(incapable)

    def check(self, inquiry: Inquiry, concerned: Mask, final: Coverage) -> Counter[str]:
        """What the coverage of a FINAL answer says against the scenario: name -> queries."""
        faults: Counter[str] = Counter()
        allowed = self._allowed_for(inquiry)
        silent = self._mask([])
        for missing in final.missing:
            state = state_word(missing.state)
            came = self._mask(missing.institutions)
            silent |= came
            faults[f"{state}_not_foreseen"] += int((came & ~allowed[state]).sum())
            faults["not_concerned"] += int((came & ~concerned).sum())
        faults["answered_by_the_mute"] += int((concerned & ~silent & ~allowed[ANSWERED]).sum())
        return +faults

    def _allowed_for(self, inquiry: Inquiry) -> dict[str, Mask]:
        """The masks, with what endpoints do to this subject alone."""
        asked = Subject(inquiry.subject.id_type, inquiry.subject.id_number, inquiry.subject.name)
        allowed = self._allowed
        for salt, one_in, state, behind in self._choosy:
            if is_chosen(self._seed, asked, salt, one_in):
                allowed = {**allowed, state: allowed[state] | behind, ANSWERED: allowed[ANSWERED] & ~behind}
        return allowed

    def _choosy_endpoints(self, incapable: set[int]) -> list[tuple[int, int, str, Mask]]:
        """(salt, one in so many subjects, end state of those, institutions)."""
        found = []
        for endpoint in self._scenario.casts:
            behind = self._mask(set(self._layout.endpoints[endpoint].institutions) - incapable)
            poison, decline = self._scenario.poison_salt(endpoint), self._scenario.decline_salt(endpoint)
            if poison is not None:
                found.append((poison, POISON_ONE_IN, "UNREACHABLE", behind))
            if decline is not None:
                found.append((decline, DECLINE_ONE_IN, "REFUSED", behind))
        return found

    def _allow_closed_hours(self, began_ns: int, ended_ns: int) -> None:
        for endpoint in self._layout.endpoints:
            is_open = [self._scenario.is_in_hours(endpoint.index, at_ns) for at_ns in (began_ns, ended_ns)]
            if not any(is_open):
                self._allow(GIVEN_UP, endpoint.institutions)
            elif not all(is_open):
                self._allow((ANSWERED, *GIVEN_UP), endpoint.institutions)

    def _allow(self, states: tuple[str, ...], institutions: Iterable[int]) -> None:
        """These end in one of `states`, whatever was said of them before."""
        mask = self._mask(institutions)
        for state, allowed in self._allowed.items():
            self._allowed[state] = allowed | mask if state in states else allowed & ~mask

    def _mask(self, institutions: Iterable[int]) -> Mask:
        mask: Mask = np.zeros(self._count, dtype=np.bool_)
        mask[list(institutions)] = True
        return mask
