"""Other files: events, terms and checks, and what is wrong with them."""

from runtime import data as installed
from tests.tracker.rules.build import law
from tracker.rules.other_files import CHECK_KEYS, read_checks, read_events, read_terms
from tracker.rules.rule import Limit
from tracker.rules.table import Faults


def test_installed_files_have_no_faults() -> None:
    faults, texts = Faults(), installed.law_texts()
    events = read_events(faults, "events", texts["events.toml"])
    terms = read_terms(faults, "terms", texts["terms.toml"])
    checks, again = read_checks(faults, "checks", texts["suspension.toml"], set(law().events))
    assert faults.lines == []
    assert (len(events), len(terms), tuple(check.key for check in checks)) == (34, 4, CHECK_KEYS)
    assert (again.every, again.until) == (Limit(6, "months"), Limit(60, "months"))
    assert [term.months for term in terms["immovable"]] == [24, 36]


def test_event_twice_or_without_anybody_is_a_mistake() -> None:
    row = '[[event]]\nkey = "a"\nper = "case"\nby = []\ntext = "x"\n'
    faults = Faults()
    read_events(faults, "events", row + row)
    assert faults.lines == [
        "events: event a: by: nobody may record it",
        "events: event a: stands there twice",
        "events: event a: by: nobody may record it",
    ]


def test_term_without_a_length_is_a_mistake() -> None:
    faults = Faults()
    read_terms(faults, "terms", '[[term]]\nproperty = "ship"\nbasis = "x"\nstatus = "own"\n')
    assert faults.lines == ["terms: term of ship: max: missing"]


def test_file_without_checks_names_all_that_are_missing() -> None:
    faults = Faults()
    read_checks(faults, "checks", "", ())
    assert sum("once needed" in line for line in faults.lines) == len(CHECK_KEYS)
