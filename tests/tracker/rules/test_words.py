"""Words: every event that the rules know by name is in the installed law."""

from tests.tracker.rules.build import law
from tracker.rules import details, life, words


def test_events_that_the_rules_name_are_in_the_closed_list() -> None:
    named = {
        *words.COMES_AFTER,
        *words.COMES_AFTER.values(),
        *words.FOLLOWED,
        *details.MAY_SAY,
        *details.MUST_SAY,
        *life.AFTER_CLOSING,
    }
    assert named - set(law().events) == set()


def test_way_of_ending_for_now_is_one_of_closing() -> None:
    assert words.ENDED_FOR_NOW in words.MANNERS
