"""Records of a case's nodes: the same after packing and unpacking, one at a time and as columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracker.store.standing import RECORD, Kept, pack, unpack

U16 = st.integers(0, 2**16 - 1)
U32 = st.integers(0, 2**32 - 1)
NODES = st.builds(
    Kept,
    number=st.integers(1, 37),
    state=st.integers(1, 3),
    flags=U16,
    thing=st.sampled_from(["", "p-1", "房产", "c 2"]),
    start=U32,
    due=U32,
    amber=U32,
    red=U32,
    done=U32,
    origin_id=U32,
    stopped_days=U16,
    variant=U32,
)


@given(st.lists(NODES, max_size=8))
def test_what_is_packed_is_unpacked(nodes: list[Kept]) -> None:
    assert unpack(pack(nodes)) == nodes


@given(st.lists(NODES, min_size=1, max_size=8))
def test_columns_are_the_same_bytes(nodes: list[Kept]) -> None:
    records = np.frombuffer(pack(nodes).records, RECORD)
    for name in set(RECORD.names or ()) - {"thing"}:
        assert records[name].tolist() == [getattr(node, name) for node in nodes]
