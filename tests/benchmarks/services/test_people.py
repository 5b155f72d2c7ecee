"""People by the million: the same as one by one."""

import numpy as np

from benchmarks.services.people import LISTED_EVERY, innocent, listed, message, names_of, rows
from benchmarks.subjects import SUBJECT_COUNT, subject
from chakong.blacklist.v1 import screening_pb2

PERSONS = np.array([0, 1, 23, 24, 25, 12_345_678, SUBJECT_COUNT - 1])


def test_message_is_what_the_stubs_would_make() -> None:
    expected = screening_pb2.ScreenBulkRequest(subjects=[subject(int(one)) for one in PERSONS], tag=5)
    assert message(PERSONS, tag=5) == expected.SerializeToString()


def test_message_may_give_other_names() -> None:
    asked = screening_pb2.ScreenBulkRequest.FromString(message(PERSONS[:2], names_of(PERSONS[2:4])))
    assert [one.name for one in asked.subjects] == [subject(int(one)).name for one in PERSONS[2:4]]


def test_every_24th_person_is_listed_and_the_others_are_innocent() -> None:
    both = np.concatenate((listed(10), innocent(230)))
    assert sorted(both.tolist()) == list(range(10 * LISTED_EVERY))
    assert innocent(5, 100).tolist() == innocent(105)[100:].tolist()


def test_rows_are_those_of_the_listed() -> None:
    made = list(rows(3, 7))
    assert [(one[1].decode(), one[2], one[3]) for one in made] == [
        (subject(entry * 24).id_number, subject(entry * 24).name, entry + 1) for entry in (7, 8, 9)
    ]
