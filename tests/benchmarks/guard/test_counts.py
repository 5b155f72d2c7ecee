"""Counts: what of a callgrind profile is ours, and when an Engine is slower."""

import pytest

from benchmarks.guard.counts import by_module, judge

PROFILE = """\
version: 1
positions: line
events: Ir

ob=(1) /usr/lib/libc.so.6
fl=(1) memcpy.S
fn=(1) memcpy
12 1000

ob=(2) /a/gateway/core/route.cpython-311-x86_64-linux-gnu.so
fl=(2) route.c
fn=(2) route_inquiry
10 5
+3 7
cob=(3) /a/gateway/core/book.cpython-311-x86_64-linux-gnu.so
cfn=(3) ticket_new
calls=4 20
* 900
-2 8

ob=(3)
fn=(3)
20 40
cob=(1)
cfn=(1)
calls=2 12
+1 600

ob=(4) /a/simulator/draw.cpython-311-x86_64-linux-gnu.so
fn=(4) draw
1 77
"""


def test_each_module_has_its_own_instructions_and_not_those_it_called() -> None:
    assert by_module(PROFILE.splitlines(keepends=True)) == {"route": 20, "book": 40}


@pytest.mark.parametrize(("now", "is_slower"), [(1000, False), (1019, False), (1050, True), (500, False)])
def test_more_than_two_hundredths_are_slower(now: int, is_slower: bool) -> None:
    (verdict,) = judge({"engine.mixed": now}, {"engine.mixed": 1000})
    assert verdict.is_slower is is_slower


@pytest.mark.parametrize(("now", "baseline"), [({"engine.new": 1}, {}), ({}, {"engine.new": 1})])
def test_a_benchmark_that_only_one_side_knows_is_named(now: dict[str, int], baseline: dict[str, int]) -> None:
    with pytest.raises(LookupError, match=r"engine\.new"):
        judge(now, baseline)
