"""What of a name counts: the compiled folding."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.screening._names import Folding
from blacklist.screening.folding import folding, table


def fold(name: str) -> str:
    return folding().folded(name.encode()).decode()


@pytest.mark.parametrize(
    "names",
    [
        ("张三", "張三", "张 三", "张\u3000三", "\ufeff张三"),
        ("买买提·吐尔逊", "买买提•吐尔逊", "买买提・吐尔逊", "買買提吐爾遜", "买买提.吐尔逊"),
        ("某某（北京）有限公司", "某某(北京)有限公司"),
        ("ANNA SMITH", "anna smith", "Ａｎｎａ　Ｓｍｉｔｈ"),
    ],
)
def test_ways_to_write_one_name_are_one(names: tuple[str, ...]) -> None:
    assert len({fold(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("张三", "张山"), ("张三", "三张"), ("𠮷田", "吉田"), ("李四", "李四四")]
)
def test_other_names_stay_others(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_name_of_nothing_seen_folds_to_nothing() -> None:
    assert fold(" \u3000·\u200b") == ""


@settings(deadline=None)
@given(name=st.text(max_size=60))
def test_folding_twice_changes_nothing_more(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@settings(deadline=None)
@given(name=st.binary(max_size=40))
def test_bytes_are_folded_exactly_when_python_reads_them_as_utf8(name: bytes) -> None:
    try:
        name.decode()
    except UnicodeDecodeError:
        with pytest.raises(ValueError, match="not UTF-8"):
            folding().folded(name)
    else:
        folding().folded(name)


def test_name_beyond_the_contract_is_refused() -> None:
    assert folding().folded(b"a" * 256) == b"a" * 256
    with pytest.raises(ValueError, match="257 bytes given, at most 256"):
        folding().folded(b"a" * 257)


def test_longest_name_that_grows_fits() -> None:
    # U+023A folds from two bytes to three.
    assert len(folding().folded("\u023a".encode() * 128)) == 384


def test_table_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="131070 bytes given, 131072"):
        Folding(table()[:-2])


def test_table_that_makes_surrogates_is_refused() -> None:
    wrong = bytearray(table())
    wrong[2 * 0x41 : 2 * 0x41 + 2] = b"\x00\xd8"
    with pytest.raises(ValueError, match="no surrogate"):
        Folding(bytes(wrong))
