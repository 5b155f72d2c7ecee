"""One call per query, small, with its processes."""

from pathlib import Path

from benchmarks.peers.reach import Reach, bits
from benchmarks.peers.rpc_per_query import rpc_per_query, scopes
from tests.benchmarks.peers.worlds import DIRECTORY


async def test_figure_comes_with_right_answers(tmp_path: Path) -> None:
    assert await rpc_per_query(250, tmp_path, channel_count=2, in_flight_max=16) > 0
    assert (tmp_path / "peers-gateway.log").read_text() == "ready way=rpc\n"


def test_scopes_name_so_many_institutions_that_can_be_inquired_of() -> None:
    found = scopes(250)
    assert [len(scope.institutions) for scope in found] == [100, 100, 50]
    assert bits(index for scope in found for index in scope.institutions) & ~Reach(DIRECTORY).capable == 0
    assert sum(len(scope.institutions) for scope in scopes(9_999)) == 9_999
