"""The batching gateway, small, with its processes."""

from pathlib import Path

import pytest

from benchmarks.peers.asyncio_batching import asyncio_batching


@pytest.mark.parametrize("is_per_institution", [False, True])
async def test_figure_comes_with_right_answers(tmp_path: Path, is_per_institution: bool) -> None:
    assert await asyncio_batching(3, tmp_path, is_per_institution=is_per_institution) > 0
    assert "ready way=batching" in (tmp_path / "peers-gateway.log").read_text()
