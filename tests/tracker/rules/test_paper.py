"""Paper: tables made from the rules, and laid between their marks."""

import pytest

from tests.tracker.rules.build import changed, law
from tracker.rules import paper


def lines(table: str) -> list[str]:
    return table.splitlines()[2:]


def test_table_of_nodes_has_every_node_and_both_ways_of_selling() -> None:
    found = lines(paper.node_table(law()))
    assert len(found) == 39
    assert found[0] == (
        "| 1 | filing 立案审查 | Filing review and case registration | duty | case | application_received "
        "| 7 days | 执行工作若干问题的规定 (2020) art 16 | read |"
    )
    assert sum("second_auction 启动二拍" in line for line in found) == 2


def test_limits_are_told_in_words() -> None:
    assert paper.limits(law().nodes[31]) == (
        "6 months; no court's title 3 months; extension by the president 3 months; "
        "stopped by excluded periods"
    )
    assert paper.limits(law().nodes[9]) == "7 days; urgent 3 days"
    assert paper.limits(law().nodes[15]) == "at most 12 months"
    assert paper.limits(law().nodes[35]) == "not before 3 months"
    assert paper.limits(law().nodes[7]) == "-"


def test_profiles_show_what_differs_and_nothing_else() -> None:
    found = lines(paper.profile_table(law()))
    assert [line.split("|")[2].strip() for line in found] == [
        "1 filing",
        "4 online_inquiry",
        "31 closing",
        "6 traditional_inquiry_done",
        "28 payment_opened",
        "32 archiving",
    ]


def test_other_tables_have_their_rows() -> None:
    assert [
        len(lines(table(law()))) for table in (paper.term_table, paper.period_table, paper.check_table)
    ] == [8, 6, 13]


def test_tables_are_laid_between_their_marks() -> None:
    text = "# A\n<!-- nodes -->\nold\n<!-- /nodes -->\nend\n"
    laid = paper.laid_into(text, law())
    assert laid.startswith("# A\n<!-- nodes -->\n| no | node |")
    assert laid.endswith("|\n<!-- /nodes -->\nend\n")
    assert paper.laid_into(laid, law()) == laid
    other = changed("nodes.toml", "limit = { days = 7 }", "limit = { days = 8 }")
    assert paper.laid_into(laid, other) != laid


def test_mark_without_its_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="<!-- /nodes --> is missing"):
        paper.laid_into("<!-- nodes -->", law())
