"""Pages have their size, follow each other, and are of their question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.rpc import pages
from chakong.blacklist.v1.listings_pb2 import ListListingsRequest
from runtime.errors import InvalidError
from runtime.requests import page_token


@given(st.integers(0, 12), st.integers(1, 5))
def test_pages_give_every_row_once(count: int, size: int) -> None:
    rows, token = list(range(1, count + 1)), ""
    given_rows: list[int] = []
    for _ in range(count + 1):
        page = pages.asked(ListListingsRequest(page_size=size, page_token=token), "court", 1)
        after = [row for row in rows if row > page.position]
        shown, token = page.cut(after[: page.limit], lambda row: row)
        given_rows += shown
        if not token:
            break
    assert given_rows == rows


def test_size_has_a_default_and_a_limit() -> None:
    assert pages.asked(ListListingsRequest(), "q").limit == 101
    with pytest.raises(InvalidError, match="page_size"):
        pages.asked(ListListingsRequest(page_size=1_001), "q")


@pytest.mark.parametrize("token", [page_token(b"other", 1), page_token(b"court\x001", 2**63)])
def test_token_of_another_question_or_of_no_row_is_refused(token: str) -> None:
    with pytest.raises(InvalidError, match="page_token"):
        pages.asked(ListListingsRequest(page_token=token), "court", 1)
