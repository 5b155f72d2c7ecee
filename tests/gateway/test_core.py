"""The compiled Engine against the slow model, through the same days.

tests/model/machine.py says what is compared; test_core_*.py have the rules one by one, for both.
"""

import importlib
from typing import TYPE_CHECKING, cast

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.engine import ModelEngine
from tests.model.machine import Machine
from tests.model.side import Side
from tests.model.world import KEY

if TYPE_CHECKING:
    from gateway._core import Engine

EXAMPLES = settings().max_examples * 3 // 2
DAYS = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None, report_multiple_bugs=False)


class CompiledAgainstModel(Machine):
    def sides(self) -> tuple[Side, Side]:
        compiled = importlib.import_module("gateway._core").Engine
        model = cast("Engine", ModelEngine(KEY, unanswered_retry_ns=1))
        return Side(model), Side(compiled(KEY, unanswered_retry_ns=1))


def test_the_compiled_engine_tells_what_the_model_tells() -> None:
    run_state_machine_as_test(CompiledAgainstModel, settings=DAYS)
