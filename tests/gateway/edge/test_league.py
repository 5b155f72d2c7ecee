"""League: the slowest first."""

from gateway.edge.league import League, Place

MS = 1_000_000


def test_the_slowest_median_comes_first_and_those_without_replies_last() -> None:
    league = League(4)
    for reply_ms in (10, 10, 10, 900):
        league.replied(1, reply_ms * MS)
    for _ in range(4):
        league.replied(2, 50 * MS)
    league.replied(3, 10 * MS)
    places = league.slowest(3)
    assert [place.endpoint for place in places] == [2, 1, 3]
    assert [place.endpoint for place in league.slowest(10)] == [2, 1, 3, 0]


def test_those_in_trouble_come_first_with_or_without_replies() -> None:
    league = League(4)
    for endpoint, reply_ms in enumerate((5, 50, 20)):
        league.replied(endpoint, reply_ms * MS)
    assert [place.endpoint for place in league.slowest(4, {0, 3})] == [0, 3, 1, 2]
    assert [place.endpoint for place in league.slowest(1, {3})] == [3]


def test_a_place_tells_median_and_tail_in_milliseconds() -> None:
    league = League(1)
    assert league.place(0) == Place(0, 0, 0.0, 0.0)
    for _ in range(98):
        league.replied(0, 20 * MS)
    for _ in range(2):
        league.replied(0, 3_000 * MS)
    place = league.place(0)
    assert place.replies == 100
    assert 20 <= place.reply_ms_p50 <= 22.5
    assert 3_000 <= place.reply_ms_p99 <= 3_375
