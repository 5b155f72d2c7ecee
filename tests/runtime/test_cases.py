"""A case number has one spelling, and it has it at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.cases import normal


@pytest.mark.parametrize(
    "spelled",
    [
        "(2026)京0105执1号",
        "（2026）京0105执1号",
        "〔2026〕京0105执1号",
        "【2026】京0105执1号",
        "［２０２６］京０１０５执１号",
        " (2026)\u3000京0105 执1号\u00a0",
    ],
)
def test_width_brackets_and_spaces_make_no_other_case(spelled: str) -> None:
    assert normal(spelled) == "(2026)京0105执1号"


def test_another_number_is_another_case() -> None:
    assert normal("(2026)京0105执1号") != normal("(2026)京0105执11号")
    assert normal("\u3000 ") == ""


@given(st.text(max_size=40))
def test_normal_form_stays_and_is_never_longer(text: str) -> None:
    once = normal(text)
    assert normal(once) == once
    assert len(once) <= len(text)
