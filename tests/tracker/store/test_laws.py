"""Versions of the law in the database: the first is adopted once, the last is in force."""

import pytest

from runtime.data import law_texts
from tests.tracker.world import NOW_NS, Store
from tracker.rules import law
from tracker.rules.law import LawError
from tracker.store.head import read_head, writing
from tracker.store.laws import ALL_CASES, adopt, adopt_first, judge_of, texts_of


def test_the_installed_law_is_adopted_once(store: Store) -> None:
    with writing(store.engine) as connection:
        assert adopt_first(connection, {}, NOW_NS) == store.version
        assert read_head(connection).law_id == 1
        assert texts_of(connection, 1) == law_texts()
        assert judge_of(connection, 1).law.version == store.version


def test_a_later_law_is_in_force(store: Store) -> None:
    texts = {**law_texts(), "terms.toml": law_texts()["terms.toml"] + "\n# another text\n"}
    with writing(store.engine) as connection:
        number = adopt(connection, texts, law.load(texts), NOW_NS, recomputed_to=ALL_CASES)
        assert (number, read_head(connection).law_id) == (2, 2)
        assert adopt_first(connection, {}, NOW_NS) != store.version


def test_texts_with_a_mistake_are_not_adopted() -> None:
    with pytest.raises(LawError):
        law.load({**law_texts(), "nodes.toml": "[[node]]\nnumber = 99\n"})
