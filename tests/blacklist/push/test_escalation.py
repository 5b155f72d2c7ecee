"""Late units stand in the log once a day, without a word about anybody."""

import logging

import pytest

from blacklist.push.deadlines import Standing
from blacklist.push.escalation import Escalation
from blacklist.push.marks import Mark
from runtime.logs import JsonFormatter

LATE = Standing("railway", Mark(7), 3, 5, 2, 20261120, 1)
IN_TIME = Standing("moe", Mark(9), 3, 1, 0, 20261130)


def test_late_unit_is_logged_once_a_day(caplog: pytest.LogCaptureFixture) -> None:
    escalation = Escalation()
    with caplog.at_level(logging.WARNING):
        escalation.look([LATE, IN_TIME], 20261123)
        escalation.look([LATE, IN_TIME], 20261123)
        assert len(caplog.records) == 1
        escalation.look([LATE, IN_TIME], 20261124)
    assert len(caplog.records) == 2
    assert [one.unit for one in escalation.late] == ["railway"]
    shown = JsonFormatter().format(caplog.records[0])
    assert '"unit": "railway"' in shown
    assert '"overdue_count": 2' in shown
    assert "withheld" not in shown


def test_unit_that_catches_up_is_late_no_more(caplog: pytest.LogCaptureFixture) -> None:
    escalation = Escalation()
    escalation.look([LATE], 20261123)
    escalation.look([Standing("railway", Mark(9), 3)], 20261123)
    assert escalation.late == []
    assert len(caplog.records) == 1
