"""Law: read whole or not at all, every mistake named; versions by day, profile and route."""

import pytest

from runtime import data as installed
from tests.tracker.rules.build import changed, law
from tests.tracker.rules.others import AMENDMENT
from tracker.rules.law import NAMES, Law, LawError, amended, load, version_of


def faults(*changes: tuple[str, str, str]) -> tuple[str, ...]:
    texts = installed.law_texts()
    for name, before, after in changes:
        assert before in texts[name], before
        texts[name] = texts[name].replace(before, after, 1)
    with pytest.raises(LawError) as refused:
        load(texts)
    return refused.value.faults


def test_installed_law_has_its_nodes_profiles_events_and_checks() -> None:
    assert list(law().nodes) == list(range(1, 38))
    assert law().profiles == ("national", "local-a", "local-b")
    assert len(law().checks) == 13
    assert law().term_nodes == {"deposit": 15, "movable": 13, "immovable": 12, "other_right": 14}
    assert len(law().periods) == 6
    assert {rule.status for rule in law().nodes.values()} == {"read", "copy", "unknown"}


def test_all_mistakes_of_all_files_are_listed_at_once() -> None:
    found = faults(
        ("nodes.toml", "limit = { days = 7 }", "limit = { weeks = 1 }"),
        ("nodes.toml", 'from = "distribution"', 'from = "breakfast"'),
        ("nodes.toml", "amber_percent = 70", "amber_percent = 95"),
        ("nodes-local.toml", "node = 28", "node = 99"),
        ("events.toml", 'by = ["court"]', 'by = ["anybody"]'),
        ("suspension.toml", '"notice_served"', '"notice_eaten"'),
        ("terms.toml", "months = 12", "months = 13"),
    )
    for part in (
        "node 1: limit: nothing given",
        "from: 'breakfast' is no event and no node",
        "amber_percent: 95 given, less than red_percent 90 needed",
        "profile local-b: node 99: node: no such node",
        "by: 'anybody' given, one of court, follower needed",
        "proved_by: 'notice_eaten' is no event and no node",
        "node 15 of national: limit: 12 months given, terms.toml says 13",
    ):
        assert any(part in line for line in found), (part, found)


@pytest.mark.parametrize(
    ("name", "before", "after", "fault"),
    [
        (
            "nodes.toml",
            "[[node]]\nnumber = 2\n",
            "[[node]]\nnumber = 1\n",
            "effective_from: two rules from 20220410 on",
        ),
        ("nodes.toml", 'kind = "duty"', 'kind = "whim"', "kind: 'whim' given, one of duty"),
        ("nodes.toml", "number = 5\n", "number = 500\n", "number: 500 given, 1 to 255 allowed"),
        ("nodes.toml", "number = 5\n", "number = 40\n", "node: 5, 38, 39 missing"),
        ("nodes.toml", 'status = "read"', 'status = "guessed"', "status: 'guessed' given"),
        ("nodes.toml", 'status = "read"', 'status = "read"\ncolour = "red"', "colour: unknown field"),
        (
            "nodes.toml",
            "effective_from = 2022-04-10",
            'effective_from = "2022"',
            "effective_from: '2022' given, a date",
        ),
        ("nodes.toml", 'kind = "window"', 'kind = "term"', "term: '' given for a term"),
        ("nodes.toml", "limit = { days = 5 }", "", "limit: missing, a window has one"),
        (
            "nodes.toml",
            "limit = { days = 10 }",
            "limit = { days = true }",
            "days: True given, 1 to 3660 allowed",
        ),
        (
            "nodes.toml",
            "limit = { months = 6 }",
            "limit = { working_days = 6 }",
            "excluded periods stop days and months",
        ),
        (
            "nodes.toml",
            'key = "clue_check"',
            'key = "clue_look"',
            "node clue_check: missing, the rules need it",
        ),
        ("events.toml", 'key = "listed"', 'key = "filing"', "is node 1"),
        ("events.toml", 'key = "measure_renewed"', 'key = "renewed"', "event measure_renewed: missing"),
        ("suspension.toml", 'key = "talk"', 'key = "papers"', "check talk: 0 times, once needed"),
        (
            "suspension.toml",
            "every = { months = 6 }",
            "every = { days = 6 }",
            "days given, one of months needed",
        ),
        ("nodes-local.toml", 'name = "local-b"', 'name = "local-a"', "name: 'local-a' is taken"),
        ("nodes-local.toml", "node = 6", "node = 6\nlimits = 3", "limits: unknown field"),
        (
            "terms.toml",
            "effective_until = 2015-02-03",
            "effective_until = 2016-02-03",
            "another term is in force",
        ),
        ("nodes.toml", "[warning]", "[warning", "nodes.toml: "),
    ],
)
def test_mistake_is_named(name: str, before: str, after: str, fault: str) -> None:
    found = faults((name, before, after))
    assert any(fault in line for line in found), found


def test_file_that_is_missing_is_named() -> None:
    with pytest.raises(LawError) as refused:
        load({})
    assert {line for line in refused.value.faults if line.endswith(": missing")} >= {
        f"{name}: missing" for name in NAMES
    }


def test_version_is_that_of_the_texts() -> None:
    texts = installed.law_texts()
    assert law().version == version_of(dict(reversed(texts.items())))
    assert changed("nodes.toml", "amber_percent = 70", "amber_percent = 60").version != law().version


def test_rule_is_that_of_its_day() -> None:
    assert law().rule("national", 20, "", 20231231) is None
    found = law().rule("national", 20, "", 20240101)
    assert found is not None
    assert (found.since, found.basis[:5]) == (20240101, "民事诉讼法")


def test_amendment_is_the_next_version_from_its_day_on() -> None:
    new = load(amended(installed.law_texts(), "nodes-2026.toml", AMENDMENT))
    before, after = new.rule("national", 2, "", 20260531), new.rule("local-a", 2, "", 20260601)
    assert before is not None
    assert after is not None
    assert (before.limit, before.until, after.limit) == ((7, "days"), 20260531, (3, "days"))


def test_complete_file_takes_the_place_of_its_kind() -> None:
    texts = installed.law_texts()
    for name in NAMES:
        assert amended({**texts, name: ""}, "new.toml", texts[name]) == texts


@pytest.mark.parametrize(("name", "text"), [("x.toml", "["), ("x.toml", "a = 1"), ("nodes.toml", AMENDMENT)])
def test_file_of_no_kind_is_refused(name: str, text: str) -> None:
    with pytest.raises(LawError, match=name):
        amended(installed.law_texts(), name, text)


def test_the_other_way_of_selling_is_amended_alone() -> None:
    variant = """
profile = "national"
effective_from = 2026-01-01
[[variant]]
node = 23
route = "traditional"
limit = { days = 45 }
basis = "an example"
status = "own"
"""
    new = load(amended(installed.law_texts(), "x.toml", variant))
    found = [new.rule("national", 23, "traditional", day) for day in (20251231, 20260101)]
    assert [(one.limit, one.since) if one else None for one in found] == [
        ((60, "days"), 20220410),
        ((45, "days"), 20260101),
    ]
    online = new.rule("national", 23, "online", 20260101)
    assert online is not None
    assert online.limit == (30, "days")


@pytest.mark.parametrize("name", ["x.toml", "nodes.toml"])
def test_file_that_is_nested_without_end_is_a_mistake_like_another(name: str) -> None:
    with pytest.raises(LawError, match=name):
        amended(installed.law_texts(), name, "a = " + "[" * 100_000)
    with pytest.raises(LawError, match=name):
        load({**installed.law_texts(), name: "a = " + "[" * 100_000})


def test_amendment_of_no_node_is_refused() -> None:
    texts = amended(installed.law_texts(), "x.toml", AMENDMENT.replace("number = 2", "number = 99"))
    with pytest.raises(LawError, match="node 99: not a node of the national file"):
        load(texts)


def test_profile_has_its_own_rules_and_the_national_ones_else() -> None:
    def limit(profile: str, number: int) -> tuple[int, str] | None:
        rule = law().rule(profile, number, "", 20260101)
        assert rule is not None
        return rule.limit

    assert (limit("local-a", 1), limit("national", 1), limit("local-b", 1)) == (
        (3, "days"),
        (7, "days"),
        (7, "days"),
    )
    assert (limit("local-b", 32), limit("national", 32)) == ((60, "days"), None)


def test_profile_without_a_day_of_its_own_is_in_force_with_the_national_rule() -> None:
    assert law().rule("local-a", 1, "", 20220409) is None
    assert law().versions["local-a", 1, ""][0].since == 20220410


def test_nodes_of_one_way_of_selling_are_of_that_way_only() -> None:
    assert law().routes("national", 22) == ("traditional",)
    assert law().routes("national", 23) == ("online", "traditional")
    assert law().routes("national", 1) == ("",)


def test_term_is_that_of_its_day() -> None:
    def months(day: int) -> int:
        term = law().term("deposit", day)
        assert term is not None
        return term.months

    assert (months(20150203), months(20150204)) == (6, 12)
    assert law().term("deposit", 20041231) is None


def test_closed_list_has_every_event_and_the_completion_of_every_node_that_can_be_done() -> None:
    known: Law = law()
    assert {"application_received", "corrected", "filing", "archiving", "with_property"} <= set(known.events)
    assert not {"sealing", "deposit_freeze", "online_inquiry_count"} & set(known.events)
    assert known.events["online_inquiry"].by == ("court", "follower")
    assert known.events["filing"].by == ("court",)
