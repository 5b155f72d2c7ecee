"""Strays, in both databases: the last word of each, until somebody registers the case."""

from tests.tracker.world import OURS, Store, case_number, theirs
from tracker.follow.strays import Kind, Stray, Strays

ONE, TWO = case_number(1), case_number(2)


def stray(number: str = ONE, kind: Kind = Kind.ANSWER, inquiry_id: int = 1, body: bytes = b"a") -> Stray:
    return Stray(OURS, number, kind, inquiry_id, body)


def test_the_last_word_is_kept_of_each(store: Store) -> None:
    strays = Strays(store.engine)
    assert strays.keep([stray(), stray(inquiry_id=2), stray(body=b"b")], 5) == set()
    assert strays.keep([stray(inquiry_id=2, body=b"c"), stray(kind=Kind.HOLD), stray(TWO)], 6) == set()
    assert strays.of([(OURS, ONE)]) == [
        stray(body=b"b"),
        stray(inquiry_id=2, body=b"c"),
        stray(kind=Kind.HOLD),
    ]
    strays.forget([(OURS, ONE)])
    assert strays.of([(OURS, ONE), (OURS, TWO)]) == [stray(TWO)]


def test_what_belongs_to_a_registered_case_is_no_stray(store: Store) -> None:
    store.register(1)
    strays = Strays(store.engine)
    assert strays.keep([stray(), stray(TWO)], 5) == {ONE}
    assert strays.of([(OURS, ONE), (OURS, TWO)]) == [stray(TWO)]


def test_a_case_of_another_court_with_the_same_number_keeps_nothing_from_waiting(store: Store) -> None:
    assert store.do(theirs(1))[0].case_no == 1
    strays = Strays(store.engine)
    assert strays.keep([stray()], 5) == set()
    assert strays.of([(OURS, ONE)]) == [stray()]


def test_old_ones_are_forgotten(store: Store) -> None:
    strays = Strays(store.engine)
    strays.keep([stray()], 5)
    strays.keep([stray(TWO)], 7)
    strays.forget_before(6)
    assert strays.of([(OURS, ONE), (OURS, TWO)]) == [stray(TWO)]
    assert strays.of([]) == []
