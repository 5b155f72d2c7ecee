"""Rows go into the tables and come back as they were."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from blacklist.model import Circumstance, Deed, Kind, Listing
from blacklist.store.rows import KINDS, entry_row, insert_rows, listing_of, listing_query, listing_row
from blacklist.store.tables import ENTRIES, LISTINGS
from tests.blacklist.build import FIRM, listing

KNOWN: dict[str, Any] = {"circumstances": frozenset(Circumstance), "approved_by": "president"}


@pytest.mark.parametrize("count", [1, 40])
def test_listing_comes_back_as_it_went_in(engine: Engine, count: int) -> None:
    made = [listing(FIRM, listing_id=number, extended_months=12, **KNOWN) for number in range(1, count + 1)]
    with engine.begin() as connection:
        acts = [(bytes([number]) * 16, b"d" * 16) for number in range(count)]
        rows = [listing_row(one, 5, "o", one.listing_id, act) for one, act in zip(made, acts, strict=True)]
        insert_rows(connection, LISTINGS, rows)
        insert_rows(connection, ENTRIES, [entry_row(one, one.listing_id, Deed.LIST, 5) for one in made])
        found = connection.execute(listing_query().order_by(LISTINGS.c.listing_id))
        assert [listing_of(row) for row in found] == made


@pytest.mark.parametrize("count", [1, 40])
def test_rows_that_are_refused_are_an_error_of_the_database_that_quotes_none(
    engine: Engine, count: int
) -> None:
    rows = [entry_row(listing(), 1, Deed.LIST, 5)] * 2 * count
    with pytest.raises(SQLAlchemyError) as raised, engine.begin() as connection:
        insert_rows(connection, ENTRIES, rows)
    assert listing().subject.id_number not in str(raised.value)
    assert listing().subject.name not in str(raised.value)


def test_rows_have_the_columns_of_their_tables() -> None:
    given: Listing = listing()
    assert len(listing_row(given, 5, "o", 1, (b"a", b"b"))) == len(LISTINGS.columns)
    assert len(entry_row(given, 1, Deed.LIST, 5)) == len(ENTRIES.columns)


def test_listing_implies_restriction_and_not_the_reverse() -> None:
    assert KINDS[Kind.LISTED] == 3
    assert KINDS[Kind.RESTRICTED] == 2
    assert KINDS[Kind.DERIVED] == 6
