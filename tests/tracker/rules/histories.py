"""Histories: events of a case drawn at random, sensible or not. A test helper."""

from typing import Any

from hypothesis import strategies as st

from runtime import calendar
from tests.tracker.rules.build import NOW_NS, event
from tracker.model import Event

FIRST = calendar.day_of_date(20260101)
PLAIN = (
    "application_received",
    "filing",
    "distribution",
    "enforcement_notice",
    "no_property_found",
    "suspension_talk",
    "refusal_established",
    "sanction",
    "claim_satisfied",
    "archiving",
    "resumption",
    "suspension_start",
    "without_property",
    "bankruptcy_accepted",
)
OF_PROPERTY = (
    "property_found",
    "other_control",
    "measure_renewed",
    "measure_ended",
    "deduction",
    "appraisal",
    "appraisal_received",
    "appraisal_served",
    "appraisal_objection",
    "auction_failed",
    "second_auction",
    "price_paid",
    "sale_confirmed",
    "property_found_after_suspension",
)


PROPERTIES = st.sampled_from(["p1", "p2"])
LATER = st.one_of(st.just(0), st.integers(0, 1_200).map(lambda after: calendar.date_of_day(FIRST + after)))
# Kind, thing and detail, as they go together.
Said = tuple[str, str, dict[str, Any]]
SAID: st.SearchStrategy[Said] = st.one_of(
    st.tuples(st.sampled_from(PLAIN), st.just(""), st.just({})),
    st.tuples(st.sampled_from(OF_PROPERTY), PROPERTIES, st.just({})),
    st.tuples(
        st.just("measure_effective"),
        PROPERTIES,
        st.fixed_dictionaries(
            {"property": st.sampled_from(["deposit", "movable", "immovable"]), "until": LATER}
        ),
    ),
    st.tuples(
        st.sampled_from(["clock_stopped", "clock_resumed"]),
        st.just(""),
        st.fixed_dictionaries({"period": st.sampled_from(["stay", "auction_period"])}),
    ),
    st.tuples(
        st.just("closing"),
        st.just(""),
        st.fixed_dictionaries({"manner": st.sampled_from(["completed", "ended_for_now"])}),
    ),
    st.tuples(
        st.just("extension_granted"),
        st.just(""),
        st.fixed_dictionaries({"months": st.integers(1, 3), "approved_by": st.just("president")}),
    ),
    st.tuples(
        st.just("auction"),
        PROPERTIES,
        st.fixed_dictionaries({"route": st.sampled_from(["online", "traditional"])}),
    ),
    st.tuples(
        st.just("clue_received"),
        st.sampled_from(["c1", "c2"]),
        st.fixed_dictionaries({"is_urgent": st.booleans()}),
    ),
    st.tuples(
        st.sampled_from(["money_received", "payment_opened"]),
        st.just("m1"),
        st.fixed_dictionaries({"origin": st.sampled_from(["", "p1", "p2"])}),
    ),
    st.tuples(
        st.just("online_inquiry"),
        st.just(""),
        st.fixed_dictionaries({"inquiry": st.sampled_from(["i1", "i2"]), "is_full": st.booleans()}),
    ),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """One event, within 2026; recorded whenever."""
    kind, thing, said = draw(SAID)
    effective = calendar.date_of_day(FIRST + draw(st.integers(0, 300)))
    event_id = draw(st.text("abcdefgh", min_size=1, max_size=6))
    recorded_ns = NOW_NS - draw(st.integers(0, 40)) * calendar.DAY_NS
    return event(kind, effective, event_id, thing, recorded_ns=recorded_ns, **said)


def histories() -> st.SearchStrategy[list[Event]]:
    """Events with ids of their own."""
    return st.lists(events(), max_size=14, unique_by=lambda one: one.event_id)
