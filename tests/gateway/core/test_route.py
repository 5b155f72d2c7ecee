"""Route: what joins, in bounded time, whatever a court sends. Rules: tests/gateway/test_core_dedup.py."""

import time

from chakong.gateway.v1 import gateway_pb2 as gateway
from tests.gateway.core.house import desk, settle_to_the_end
from tests.model.world import BANK, FIRST, HOUSE_UNIT, HUB, SECOND, SMALL, inquiry, only, person

COUNT = 8000


def test_a_court_that_asks_of_one_person_in_thousands_of_ways_does_not_hold_up_the_others() -> None:
    """Each inquiry of the second frame would look at every question of the first, and find none to join."""
    at = desk()
    at.submit(*[inquiry(f"a{n}", scope=only(FIRST), items=[1], freshness_s=0) for n in range(COUNT)])
    again = [inquiry(f"b{n}", scope=only(SECOND, HOUSE_UNIT), items=[2, 6 + n % 2]) for n in range(COUNT)]
    checked = at.check(*again)
    assert checked.accepted == COUNT
    began = time.perf_counter()
    at.admit(checked)
    assert time.perf_counter() - began < 5
    settle_to_the_end(at)
    assert at.engine.stats()["inquiries_final"] == 2 * COUNT


def test_a_long_chain_of_one_frame_is_joined_all_the_same_in_the_next() -> None:
    at = desk()
    at.submit(*[inquiry(f"a{n}", scope=only(FIRST), items=[1 + n % 5], freshness_s=0) for n in range(500)])
    at.submit(inquiry("b", scope=only(FIRST), items=[3]))
    assert at.engine.stats()["queries_joined"] == 1


def test_a_whole_log_and_its_rest_are_asked_once_each() -> None:
    """What is asked of some in lanes is joined, and only the others are asked again."""
    at = desk()
    at.submit(inquiry("some", scope=only(FIRST, BANK)))
    at.submit(inquiry("all"))
    at.submit(inquiry("banks", scope=gateway.Scope(reach=gateway.REACH_BANKS)))
    asked = sorted(pair for sent in at.take() for pair in sent.asked())
    assert len(asked) == len({one for _, one in asked}) == 6
    assert [one for case, one in asked if case == "case some"] == [BANK, FIRST]
    assert not [one for case, one in asked if case == "case banks"]


def test_notes_reach_exactly_those_whose_answers_are_shared() -> None:
    at = desk()
    at.submit(inquiry("a", scope=only(FIRST, SECOND)))
    at.submit(inquiry("b", scope=only(SECOND, SMALL)))
    noted = [pair for sent in at.take() if sent.batch.endpoint == HUB for pair in sent.noted()]
    assert noted == [("case b", SECOND)]


def test_the_longest_names_and_numbers_are_told_apart() -> None:
    at = desk()
    subjects = [person(0, "名" * 85 + last) for last in ("a", "b")]
    at.submit(*[inquiry(f"o{n}", subject, scope=only(BANK)) for n, subject in enumerate(subjects)])
    assert at.engine.stats()["queries_joined"] == 0


def test_everybody_the_banks_and_the_units_are_one_question_each() -> None:
    at = desk()
    for number, reach in enumerate([gateway.REACH_ALL, gateway.REACH_BANKS, gateway.REACH_UNITS], 1):
        at.submit(inquiry(f"o{number}", person(number), scope=gateway.Scope(reach=reach)))
        assert at.engine.stats()["asks"] == number


def test_what_a_joined_inquiry_leaves_is_asked_by_whole_sets() -> None:
    """The units were asked before; the rest of everybody is the banks."""
    at = desk()
    at.submit(inquiry("a", scope=gateway.Scope(reach=gateway.REACH_UNITS)))
    at.submit(inquiry("b"))
    assert at.engine.stats()["asks"] == 2
