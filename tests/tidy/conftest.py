"""Parsed files are kept while these tests run: millions of nodes, and no garbage before the last test."""

import gc
from collections.abc import Iterator

import pytest

from tests.tidy.house import forget_trees


@pytest.fixture(scope="package", autouse=True)
def nothing_is_garbage() -> Iterator[None]:
    """Looking for cycles in the trees takes longer than parsing; they go when the tests are over."""
    gc.disable()
    try:
        yield
    finally:
        forget_trees()
        gc.enable()
