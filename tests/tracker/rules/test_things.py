"""Things: kinds of property, ways of selling, and where payments came from."""

from tests.tracker.rules.build import FILED, event
from tracker.rules.things import NOTHING, things


def test_case_without_things_has_nothing() -> None:
    assert things(FILED) is NOTHING


def test_measure_knows_its_property_better_than_who_found_it() -> None:
    found = event("property_found", 20260101, thing="p1", property="movable")
    measured = event("measure_effective", 20260102, thing="p1", property="immovable")
    assert things([found]).kinds["p1"] == "movable"
    assert things([found, measured]).kinds["p1"] == "immovable"


def test_way_of_selling_is_the_last_one_told_by_the_day() -> None:
    about = things(
        [
            event("auction", 20260301, thing="p1", route="online"),
            event("second_auction_failed", 20260501, thing="p1", route="traditional"),
        ]
    )
    assert [about.route("p1", day) for day in (20260228, 20260301, 20260430, 20260501)] == [
        "", "online", "online", "traditional",
    ]  # fmt: skip
    assert about.route("p2", 20260501) == ""


def test_deposits_are_deducted_and_the_rest_is_appraised() -> None:
    about = things(
        [
            event("measure_effective", 20260101, thing="d", property="deposit"),
            event("measure_effective", 20260101, thing="h", property="immovable"),
        ]
    )
    assert [about.concerns("deduction", thing) for thing in ("d", "h", "unknown")] == [True, False, False]
    assert [about.concerns("appraisal", thing) for thing in ("d", "h", "unknown")] == [False, True, False]
    assert about.concerns("auction", "unknown")


def test_payment_knows_its_property() -> None:
    assert things([event("money_received", 20260101, thing="m", origin="p1")]).origins == {"m": "p1"}
