"""Lines are read one by one: a bad one is told by number and field and harms no other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.importing import COLUMNS, LINE_BYTES_MAX, HeadingError, Lines, Refused
from blacklist.model import Circumstance, Draft, Kind
from tests.blacklist.build import draft, person

COURTS = {"京0105"}
HEADING = ",".join(COLUMNS).encode()
GOOD = {
    "kind": "listed",
    "id_type": "resident_id",
    "id_number": person().id_number,
    "name": person().name,
    "court": "京0105",
    "case_number": "(2026)京0105执1号",
    "instrument": "之一",
    "officer": "officer-1",
    "ground": "evasion",
    "since": "2026-11-01",
}


def of_json(**changes: object) -> Draft | Refused:
    line = json.dumps(GOOD | changes).encode()
    ((_, found),) = Lines(COURTS, is_csv=False).read([line])
    return found


def of_csv(*lines: bytes) -> list[tuple[int, Draft | Refused]]:
    return list(Lines(COURTS, is_csv=True).read([HEADING, *lines]))


def csv_line(**changes: str) -> bytes:
    return ",".join((GOOD | changes).values()).encode()


def test_both_forms_say_the_same() -> None:
    assert of_json() == draft()
    assert of_csv(csv_line()) == [(2, draft())]


def test_case_of_a_line_has_one_spelling_and_that_of_the_file_is_told() -> None:
    spelled = " （2026）京0105执１号"
    assert of_json(case_number=spelled) == draft(spelled_case=spelled)


def test_optional_columns_are_read() -> None:
    found = of_json(
        kind="restricted",
        ground="",
        birth_date="19800101",
        circumstances="adequate_security_given",
        approved_by="p",
    )
    assert isinstance(found, Draft)
    assert found.kind is Kind.RESTRICTED
    assert found.circumstances == {Circumstance.ADEQUATE_SECURITY_GIVEN}
    assert (found.birth_date, found.approved_by) == (19800101, "p")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id_number": "110105198001010011"}, "id_number"),
        ({"id_type": "driving_licence"}, "id_number"),
        ({"name": ""}, "name"),
        ({"kind": "derived"}, "kind"),
        ({"since": "2026-13-01"}, "since"),
        ({"since": ""}, "since"),
        ({"since": "19600101"}, "since"),
        ({"birth_date": "x"}, "birth_date"),
        ({"court": "c" * 33}, "court"),
        ({"court": "京0199"}, "court"),
        ({"officer": "a\u0007"}, "officer"),
        ({"circumstances": "poor"}, "circumstances"),
        ({"nickname": "x"}, "line"),
        ({"name": "\ud800"}, "line"),
        ({"name": "张\u0000三"}, "name"),
        ({"since": "1" * 5_000}, "since"),
    ],
)
def test_field_that_is_wrong_is_told_and_not_repeated(changes: dict[str, str], field: str) -> None:
    found = of_json(**changes)
    assert isinstance(found, Refused)
    assert (found.line, found.reason) == (1, field)
    assert person().name not in found.text
    assert "110105198001010011" not in found.text


def test_nothing_is_as_if_the_field_were_left_out_and_no_name_or_mandate() -> None:
    nameless = of_json(name=None)
    assert isinstance(nameless, Refused)
    assert nameless.reason == "name"
    unsigned = of_json(officer=None, birth_date=None)
    assert isinstance(unsigned, Draft)
    assert (unsigned.mandate.officer, unsigned.birth_date) == ("", 0)
    assert of_json(kind=None, since=20261101) == draft()


@pytest.mark.parametrize("value", [True, 1.5, ["officer-1"], {"id": "officer-1"}])
def test_what_is_neither_text_nor_number_is_no_field(value: object) -> None:
    found = of_json(officer=value)
    assert isinstance(found, Refused)
    assert found.reason == "line"


def test_bad_lines_harm_no_others() -> None:
    lines = [
        b'"an open quote,a,b',
        csv_line(),
        b"\xff\xfe,no,utf-8",
        b"too,few",
        b"",
        csv_line(since="soon"),
        b"x" * (LINE_BYTES_MAX + 1),
        csv_line(case_number="2"),
    ]
    found = of_csv(*lines)
    assert [number for number, _ in found] == [2, 3, 4, 5, 7, 8, 9]
    assert [number for number, one in found if isinstance(one, Draft)] == [3, 9]


def test_mark_at_the_beginning_of_a_file_is_passed_over() -> None:
    found = list(
        Lines(COURTS, is_csv=True).read(["\ufeff".encode() + HEADING + b"\r\n", csv_line() + b"\r\n"])
    )
    assert found == [(2, draft())]


@pytest.mark.parametrize("heading", [b"", b"name,court", HEADING + b",nickname", HEADING + b",name", b"\xff"])
def test_heading_must_be_one(heading: bytes) -> None:
    with pytest.raises(HeadingError, match="line 1"):
        list(Lines(COURTS, is_csv=True).read([heading]))


@given(st.binary(max_size=200))
def test_no_line_whatever_it_is_ends_the_reading(line: bytes) -> None:
    for is_csv in (True, False):
        found = list(Lines(COURTS, is_csv=is_csv).read([HEADING, line] if is_csv else [line]))
        assert len(found) <= 1
        assert all(isinstance(one, Refused) for _, one in found)
