"""The page on the tracker: its tables are what the law makes them, and every call is on it."""

import re

import pytest

from chakong.tracker.v1 import tracker_pb2
from runtime.data import law_texts
from tests.docs.papers import prose, text
from tracker.rules import paper
from tracker.rules.law import load

PAGE = "docs/tracker.md"
TABLES = {
    "nodes": paper.node_table,
    "profiles": paper.profile_table,
    "terms": paper.term_table,
    "periods": paper.period_table,
    "checks": paper.check_table,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_the_law_makes_it(name: str) -> None:
    written = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", text(PAGE), re.DOTALL)
    assert written is not None
    assert written[1].strip() == TABLES[name](load(law_texts())).strip()


def test_every_call_is_mentioned() -> None:
    methods = {method.name for method in tracker_pb2.DESCRIPTOR.services_by_name["Tracker"].methods}
    assert methods <= set(re.findall(r"`(\w+)`", prose(PAGE)))
