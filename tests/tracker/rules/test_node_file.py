"""Node files: versions follow each other, and a profile lies over all of them."""

from runtime import data as installed
from tests.tracker.rules.others import AMENDMENT
from tracker.rules.node_file import NodeFile, Versions, read_amendment, read_nodes, read_profiles, versions
from tracker.rules.rule import FOREVER
from tracker.rules.table import Faults

PROFILE = """
[[profile]]
name = "p"
[[profile.override]]
node = 2
effective_from = 2026-08-01
limit = { working_days = 2 }
basis = "a local rule of August"
"""


def made(*amendments: str, profile: str = "") -> tuple[Versions, list[str]]:
    faults, read = Faults(), NodeFile()
    read_nodes(faults, "nodes.toml", installed.law_texts()["nodes.toml"], read)
    for at, text in enumerate(amendments):
        read_amendment(faults, f"amendment-{at}", text, read)
    if profile:
        read_profiles(faults, "profiles", profile, read)
    events = {rule.start for rule in read.rules}
    return versions(faults, read, events), faults.lines


def days(found: Versions, profile: str, number: int) -> list[tuple[int, int, tuple[int, str] | None]]:
    return [(rule.since, rule.until, rule.limit) for rule in found[profile, number, ""]]


def test_amendments_follow_in_the_order_of_their_days() -> None:
    later = AMENDMENT.replace("2026-06-01", "2027-01-01").replace("days = 3", "days = 2")
    found, faults = made(later, AMENDMENT)
    assert faults == []
    assert days(found, "national", 2) == [
        (20220410, 20260531, (7, "days")),
        (20260601, 20261231, (3, "days")),
        (20270101, FOREVER, (2, "days")),
    ]


def test_override_with_a_day_begins_on_it() -> None:
    found, faults = made(AMENDMENT, profile=PROFILE)
    assert faults == []
    assert days(found, "p", 2) == [
        (20220410, 20260531, (7, "days")),
        (20260601, 20260731, (3, "days")),
        (20260801, FOREVER, (2, "working_days")),
    ]
    assert found["p", 2, ""][-1].basis == "a local rule of August"
    assert found["p", 3, ""] == found["national", 3, ""]


def test_number_stays_one_node() -> None:
    _, faults = made(AMENDMENT.replace('per = "case"', 'per = "clue"'))
    assert any("node 2: key, kind, per: distribution, duty, clue given" in line for line in faults)


def test_variant_of_a_node_without_a_route_is_a_mistake() -> None:
    row = '[[variant]]\nnode = 2\nroute = "online"\nbasis = "x"\nstatus = "own"\n'
    _, faults = made(AMENDMENT + row)
    assert any(
        "variant of node 2: route: online given, the node itself is of both" in line for line in faults
    )


def test_override_that_contradicts_its_node_is_a_mistake() -> None:
    text = PROFILE.replace("node = 2", "node = 33")
    assert any("limit: a branch has none" in line for line in made(profile=text)[1])
