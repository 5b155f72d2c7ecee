"""The law by its number: read once, and the newest is found."""

from runtime.data import law_texts
from tests.tracker.world import NOW_NS, Store
from tracker.rpc.lawyer import Lawyer
from tracker.rules import law
from tracker.store.head import writing
from tracker.store.laws import ALL_CASES, adopt


def test_a_law_is_read_once(store: Store) -> None:
    lawyer = Lawyer(store.engine)
    first = lawyer.ruling(1)
    assert lawyer.latest() is first
    assert first.law.version == store.version
    texts = {**law_texts(), "terms.toml": law_texts()["terms.toml"] + "\n# another\n"}
    with writing(store.engine) as connection:
        adopt(connection, texts, law.load(texts), NOW_NS, recomputed_to=ALL_CASES)
    assert lawyer.latest() is not first
    assert lawyer.ruling(1) is first
