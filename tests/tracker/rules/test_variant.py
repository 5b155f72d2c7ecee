"""Variant: 32 bits there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.variant import (
    ENDING,
    EXTENSION_MAX,
    NON_LITIGATION,
    PROFILE_MASK,
    TOLD,
    UNSURE,
    URGENT,
    Variant,
    pack,
    unpack,
)

FLAGS = (URGENT, NON_LITIGATION, ENDING, TOLD, UNSURE)


@given(
    st.integers(0, PROFILE_MASK),
    st.integers(0, 2),
    st.sets(st.sampled_from(FLAGS)),
    st.integers(0, EXTENSION_MAX),
)
def test_what_is_packed_is_unpacked(profile: int, route: int, flags: set[int], extension: int) -> None:
    variant = Variant(profile, route, sum(flags), extension)
    assert unpack(pack(variant)) == variant
    assert 0 <= pack(variant) < 1 << 32


@pytest.mark.parametrize(
    "variant", [Variant(PROFILE_MASK + 1), Variant(0, extension=EXTENSION_MAX + 1), Variant(-1)]
)
def test_what_does_not_fit_is_refused(variant: Variant) -> None:
    with pytest.raises(ValueError, match="at most 1023 and 255"):
        pack(variant)
