"""Table: what may stand in a table, and that every getter goes on after a mistake."""

import pytest

from tracker.rules.rule import Limit
from tracker.rules.table import Faults, Table


def read(text: str) -> tuple[Table, list[str]]:
    faults = Faults()
    return faults.document("x.toml", text), faults.lines


def test_right_table_has_no_faults() -> None:
    table, faults = read(
        'a = "x"\nb = 3\nc = { days = 7 }\nd = 2022-04-10\ne = ["x"]\nf = [3, 1]\n[[g]]\nh = 1\n'
    )
    assert table.text("a") == "x"
    assert table.integer("b", 1, 5) == 3
    assert table.limit("c") == Limit(7, "days")
    assert table.day("d", 0) == 20220410
    assert table.words("e", ("x", "y")) == ("x",)
    assert table.integers("f", 0, 5) == (3, 1)
    assert [row.integer("h", 0, 2) for row in table.rows("g")] == [1]
    table.done()
    assert faults == []


def test_every_fault_names_place_value_and_what_is_allowed() -> None:
    table, faults = read('a = 1\nb = 9\nc = { days = 0 }\nd = 5\ne = ["z"]\nf = []\ng = 1\nh = 1\nk = "q"\n')
    table.text("a")
    table.integer("b", 1, 5)
    table.limit("c")
    table.day("d", 0)
    table.words("e", ("x", "y"))
    table.integers("f", 0, 5)
    assert list(table.rows("g")) == []
    table.table("m")
    table.choice("k", ("x", "y"))
    table.done()
    assert faults == [
        "x.toml: a: 1 given, a text of at most 1000 characters needed",
        "x.toml: b: 9 given, 1 to 5 allowed",
        "x.toml: c: days: 0 given, 1 to 3660 allowed",
        "x.toml: d: 5 given, a date such as 2022-04-10 needed",
        "x.toml: e: 'z' given, one of x, y needed",
        "x.toml: f: [] given, a list of numbers needed",
        "x.toml: g: 1 given, a list of tables needed",
        "x.toml: m: missing",
        "x.toml: k: 'q' given, one of x, y needed",
        "x.toml: h: unknown field",
    ]


@pytest.mark.parametrize(
    "limit", ["{}", "{ days = 1, months = 1 }", "{ weeks = 1 }", "7", '{ days = "7" }', "{ days = 1, x = 2 }"]
)
def test_limit_has_one_unit_and_nothing_else(limit: str) -> None:
    table, faults = read(f"a = {limit}")
    table.limit("a")
    assert faults


def test_text_that_is_no_toml_is_an_empty_table_with_a_fault() -> None:
    table, faults = read("[")
    assert table.text("a", "nothing") == "nothing"
    assert len(faults) == 1


def test_long_values_are_shown_short() -> None:
    table, faults = read(f'a = ["{"x" * 500}"]')
    table.text("a")
    assert len(faults[0]) < 140
