"""What Prometheus is told: names and labels that it may be told, and figures that follow what was done."""

from pathlib import Path

from prometheus_client import generate_latest

from runtime.metrics import Metrics
from tests.tracker.calling import open_house
from tests.tracker.world import OURS, case_number, registration


async def test_figures_follow_what_was_done(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        await house.call("RegisterCase", registration(1))
        wrong = registration(2)
        wrong.case.case_number = ""
        await house.refused("RegisterCase", wrong)
        house.alone.service.series.take(1)
        metrics = Metrics()
        metrics.figures(house.alone.service.figures)
        text = generate_latest(metrics.registry).decode()
    lines = set(text.splitlines())
    assert 'chakong_tracker_works_total{state="done"} 1.0' in lines
    assert 'chakong_tracker_works_total{state="repeated"} 1.0' in lines
    assert 'chakong_tracker_calls_total{method="RegisterCase"} 3.0' in lines
    refused = 'chakong_tracker_calls_refused_total{code="INVALID_ARGUMENT",method="RegisterCase"} 1.0'
    assert refused in lines
    assert 'chakong_tracker_nodes{state="done"} 1.0' in lines
    assert "chakong_tracker_available 1.0" in lines
    assert OURS not in text
    assert case_number(1) not in text
