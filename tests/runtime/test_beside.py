"""What a process asks of the services in it, every service has."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blacklist.serve import Blacklist
from runtime.metrics import Figure
from tests.blacklist.house import config
from tests.patience import DEADLINE_S
from tracker.serve import Tracker

if TYPE_CHECKING:
    from runtime.beside import Beside, MakeBeside


@pytest.mark.parametrize(
    ("make", "service"),
    [(Blacklist, "chakong.blacklist.v1.Listings"), (Tracker, "chakong.tracker.v1.Tracker")],
)
async def test_every_service_of_a_process_can_be_made_and_closed(
    tmp_path: Path, make: "MakeBeside", service: str
) -> None:
    made: Beside = make(config(tmp_path), asyncio.Event())
    assert made.methods.service == service
    assert all(isinstance(figure, Figure) for figure in made.figures())
    await asyncio.wait_for(made.drain(), DEADLINE_S)
    made.close()
