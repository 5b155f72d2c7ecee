"""Still: what was there is put aside once, before it changes; nothing newer, and nothing that is written."""

from gateway.holds.model import Claim, Hold, Origin, Property, Sighting, Subject
from gateway.holds.still import Still

PLACE = Property(1, 1, "a", "personal", "")
WHO = Subject(1, "1", "n")


def hold(hold_id: int, claim: int) -> Hold:
    origin = Origin(hold_id, claim, 0, 1, PLACE, WHO, False, b"", "", 12, 5, False, 0, -1, 0)
    return Hold(origin, 1, waits=False)


def still() -> Still:
    return Still(step_seq=9, stamp=3, now_ns=1, next_id=10, next_claim=4, cursors={})


def test_the_first_version_counts() -> None:
    one = still()
    first, second = hold(5, 2), hold(5, 2)
    one.hold(first)
    one.hold(second)
    assert one.holds == {5: first}
    claims = Claim(2, 1), Claim(2, 2)
    for claim in claims:
        one.claim(claim)
    assert one.claims == {2: claims[0]}


def test_what_is_newer_or_written_is_not_put_aside() -> None:
    one = still()
    one.written(1, [])
    one.hold(hold(5, 1))
    one.claim(Claim(1, 1))
    one.claim(Claim(4, 1))
    one.sighted(1, {}, {})
    one.message(1, 5, b"m")
    one.message(2, 10, b"m")
    assert (one.holds, one.claims, one.found, one.messages) == ({}, {}, {}, {})


def test_what_was_found_is_put_aside_as_it_is() -> None:
    one = still()
    seen = Sighting(PLACE, 0, 1, 5, 5, 1)
    sightings, ambiguous = {(0, 1, 1, "a"): seen}, {(0, 1): 1}
    one.sighted(2, sightings, ambiguous)
    sightings.clear()
    ambiguous.clear()
    assert one.found == {2: ({(0, 1, 1, "a"): seen}, {(0, 1): 1})}


def test_what_is_written_takes_no_room() -> None:
    one = still()
    one.hold(hold(5, 2))
    one.hold(hold(6, 3))
    one.claim(Claim(2, 1))
    one.sighted(2, {}, {})
    one.written(2, [5])
    assert list(one.holds) == [6]
    assert (one.claims, one.found) == ({}, {})
